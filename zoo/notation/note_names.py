"""Note names: 'C4 E4:0.5 R:1/2 [C4 E4 G4]:2'. Beats are quarter notes; C4 is middle C, MIDI 60."""

import re
from fractions import Fraction
from itertools import groupby

from zoo.errors import ScoreError
from zoo.notation.tokens import check_count, short
from zoo.score import Note, Score
from zoo.theory import STEPS, TICKS_PER_QUARTER, pitch_name

MAX_BEATS = 64

_TOKEN = re.compile(r"\[[^\]]*\](?::[^\s,|]*)?|[^\s,|]+")
_NAME = re.compile(r"([A-Ga-g])(##|#|bb|b)?(-?[0-9]{1,2})?")
_BEATS = re.compile(r"[0-9]{1,4}/[0-9]{1,4}|[0-9]{1,4}(\.[0-9]{0,9})?|\.[0-9]{1,9}")


def notes(text: str) -> list[Note]:
    """Read note names; commas and bar lines between them are passed over.

    A name without an octave takes the octave nearest to the note before it, the first one octave 4.

    Raises ScoreError, which names the first token that is no note, chord or rest.
    """
    found: list[Note] = []
    tick, previous = 0, None
    for token in _TOKEN.findall(text.replace("♯", "#").replace("♭", "b")):
        body, colon, beats = token.rpartition(":") if ":" in token else (token, "", "")
        duration = _ticks(token, beats) if colon else TICKS_PER_QUARTER
        for name in _names(token, body):
            previous = _pitch(token, name, previous)
            found.append(Note(tick, duration, previous))
        tick += duration
        check_count(len(found))
    return found


def write(score: Score) -> str:
    """The first part as note names. Where its notes overlap, each lasts until the next begins."""
    key = score.keys[0][1] if score.keys else None
    chords = [list(group) for _, group in groupby(score.parts[0].notes if score.parts else (), lambda n: n.onset)]
    tokens: list[str] = []
    tick = 0
    for chord, following in zip(chords, [*chords[1:], None]):
        onset, end = chord[0].onset, max(note.end for note in chord)
        end = min(end, following[0].onset if following else end, onset + MAX_BEATS * TICKS_PER_QUARTER)
        while tick < onset:
            rest = min(onset - tick, MAX_BEATS * TICKS_PER_QUARTER)
            tokens.append("R" + _beats(rest))
            tick += rest
        names = [pitch_name(pitch, key) for pitch in dict.fromkeys(note.pitch for note in chord)]
        tokens.append((f"[{' '.join(names)}]" if len(names) > 1 else names[0]) + _beats(end - onset))
        tick = end
    return " ".join(tokens)


def _names(token: str, body: str) -> list[str]:
    if body.startswith("["):
        names = re.split(r"[\s,|]+", body[1:-1].strip())
        if not body.endswith("]") or not names[0]:
            raise ScoreError(f"'{short(token)}' is not a chord; write notes in brackets, like [C4 E4 G4]:2.")
        return names
    return [] if body in ("R", "r") else [body]


def _pitch(token: str, name: str, previous: int | None) -> int:
    match = _NAME.fullmatch(name)
    if not match:
        raise ScoreError(
            f"'{short(name or token)}' is not a note; write a letter from A to G with an octave, like C4, F#4 or Bb3."
        )
    accidental = match[2] or ""
    step = STEPS[match[1].upper()] + accidental.count("#") - accidental.count("b")
    if match[3] is not None:
        pitch = step + 12 * (int(match[3]) + 1)
    elif previous is None:
        pitch = step + 60
    else:
        pitch = previous + (step - previous + 5) % 12 - 5
    if not 0 <= pitch <= 127:
        raise ScoreError(f"'{short(name)}' is out of range; notes go from C-1 to G9, middle C being C4.")
    return pitch


def _ticks(token: str, beats: str) -> int:
    if not _BEATS.fullmatch(beats) or re.search(r"/0+$", beats):
        raise ScoreError(
            f"'{short(token)}' has no readable length; write its beats after the colon, like C4:1, C4:0.5 or C4:1/3."
        )
    ticks = round(Fraction(beats) * TICKS_PER_QUARTER)
    if not 1 <= ticks <= MAX_BEATS * TICKS_PER_QUARTER:
        raise ScoreError(f"'{short(token)}' has a length out of range; a note lasts from 1/24 to {MAX_BEATS} beats.")
    return ticks


def _beats(ticks: int) -> str:
    """':0.5' and the like; nothing for one beat, a fraction where decimals don't end."""
    beats = Fraction(ticks, TICKS_PER_QUARTER)
    if beats == 1:
        return ""
    return f":{beats}" if beats.denominator % 3 == 0 else f":{float(beats):g}"
