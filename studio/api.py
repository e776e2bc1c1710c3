"""The named endpoints, for gradio_client and other programs."""

import logging
from pathlib import Path

import gradio as gr
from gradio.data_classes import FileData

import zoo
from studio import service
from studio.compose import QUEUE
from studio.files import fresh_folder
from studio.strings import text


def build() -> None:
    """Adds the endpoints to the surrounding Blocks."""
    gr.api(compose, api_name="compose", **QUEUE)


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
    try:
        return _answer(service.compose(model, **wishes))
    except zoo.ZooError as error:
        raise gr.Error(str(error), print_exception=False) from None
    except Exception:
        logging.exception("A request failed.")
        raise gr.Error(text("unexpected"), print_exception=False) from None


def _answer(piece: service.Piece) -> tuple[FileData, FileData | None, dict]:
    folder = fresh_folder()
    midi = _file(service.write_notes(piece, folder, "mid"))
    facts = service.summary(piece)
    try:
        sound = service.write_sound(piece, service.sound(piece), folder, "mp3")
    except zoo.RenderError as error:
        return midi, None, {**facts, "sound": str(error)}
    return midi, _file(sound), facts


def _file(path: Path) -> FileData:
    return FileData(path=str(path), orig_name=path.name)
