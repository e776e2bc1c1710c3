"""The named endpoints, for gradio_client and other programs."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import gradio as gr
from gradio.data_classes import FileData
from gradio_client.utils import is_file_obj_with_meta

import zoo
from studio import blending, service
from studio.compose import QUEUE
from studio.files import fresh_folder
from studio.strings import text


def build() -> None:
    """Adds the endpoints to the surrounding Blocks; /blend where there is a model that blends."""
    gr.api(compose, api_name="compose", **QUEUE)
    if blending.model():
        gr.api(blend, api_name="blend", **QUEUE)


def compose(
    model: str = "lstm",
    style: str = "folk",
    notes: str = "",
    temperature: float = 0.9,
    bars: int = 16,
    seed: int | None = None,
    key: str | None = None,
    meter: str | None = None,
    tempo: float | None = None,
) -> tuple[FileData, FileData | None, dict]:
    """Compose a tune that begins with the given notes.

    model: a name of zoo.list_models(). style: one that the model knows, such as folk, classical, chorale, song or
    jazz. notes: such as 'C4 E4 G4', or empty. temperature: 0 to 2. bars: 1 to 64. seed: a whole number; leave it out
    for a new tune each time. key: such as 'D minor'. meter: such as '6/8'. tempo: 20 to 400 quarter notes a minute.
    Returns a MIDI file, an MP3 file (null where this machine can't make sound; the summary's 'sound' then says why)
    and a summary: model, style, key, meter, tempo, bars, notes, length in seconds, temperature, seed, seconds taken.
    """
    wishes = {
        "style": style, "notes": notes, "temperature": temperature, "bars": bars, "seed": seed, "key": key,
        "meter": meter, "tempo": tempo,
    }
    with _told():
        piece = service.compose(model, **wishes)
        midi, sound, reason = _files(piece, fresh_folder())
        return midi, sound, service.summary(piece) | reason


def blend(first: FileData, second: FileData, style: str = "folk") -> tuple[list[FileData], list[FileData | None], dict]:
    """Seven tunes on the way from one to another, both ends included, each with an accompaniment.

    first, second: MIDI, MusicXML or ABC files in one metre, of 64 bars at most; with gradio_client
    handle_file('tune.mid'). style: of the accompaniment: folk, classical, chorale, song or jazz.
    Returns seven MIDI files, seven MP3 files (null where this machine can't make sound; the summary's 'sound' then
    says why) and a summary: style, and under 'stops' for each tune its key, meter, tempo, bars, notes, length in
    seconds.
    """
    with _told():
        tunes = blending.blend(_uploaded(first), _uploaded(second), style)
        folder = fresh_folder()
        midis, sounds, reasons = zip(*(_files(tune, folder) for tune in tunes))
        summary = {"style": style, "stops": [service.facts(tune.score) for tune in tunes]}
        return list(midis), list(sounds), summary | reasons[0]


@contextmanager
def _told() -> Iterator[None]:
    """What goes wrong is told in one sentence."""
    try:
        yield
    except zoo.ZooError as error:
        raise gr.Error(str(error), print_exception=False) from None
    except Exception:
        logging.exception("A request failed.")
        raise gr.Error(text("unexpected"), print_exception=False) from None


def _files(tune: service.Tune, folder: Path) -> tuple[FileData, FileData | None, dict]:
    """MIDI, MP3, and as {'sound': ...} the reason where there is none."""
    midi = _file(service.write_notes(tune, folder, "mid"))
    try:
        return midi, _file(service.write_sound(tune, service.sound(tune), folder, "mp3")), {}
    except zoo.RenderError as error:
        return midi, None, {"sound": str(error)}


def _uploaded(file: dict) -> Path:
    """Where a file that came with the request lies. Any other path on this machine is nobody's business: Gradio makes
    sure that a file marked as one was uploaded, but lets pass what is not marked.
    """
    if not is_file_obj_with_meta(file):
        raise zoo.PromptError("Give each tune as a file: with gradio_client, handle_file('tune.mid').")
    return Path(file["path"])


def _file(path: Path) -> FileData:
    return FileData(path=str(path), orig_name=path.name)
