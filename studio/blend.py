"""The Blend tab: two tunes on the left, the way from one to the other on the right."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path

import gradio as gr

import zoo
from studio import blending, service
from studio.components.chips import Chips, choice
from studio.components.message import Message
from studio.components.player import Player, Shown
from studio.compose import QUEUE, Composed, History, part_names
from studio.files import fresh_folder
from studio.strings import text
from zoo.files import READABLE

TAB = "blend"
# Where a tune may come from, beside the examples.
COMPOSED, FILE = "composed", "file"


@dataclass(frozen=True)
class Picker:
    """One of the two tunes: which it is, the file if it is one, and the piece if it was composed here."""

    source: gr.Dropdown
    file: gr.File
    piece: gr.State

    @property
    def fields(self) -> list:
        return [self.source, self.file, self.piece]


def build(tabs: gr.Tabs, composed: Composed) -> None:
    """Lays the tab out inside its gr.Tab. There must be a model that blends."""
    with gr.Row(elem_classes="desk"):
        with gr.Column(elem_classes="wishes", scale=3, min_width=260):
            first, second = (
                _picker(which, source) for which, source in zip(("first", "second"), _two_in_one_meter())
            )
            style = Chips(
                "folk", legend=text("blend_style"), group="blend-style",
                choices=[choice(row.name, row.title, row.about) for row in zoo.styles().values()],
            )
            start = gr.Button(text("blend"), variant="primary", size="lg", elem_id="blend", elem_classes="start")
            message = Message(elem_id="blend-message", elem_classes="message-box")
        with gr.Column(elem_classes="result", scale=5, min_width=260):
            player = Player({
                "result": text("blend_result"), "empty": text("blend_empty"), "empty_hint": text("blend_empty_hint"),
            })
    start.click(
        respond, [*first.fields, *second.fields, style], [start, message, player], show_progress="hidden",
        scroll_to_output=True, api_visibility="private", **QUEUE,
    )
    quick = {"show_progress": "hidden", "queue": False, "api_visibility": "private"}
    for picker, button in zip((first, second), composed.buttons):
        picker.source.change(
            lambda source: gr.update(visible=source == FILE), picker.source, picker.file, **quick,
        )
        button.click(_take, composed.history, [picker.source, picker.piece, tabs], **quick)


def respond(*values) -> Iterator[tuple]:
    """One request: two pickers' fields and the style in; out the button, its message and the player's stops."""
    busy = gr.update(value=text("blending"), interactive=False)
    yield busy, "", gr.skip()
    ready = gr.update(value=text("blend"), interactive=True)
    try:
        tunes = blending.blend(_tune(*values[:3]), _tune(*values[3:6]), values[6])
        for stops in _steps(tunes):
            yield busy, "", stops
        yield ready, "", gr.skip()
    except zoo.ZooError as error:
        yield ready, str(error), gr.skip()
    except Exception:
        logging.exception("A request failed.")
        yield ready, text("unexpected"), gr.skip()


def _steps(tunes: list[service.Tune]) -> Iterator[list[Shown]]:
    """What the player shows: first all rolls and MIDI, then each stop's sound, then the files that take longer."""
    folder = fresh_folder()
    stops = [
        Shown(
            roll=service.roll(tune, tunes),
            summary=text("blend_summary", number=number, count=len(tunes), **service.facts(tune.score)),
            parts=part_names(tune.score),
            given=False,
            files={"MIDI": service.write_notes(tune, folder, "mid")},
            note=text("sound_pending"),
        )
        for number, tune in enumerate(tunes, 1)
    ]
    yield list(stops)
    try:
        sounding = []
        for number, tune in enumerate(tunes):
            sounding.append(service.sound(tune))
            ogg = service.write_sound(tune, sounding[-1], folder, "ogg")
            stops[number] = replace(stops[number], sounds=(ogg,), note="")
            yield list(stops)
        for number, (tune, samples) in enumerate(zip(tunes, sounding)):
            mp3 = service.write_sound(tune, samples, folder, "mp3")
            stop = stops[number]
            stops[number] = replace(stop, sounds=(*stop.sounds, mp3), files={**stop.files, "MP3": mp3})
            yield list(stops)
    except zoo.RenderError as error:
        yield [stop if stop.sounds else replace(stop, note=str(error)) for stop in stops]


def _picker(which: str, source: str) -> Picker:
    return Picker(
        gr.Dropdown(_sources(), value=source, label=text(f"{which}_tune"), elem_id=f"{which}-tune"),
        gr.File(
            label=text("file_label"), file_types=list(READABLE), height=120, visible=False, elem_id=f"{which}-file",
            elem_classes="upload",
        ),
        gr.State(None),
    )


def _sources(piece: service.Piece | None = None) -> list[tuple[str, str]]:
    """The dropdown's entries; piece: one that was composed here."""
    entries = [(text("source_composed", **service.facts(piece.score)), COMPOSED)] if piece else []
    entries.append((text("source_file"), FILE))
    for name, score in blending.examples().items():
        style, _, number = name.rpartition("-")
        label = text("source_example", style=zoo.styles()[style].title, number=number, meter=score.meter, key=score.key)
        entries.append((label, name))
    return entries


def _two_in_one_meter() -> tuple[str, str]:
    """Two sources to begin with, so that Blend can be pressed at once."""
    examples = blending.examples()
    pairs = (pair for pair in combinations(examples, 2) if examples[pair[0]].meter == examples[pair[1]].meter)
    return next(pairs, (FILE, FILE))


def _take(history: History) -> tuple:
    """The tune that Compose shows becomes one of the two here, and this tab is opened."""
    piece = history[-1]
    return gr.update(choices=_sources(piece), value=COMPOSED), piece, gr.update(selected=TAB)


def _tune(source: str, file: str | None, piece: service.Piece | None) -> zoo.Score | Path:
    if source == COMPOSED:
        return piece.written
    if source != FILE:
        return blending.examples()[source]
    if not file:
        raise zoo.PromptError(text("blend_no_file"))
    return Path(file)
