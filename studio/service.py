"""Request -> result, without Gradio: a prompt is composed, arranged, drawn, written and sounded.

Nothing here remembers a request. What is shared is the loaded models alone, and they don't change.
"""

import threading
import time
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
class Piece:
    """One answer. prompt_notes: how many of the first part's first notes were given; seconds: what composing took."""

    model: str
    prompt: zoo.Prompt
    score: zoo.Score
    prompt_notes: int
    seconds: float


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
    return zoo.load(name)


def compose(model: str, accompaniment: bool = True, **wishes) -> Piece:
    """A piece for a Prompt's fields; blank text counts as not given. Raises ZooError, one sentence, for a bad wish."""
    start = time.perf_counter()
    # Blank fields leave the choice to the model; the notes alone may be the empty text.
    prompt = zoo.Prompt(**{name: value for name, value in wishes.items() if not _is_blank(value)})
    chosen = composer(model)
    score = play(chosen.compose(prompt), prompt.style, prompt.seed, accompaniment)
    given = sum(len(part.notes) for part in prompt.score.parts if not part.is_drum)
    return Piece(model, prompt, score, given, time.perf_counter() - start)


def summary(piece: Piece) -> dict:
    """What the piece turned out to be, ready for JSON. tempo in quarter notes, length and seconds in seconds."""
    score = piece.score
    return {
        "model": piece.model,
        "style": piece.prompt.style,
        "key": str(score.key),
        "meter": str(score.meter),
        "tempo": round(score.tempo, 1),
        "bars": score.bars,
        "notes": len(score.notes),
        "length": round(score.seconds, 2),
        "temperature": piece.prompt.temperature,
        "seed": piece.prompt.seed,
        "seconds": round(piece.seconds, 2),
    }


def roll(piece: Piece) -> str:
    """The piece's piano roll, SVG."""
    return piano_roll(piece.score, piece.prompt_notes)


def write_notes(piece: Piece, folder: Path, ending: str) -> Path:
    """The piece as a notation file in folder; ending is 'mid' or 'musicxml'. Returns its path."""
    path = _path(piece, folder, ending)
    zoo.write(piece.score, path)
    return path


def sound(piece: Piece) -> tuple[np.ndarray, int]:
    """The piece's (samples, rate), as zoo.render gives them. Raises RenderError where sound can't be made."""
    return render(piece.score)


def write_sound(piece: Piece, sounding: tuple[np.ndarray, int], folder: Path, ending: str) -> Path:
    """What sound gave, as a file in folder; ending is 'ogg', 'mp3' or 'wav'. Returns its path."""
    path = _path(piece, folder, ending)
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


def _path(piece: Piece, folder: Path, ending: str) -> Path:
    return folder / f"{piece.prompt.style}-{piece.prompt.seed}.{ending}"


def _is_blank(value: object) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())
