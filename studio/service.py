"""Request -> result, without Gradio: a prompt is composed, arranged, drawn, written and sounded.

Nothing here remembers a request. What is shared is the loaded models alone, and they don't change.
"""

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

import zoo
from zoo.arranging import play
from zoo.composer import Composer
from zoo.draw import piano_roll
from zoo.rendering import encode, find_fluidsynth, find_soundfont, render

_loading = threading.Lock()


@dataclass(frozen=True)
class Tune:
    """What is drawn, sounded and handed out.

    name: what its files are called; score: as it is heard; prompt_notes: how many of the first part's first notes were
    given.
    """

    name: str
    score: zoo.Score
    prompt_notes: int


@dataclass(frozen=True)
class Piece(Tune):
    """One answer to a prompt.

    written: what the model wrote, before it was arranged; varied: the distances of the variations that led here;
    seconds: what composing took.
    """

    model: str
    prompt: zoo.Prompt
    written: zoo.Score
    accompaniment: bool
    seconds: float
    varied: tuple[float, ...] = ()


def composer(name: str) -> Composer:
    """The model of that name in zoo.list_models(), loaded once. Raises ModelNotFound.

    A visitor can't have a folder or a Hub id loaded here, though zoo.load takes both.
    """
    if name not in zoo.list_models():
        known = ", ".join(zoo.list_models())
        raise zoo.ModelNotFound(f"There is no model '{str(name)[:40]}' here; choose one of {known}.")
    with _loading:  # two first requests at once must not load it twice
        return _load(name)


@cache
def _load(name: str) -> Composer:
    import torch

    # One tune needs no second thread, and where others compute at the same time two of them wait for each other.
    torch.set_num_threads(1)
    return zoo.load(name)


def compose(model: str, accompaniment: bool = True, **wishes) -> Piece:
    """A piece for a Prompt's fields; blank text counts as not given. Raises ZooError, one sentence, for a bad wish."""
    start = time.perf_counter()
    # Blank fields leave the choice to the model; the notes alone may be the empty text.
    prompt = zoo.Prompt(**{name: value for name, value in wishes.items() if not _is_blank(value)})
    chosen = composer(model)
    written = chosen.compose(prompt)
    return Piece(
        name=f"{prompt.style}-{prompt.seed}",
        score=play(written, prompt.style, prompt.seed, accompaniment),
        prompt_notes=sum(len(part.notes) for part in prompt.score.parts if not part.is_drum),
        model=model,
        prompt=prompt,
        written=written,
        accompaniment=accompaniment,
        seconds=time.perf_counter() - start,
    )


def summary(piece: Piece) -> dict:
    """What the piece turned out to be, ready for JSON. tempo in quarter notes, length and seconds in seconds."""
    return {
        "model": piece.model,
        "style": piece.prompt.style,
        **facts(piece.score),
        "temperature": piece.prompt.temperature,
        "seed": piece.prompt.seed,
        "seconds": round(piece.seconds, 2),
    }


def facts(score: zoo.Score) -> dict:
    """The part of summary that is in the score itself."""
    return {
        "key": str(score.key),
        "meter": str(score.meter),
        "tempo": round(score.tempo, 1),
        "bars": score.bars,
        "notes": len(score.notes),
        "length": round(score.seconds, 2),
    }


def roll(tune: Tune, beside: Sequence[Tune] = ()) -> str:
    """The tune's piano roll, SVG, with the pitches of those beside it too."""
    return piano_roll(tune.score, tune.prompt_notes, [other.score for other in beside])


def write_notes(tune: Tune, folder: Path, ending: str) -> Path:
    """The tune as a notation file in folder; ending is 'mid' or 'musicxml'. Returns its path."""
    path = folder / f"{tune.name}.{ending}"
    zoo.write(tune.score, path)
    return path


def sound(tune: Tune) -> tuple[np.ndarray, int]:
    """The tune's (samples, rate), as zoo.render gives them. Raises RenderError where sound can't be made."""
    return render(tune.score)


def write_sound(tune: Tune, sounding: tuple[np.ndarray, int], folder: Path, ending: str) -> Path:
    """What sound gave, as a file in folder; ending is 'ogg', 'mp3' or 'wav'. Returns its path."""
    path = folder / f"{tune.name}.{ending}"
    path.write_bytes(encode(*sounding, ending))
    return path


def missing_for_sound() -> str:
    """One sentence on what this machine lacks for making sound, and how to get it; empty where nothing is missing."""
    try:
        find_fluidsynth()
        find_soundfont()
    except zoo.RenderError as error:
        return str(error)
    return ""


def _is_blank(value: object) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())
