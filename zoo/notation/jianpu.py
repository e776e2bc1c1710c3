"""Jianpu, numbered notation: '1 1 5 5 6 6 5-'. 1 is do, 0 a rest, a plain digit one beat (a quarter note).

After the digit: ' an octave up, , an octave down, _ half as long, . half as long again; - adds a beat.
Before it: # or b. Bar lines are passed over.
"""

import re

from zoo.errors import ScoreError
from zoo.notation.tokens import check_count, short
from zoo.score import Note
from zoo.theory import TICKS_PER_QUARTER, Key

_STEPS = (0, 0, 2, 4, 5, 7, 9, 11)
_TOKEN = re.compile(r"([#b]?)([0-7])([',_.]*)|(-)|[\s|:]+")
_ALPHABET = re.compile(r"[0-7#b',_.\-\s|:]*")
_HIGHEST_DO = 7  # do lies from G#3 to G4


def looks_like(text: str) -> bool:
    """Whether text is jianpu and not note names; 'b4 b5' alone is two notes called B."""
    text = _plain(text)
    return bool(_ALPHABET.fullmatch(text)) and bool(re.search(r"(^|[\s|])#?[0-7]", text))


def notes(text: str, key: Key | None = None) -> list[Note]:
    """Read jianpu in a key, C major if None. In minor and the other modes 1 stays the relative major's tonic.

    Raises ScoreError, which names the first sign it can't place.
    """
    do = 7 * (key.fifths if key else 0) % 12
    do += 60 if do <= _HIGHEST_DO else 48
    text = _plain(text)
    found: list[Note] = []
    place = tick = 0
    resting = True  # whether a '-' lengthens no note, only the silence
    while place < len(text):
        match = _TOKEN.match(text, place)
        if not match:
            sign = text[place:].split()[0]
            raise ScoreError(f"'{short(sign)}' is not jianpu; write digits from 0 to 7, like 1 1 5 5 6 6 5-.")
        place = match.end()
        accidental, digit, marks, dash = match.groups()
        if dash and tick == 0:
            raise ScoreError("A '-' has no note before it; write it after a digit, like 5-.")
        if dash:
            if not resting:
                last = found.pop()
                found.append(Note(last.onset, last.duration + TICKS_PER_QUARTER, last.pitch))
            tick += TICKS_PER_QUARTER
        elif digit:
            duration = _duration(match[0], marks)
            resting = digit == "0"
            if not resting:
                pitch = do + _STEPS[int(digit)] + (accidental == "#") - (accidental == "b")
                pitch += 12 * (marks.count("'") - marks.count(","))
                if not 0 <= pitch <= 127:
                    raise ScoreError(f"'{short(match[0])}' is out of range; use fewer octave marks.")
                found.append(Note(tick, duration, pitch))
            tick += duration
            check_count(len(found))
    return found


def _duration(token: str, marks: str) -> int:
    halvings, dots = marks.count("_"), marks.count(".")
    if halvings > 3 or dots > 1:
        raise ScoreError(f"'{short(token)}' is too finely divided; use at most three _ and one dot.")
    return round(TICKS_PER_QUARTER / 2**halvings * 1.5**dots)


def _plain(text: str) -> str:
    return text.replace("♯", "#").replace("♭", "b").replace("’", "'")
