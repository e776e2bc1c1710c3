"""What people write <-> Score: one file for each notation. Heavy libraries load only when their notation is met."""

import re

from zoo.errors import ScoreError
from zoo.notation import jianpu, note_names
from zoo.score import Score, melody_score
from zoo.theory import Key, Meter

MAX_CHARACTERS = 20_000

_ABC_HEADER = re.compile(r"^[ \t]*[XK]:", re.MULTILINE)


def is_abc(text: str) -> bool:
    """Whether typed notes are ABC: they have a line that begins with X: or K:."""
    return bool(_ABC_HEADER.search(text))


def read_text(text: str, key: Key | None = None, meter: Meter | None = None) -> Score:
    """Read typed notes: ABC where a line begins with X: or K:, else jianpu where it is digits, else note names.

    key and meter go into the Score, but ABC has its own; without them the Score has no key and 4/4.
    Empty text gives one part without notes.

    Raises ScoreError, one sentence that names the token it could not read.
    """
    if not isinstance(text, str):
        raise ScoreError(f"Notes are text such as C4 E4 G4, not {type(text).__name__}.")
    if len(text) > MAX_CHARACTERS:
        raise ScoreError(f"The notes are {len(text):,} characters long; give at most {MAX_CHARACTERS:,}.")
    if is_abc(text):
        from zoo.notation import abc

        return abc.read(text)
    notes = jianpu.notes(text, key) if jianpu.looks_like(text) else note_names.notes(text)
    return melody_score(notes, meters=((0, meter or Meter(4, 4)),), keys=((0, key),) if key else ())
