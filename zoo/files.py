"""Reading and writing files: one table from a file's ending to the room that does it."""

import os
import secrets
from importlib import import_module
from pathlib import Path

from zoo.errors import ScoreError
from zoo.score import Score

MAX_BYTES = 10_000_000

# Ending: the module whose read(data) -> Score does it.
_READERS = {
    ".mid": "zoo.notation.midi", ".midi": "zoo.notation.midi", ".abc": "zoo.notation.abc",
    ".musicxml": "zoo.notation.musicxml", ".xml": "zoo.notation.musicxml", ".mxl": "zoo.notation.musicxml",
}
READABLE = tuple(_READERS)
_AUDIO = (".wav", ".flac", ".ogg", ".mp3")
_PICTURES = (".svg", ".png", ".pdf")


def read(path: str | os.PathLike) -> Score:
    """Read a MIDI, MusicXML or ABC file, told by its ending.

    Raises ScoreError when there is no such file, its ending is unknown, or its content is not what the ending says.
    """
    path = Path(path)
    module = _READERS.get(path.suffix.lower())
    if module is None:
        raise ScoreError(f"'{path.name}' has an ending that can't be read; use one of {', '.join(READABLE)}.")
    try:
        if path.is_dir():
            raise ScoreError(f"'{path}' is a folder; name a file in it.")
        if not path.is_file():
            raise ScoreError(f"There is no file '{path}'.")
        with open(path, "rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise ScoreError(f"'{path}' can't be read: {_reason(error)}.") from None
    if len(data) > MAX_BYTES:
        raise ScoreError(f"'{path.name}' is larger than {MAX_BYTES // 1_000_000} MB; use a shorter piece.")
    return import_module(module).read(data)


def write(score: Score, path: str | os.PathLike) -> None:
    """Write the Score as notation, sound or picture, told by the path's ending. Its folder must exist.

    The file appears whole or not at all. Raises ScoreError when the ending is unknown or the file can't be written.
    """
    path = Path(path)
    check_writable(path)
    _replace(path, _encode(score, path.suffix.lower()))


def check_writable(path: Path) -> None:
    """Raise ScoreError when write could not write there: an unknown ending, a folder, a folder that is not there."""
    ending = path.suffix.lower()
    if ending not in (*READABLE, *_AUDIO, *_PICTURES):
        known = ", ".join((*READABLE, *_AUDIO, *_PICTURES))
        raise ScoreError(f"'{path.name}' has an ending that can't be written; use one of {known}.")
    if os.path.isdir(path):
        raise ScoreError(f"'{path}' is a folder; name a file in it.")
    if not os.path.isdir(path.parent):
        raise ScoreError(f"There is no folder '{path.parent}'; make it first or mend the path.")


def _encode(score: Score, ending: str) -> bytes:
    if ending in _AUDIO:
        room = import_module("zoo.rendering")
        samples, rate = room.render(score)
        return room.encode(samples, rate, ending.removeprefix("."))
    if ending in _PICTURES:
        return import_module("zoo.draw").draw(score, ending.removeprefix("."))
    if ending == ".mxl":
        return import_module("zoo.notation.musicxml").write_compressed(score)
    written = import_module(_READERS[ending]).write(score)
    return written.encode() if isinstance(written, str) else written


def _replace(path: Path, data: bytes) -> None:
    """Write beside the path, then move into place, so that nobody ever meets half a file."""
    temporary = path.with_name(f".zoo-{secrets.token_hex(8)}")
    try:
        try:
            temporary.write_bytes(data)
            os.replace(temporary, path)
        finally:
            temporary.unlink(missing_ok=True)
    except (OSError, ValueError) as error:  # ValueError: a null character in the name
        raise ScoreError(f"'{path}' can't be written: {_reason(error)}.") from None


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error)
