"""The Compose tab: wishes on the left, the tune on the right; under it, what can be done with the tune."""

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import gradio as gr

import zoo
from studio import blending, service
from studio.components.chips import Chips, choice
from studio.components.message import Message
from studio.components.player import Player, Shown
from studio.examples import EXAMPLES
from studio.files import fresh_folder
from studio.strings import text
from zoo.composer import ModelCard, Supports
from zoo.files import READABLE
from zoo.prompt import MOODS

TONICS = ("C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
METERS = ("4/4", "3/4", "6/8", "2/4", "2/2", "9/8")
# Two tunes at a time: what two processors can do without making everybody wait longer.
QUEUE = {"concurrency_limit": 2, "concurrency_id": "compose"}

# The fields' names as service.compose knows them, in the order of the events' inputs, with what they start from.
DEFAULTS = {
    "model": None, "style": "folk", "notes": "", "file": None, "temperature": 0.9, "bars": 16, "key": "",
    "meter": "", "mood": "", "tempo": "", "seed": "", "accompaniment": True,
}
History = tuple[service.Piece, ...]  # a tune of this visitor and its variations, the one that is shown last


@dataclass(frozen=True)
class Composed:
    """What the Blend tab takes from here. history: the state of type History; buttons: one for each of its tunes."""

    history: gr.State
    buttons: tuple[gr.Button, gr.Button]


class Answer(NamedTuple):
    """The page's changes: the three buttons, what is said under Compose and under Vary, and the tune."""

    compose: dict
    vary: dict
    undo: dict
    message: str = ""
    vary_message: str = ""
    player: Shown = gr.skip()  # the old tune stays until there is a new one
    seed: str = gr.skip()
    keep: dict = gr.skip()
    history: History = gr.skip()
    tools: dict = gr.skip()


def build(app: gr.Blocks) -> Composed:
    """Lays the tab out inside the app's Blocks. There must be a model; the first is the default."""
    cards = _cards()
    default, supports = next((name, card.supports) for name, card in cards.items())
    defaults = {**DEFAULTS, "model": default}
    last_seed, history = gr.State(""), gr.State(())

    with gr.Row(elem_id="examples"):
        gr.HTML(f"<h2>{text('examples')}</h2>", elem_id="examples-title")
        ideas = {name: gr.Button(text(name), size="sm", elem_classes="idea") for name in EXAMPLES}
    with gr.Row(elem_classes="desk"):
        with gr.Column(elem_classes="wishes", scale=3, min_width=260):
            fields = {
                "style": Chips(defaults["style"], legend=text("style"), group="style", choices=styles(cards)),
                "notes": gr.Textbox(
                    label=text("notes"), placeholder=text("notes_placeholder"), info=text("notes_info"),
                    max_lines=6, elem_id="notes",  # of one line at first, so that Enter composes
                ),
            }
            with gr.Row():
                fields["temperature"] = gr.Slider(
                    0, 2, defaults["temperature"], step=0.05, label=text("temperature"), min_width=240, buttons=[],
                )
                fields["bars"] = gr.Slider(
                    1, supports.max_bars, defaults["bars"], step=1, label=text("bars"), min_width=240, buttons=[],
                )
            start = gr.Button(text("compose"), variant="primary", size="lg", elem_id="compose", elem_classes="start")
            message = Message(service.missing_for_sound(), elem_id="message", elem_classes="message-box")
            with gr.Accordion(text("more"), open=False):
                fields |= _more_choices(defaults, cards, supports)
                keep = gr.Button(text("keep_seed"), size="sm", interactive=False, elem_id="keep")
            with gr.Accordion(text("file"), open=False):
                fields["file"] = gr.File(
                    label=text("file_label"), file_types=list(READABLE), height=150, elem_id="file",
                    elem_classes="upload",
                )
        with gr.Column(elem_classes="result", scale=5, min_width=260):
            player = Player()
            with gr.Column(elem_classes="tools", visible=False) as tools:
                with gr.Row(elem_classes="tools-row"):
                    distance = gr.Slider(
                        0.1, 1, 0.3, step=0.1, label=text("distance"), min_width=200, buttons=[], elem_id="distance",
                    )
                    vary_it = gr.Button(text("vary"), size="sm", min_width=90, elem_id="vary")
                    undo_it = gr.Button(text("undo"), size="sm", min_width=90, interactive=False, elem_id="undo")
                with gr.Row(elem_classes="tools-row"):
                    gr.HTML(f"<p>{text('to_blend')}</p>", apply_default_css=False, min_width=220)
                    to_blend = tuple(
                        gr.Button(text(f"to_{which}"), size="sm", min_width=90, elem_id=f"to-{which}")
                        for which in ("first", "second")
                    )
                vary_message = Message(elem_id="vary-message", elem_classes="message-box")

    fields = {name: fields[name] for name in defaults}  # in the order of DEFAULTS
    inputs = list(fields.values())
    outputs = [start, vary_it, undo_it, message, vary_message, player, last_seed, keep, history, tools]
    running = {"outputs": outputs, "show_progress": "hidden", "api_visibility": "private", **QUEUE}
    event = {"inputs": [history, *inputs], "scroll_to_output": True, **running}
    gr.on([start.click, fields["notes"].submit], respond, **event)
    for name, button in ideas.items():
        filled = {**defaults, **EXAMPLES[name]}
        button.click(
            lambda filled=filled: list(filled.values()), None, inputs, show_progress="hidden", queue=False,
            api_visibility="private",
        ).then(respond, **event)
    vary_it.click(vary, [history, distance], **running)
    undo_it.click(undo, history, **running)
    keep.click(lambda seed: seed, last_seed, fields["seed"], queue=False, api_visibility="private")
    honoured = [fields[name] for name in ("style", "meter", "bars", "key", "accompaniment")]
    fields["model"].change(
        lambda model, style, meter: _honour(zoo.card(model).supports, style, meter),
        [fields["model"], fields["style"], fields["meter"]], honoured, queue=False, api_visibility="private",
    )
    fields["style"].change(
        _able, [fields["style"], fields["model"]], fields["model"],
        show_progress="hidden", queue=False, api_visibility="private",
    )
    app.load(
        _menus, None, [fields["style"], fields["model"]], show_progress="hidden", queue=False, api_visibility="private",
    )
    return Composed(history, to_blend)


def respond(history: History, *values) -> Iterator[Answer]:
    """One request: the fields' values in, the page's changes out, each as soon as it is there."""
    yield from _answer("compose", history, lambda: (_piece(dict(zip(DEFAULTS, values))),))


def vary(history: History, distance: float) -> Iterator[Answer]:
    """The tune that is shown gives way to a variation."""
    yield from _answer("vary", history, lambda: (*history, blending.vary(history[-1], distance)))


def undo(history: History) -> Iterator[Answer]:
    """Back to the tune before the last variation."""
    yield from _answer("undo", history, lambda: history[:-1] or history)


def _piece(wishes: dict) -> service.Piece:
    """The piece of the fields' values."""
    wishes["model"] = _able(wishes["style"], wishes["model"])  # who is quick presses Compose before the menu follows
    file = wishes.pop("file")
    if file:
        wishes["notes"] = Path(file)
    return service.compose(**wishes)


def _answer(pressed: str, before: History, make: Callable[[], History]) -> Iterator[Answer]:
    """The page's changes while a history is made and its last piece shown. pressed: which button it was."""
    yield Answer(**_buttons(before, busy=True, composing=pressed))
    try:
        history = make()
        for shown in _steps(history[-1]):
            yield Answer(
                **_buttons(history, busy=True), player=shown, seed=str(history[-1].prompt.seed), history=history,
                keep=gr.update(interactive=True), tools=gr.update(visible=blending.model() is not None),
            )
        yield Answer(**_buttons(history))
        return
    except zoo.ZooError as error:
        sentence = str(error)
    except Exception:
        logging.exception("A request failed.")
        sentence = text("unexpected")
    yield Answer(**_buttons(before), **{"message" if pressed == "compose" else "vary_message": sentence})


def _buttons(history: History, busy: bool = False, composing: str = "") -> dict[str, dict]:
    """busy: none can be pressed, lest the files of one tune come in the place of the next; composing: which says so."""
    able = {"compose": True, "vary": True, "undo": len(history) > 1}
    return {
        name: gr.update(value=text("composing" if name == composing else name), interactive=able[name] and not busy)
        for name in able
    }


def _steps(piece: service.Piece) -> Iterator[Shown]:
    """What the player shows: first the roll and MIDI, then the sound, then the files that take longer."""
    folder = fresh_folder()
    facts = service.summary(piece)
    summary = text("summary", **facts | {"model": service.composer(piece.model).card.title})
    if piece.varied:
        summary += text("varied", distances=", ".join(f"{distance:g}" for distance in piece.varied))
    known = {
        "roll": service.roll(piece),
        "summary": summary,
        "parts": part_names(piece.score),
        "given": piece.prompt_notes > 0,
    }
    files = {"MIDI": service.write_notes(piece, folder, "mid")}
    yield Shown(**known, files=files, note=text("sound_pending"))
    sounds, note = (), ""
    try:
        sounding = service.sound(piece)
        # OGG is there in a quarter of MP3's time; the browsers that can't play it wait for MP3.
        sounds = (service.write_sound(piece, sounding, folder, "ogg"),)
        yield Shown(**known, files=files, sounds=sounds)
        wav, mp3 = (service.write_sound(piece, sounding, folder, ending) for ending in ("wav", "mp3"))
        sounds, files = (*sounds, mp3), {**files, "MP3": mp3, "WAV": wav}
        yield Shown(**known, files=files, sounds=sounds)
    except zoo.RenderError as error:
        note = str(error)
    files = {**files, "MusicXML": service.write_notes(piece, folder, "musicxml")}
    yield Shown(**known, files=files, sounds=sounds, note=note)


def part_names(score: zoo.Score) -> list[str]:
    """The parts' names for the legend."""
    return [part.name or text("part_unnamed", number=n) for n, part in enumerate(score.parts, 1)]


def _more_choices(defaults: dict, cards: dict, supports: Supports) -> dict:
    """The fields that most people leave alone."""
    moods = [choice("", text("any")), *(choice(mood, text(f"mood_{mood}")) for mood in MOODS)]
    fields = {
        "mood": Chips(defaults["mood"], legend=text("mood"), group="mood", choices=moods),
        "meter": Chips(defaults["meter"], legend=text("meter"), group="meter", choices=_meters(supports)),
    }
    with gr.Row():
        fields["key"] = gr.Dropdown(_keys(supports), value=defaults["key"], label=text("key"), min_width=130)
        fields["tempo"] = gr.Textbox(
            label=text("tempo"), placeholder=text("tempo_placeholder"), max_lines=1, min_width=130,
        )
    with gr.Row():
        fields["model"] = gr.Dropdown(_models(cards), value=defaults["model"], label=text("model"), min_width=130)
        fields["seed"] = gr.Textbox(
            label=text("seed"), placeholder=text("seed_placeholder"), max_lines=1, min_width=130, elem_id="seed",
        )
    fields["accompaniment"] = gr.Checkbox(
        defaults["accompaniment"], label=text("accompaniment"), interactive=not supports.polyphony
    )
    return fields


def _cards() -> dict[str, ModelCard]:
    return {name: zoo.card(name) for name in zoo.list_models()}


def _menus() -> list:
    """The menus anew for each visit: a model may have been fine-tuned since the app was started."""
    cards = _cards()
    return [gr.update(choices=styles(cards)), gr.update(choices=_models(cards))]


def _models(cards: dict[str, ModelCard]) -> list[tuple[str, str]]:
    return [(card.title, name) for name, card in cards.items()]


def styles(cards: dict[str, ModelCard]) -> list[dict]:
    """The chips of all styles. One that only another model knows is offered all the same: see _able."""
    known = {name for card in cards.values() for name in card.supports.styles}
    return [
        choice(style.name, style.title, style.about, disabled=style.name not in known)
        for style in zoo.styles().values()
    ]


def _able(style: str, model: str) -> str:
    """A style brings its model along: the model, or where it does not know the style the first that does."""
    able = [name for name, card in _cards().items() if style in card.supports.styles]
    return able[0] if able and model not in able else model


def _meters(supports: Supports) -> list[dict]:
    return [choice("", text("any")), *(choice(m, m, disabled=m not in supports.meters) for m in METERS)]


def _keys(supports: Supports) -> list[tuple[str, str]]:
    keys = [f"{tonic} {mode}" for mode in supports.modes for tonic in TONICS]
    return [(text("key_any"), ""), *((key, key) for key in keys)]


def _honour(supports: Supports, style: str, meter: str) -> list:
    """Updates that grey out what the model can't honour, and leave a choice that it can."""
    style = style if style in supports.styles else supports.styles[0]
    meter = meter if meter in supports.meters else ""
    return [
        style,
        gr.update(value=meter, choices=_meters(supports)),
        gr.update(maximum=supports.max_bars),
        gr.update(choices=_keys(supports)),
        gr.update(interactive=not supports.polyphony),
    ]
