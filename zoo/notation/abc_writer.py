"""Score -> ABC text, after the ABC standard 2.1."""

import re
from collections.abc import Iterator
from fractions import Fraction
from itertools import groupby, pairwise

from zoo.notation.engraving import Symbol, measures
from zoo.notation.tokens import printable
from zoo.score import Part, Score
from zoo.theory import TICKS_PER_QUARTER, Key, pitch_name

_UNIT = TICKS_PER_QUARTER // 2  # L:1/8
_BARS_PER_LINE = 4
_MODES = {"major": "", "minor": "m", "dorian": "dor", "mixolydian": "mix", "lydian": "lyd", "phrygian": "phr"}
_SIGNS = {-2: "__", -1: "_", 0: "=", 1: "^", 2: "^^"}


def write(score: Score) -> str:
    """The Score as one ABC tune. Each part is a voice; notes that overlap within a part become overlays (&)."""
    voices = [(number, part) for number, part in enumerate(score.parts, 1) if len(score.parts) > 1 or part.name]
    lines = [
        "X:1",
        f"T:{_one_line(score.title)}",
        *(f"V:{number}{_name(part)}" for number, part in voices),
        f"M:{score.meter}",
        "L:1/8",
        f"Q:1/4={score.tempo:g}",
        f"K:{_key(score.keys[0][1]) if score.keys else 'none'}",
    ]
    for number, part in enumerate(score.parts, 1):
        if len(score.parts) > 1:
            lines.append(f"V:{number}")
        if part.program:
            lines.append(f"%%MIDI program {part.program}")
        if part.is_drum:
            lines.append("%%MIDI channel 10")
        lines += _music(score, part, first_part=number == 1)
    return "\n".join(lines) + "\n"


def _music(score: Score, part: Part, first_part: bool) -> Iterator[str]:
    """The part's bars, four to a line."""
    marks = _marks(score, first_part)
    bars = []
    tied: dict[str, int] = {}
    for voices, (start, end) in zip(measures(score, part, breaks=marks), pairwise(score.barlines)):
        beat = next(meter.beat_ticks for tick, meter in reversed(score.meters) if tick <= start)
        first_beat = end if start < score.pickup else start
        accidentals = _Accidentals(
            next((key for tick, key in reversed(score.keys) if tick <= start), None),
            always=any(start < tick < end for tick, _ in score.keys),
            tied=tied,
        )
        layers = []
        for voice in voices:
            layers.append("".join(_layer(voice, accidentals, {} if layers else marks, beat, first_beat)).strip())
            accidentals.next_layer()
        tied = accidentals.tied
        bars.append(" & ".join(layers))
    for place in range(0, len(bars), _BARS_PER_LINE):
        last = place + _BARS_PER_LINE >= len(bars)
        yield " | ".join(bars[place : place + _BARS_PER_LINE]) + (" |]" if last else " |")


def _marks(score: Score, first_part: bool) -> dict[int, str]:
    """What is written before the symbol at a tick: changes in every part, tempo and chord names in the first."""
    marks = [(tick, f"[M:{meter}]") for tick, meter in score.meters[1:]]
    marks += [(tick, f"[K:{_key(key)}]") for tick, key in score.keys[1:]]
    if first_part:
        marks += [(tick, f"[Q:1/4={bpm:g}]") for tick, bpm in score.tempos[1:]]
        marks += [(tick, _quoted(symbol)) for tick, symbol in score.chords]
    marks.sort(key=lambda mark: mark[0])
    return {tick: "".join(text for _, text in group) for tick, group in groupby(marks, key=lambda mark: mark[0])}


class _Accidentals:
    """Which signs one bar needs: those that neither the signature nor a sign before has set."""

    def __init__(self, key: Key | None, always: bool, tied: dict[str, int]):
        """tied: the notes tied into this bar and their alterations, which hold until their notes end."""
        self.key, self.always = key, always
        self.signature = key.alterations if key else dict.fromkeys("FCGDAEB", 0)
        self.set_here: dict[str, int] = {}
        # By another layer or a tie: whether it holds for other notes here, programs disagree.
        self.set_before = {name for name, alteration in tied.items() if alteration != self.signature[name[0].upper()]}
        self.tied: dict[str, int] = {}

    def next_layer(self) -> None:
        self.set_before |= set(self.set_here)
        self.set_here = {}

    def name(self, pitch: int, tied: bool) -> str:
        """The pitch in ABC, with its sign where one is needed. tied: to a note after it."""
        letter, sharps, flats, octave = re.fullmatch(r"([A-G])(#*)(b*)(-?[0-9]+)", pitch_name(pitch, self.key)).groups()
        alteration = len(sharps) - len(flats)
        name = letter + "," * (4 - int(octave)) if int(octave) < 5 else letter.lower() + "'" * (int(octave) - 5)
        known = self.set_here.get(name, None if name in self.set_before else self.signature[letter])
        self.set_here[name] = alteration
        if tied:
            self.tied[name] = alteration
        return name if known == alteration and not self.always else _SIGNS[alteration] + name


def _layer(
    symbols: list[Symbol], accidentals: _Accidentals, marks: dict[int, str], beat: int, first_beat: int
) -> Iterator[str]:
    """One voice of one bar; a space at each beat."""
    left_in_tuplet = 0
    for place, symbol in enumerate(symbols):
        if (symbol.onset - first_beat) % beat == 0:
            yield " "
        yield marks.get(symbol.onset, "")
        if symbol.is_triplet and not left_in_tuplet:
            left_in_tuplet = _tuplet_size(symbols[place:], first_beat)
            yield "(3" if left_in_tuplet == 3 else f"(3:2:{left_in_tuplet}"
        left_in_tuplet = max(left_in_tuplet - 1, 0)
        yield _symbol(symbol, accidentals)


def _tuplet_size(symbols: list[Symbol], first_beat: int) -> int:
    """How many symbols stand in the tuplet that begins with the first of them: at most up to the next quarter note."""
    size = 1
    for symbol in symbols[1:]:
        if not symbol.is_triplet or (symbol.onset - first_beat) % TICKS_PER_QUARTER == 0:
            break
        size += 1
    return size


def _symbol(symbol: Symbol, accidentals: _Accidentals) -> str:
    length = Fraction(symbol.duration, _UNIT) * (Fraction(3, 2) if symbol.is_triplet else 1)
    written = (str(length.numerator) if length.numerator > 1 else "") + (
        f"/{length.denominator}" if length.denominator > 1 else ""
    )
    names = [accidentals.name(pitch, symbol.tied_to) for pitch in symbol.pitches] or ["z"]
    tie = "-" if symbol.tied_to else ""
    return (f"[{''.join(names)}]" if len(names) > 1 else names[0]) + written + tie


def _name(part: Part) -> str:
    return f" name={_quoted(part.name)}" if part.name else ""


def _key(key: Key) -> str:
    return key.tonic + _MODES[key.mode]


def _one_line(text: str) -> str:
    """Text that neither ends its line nor begins a comment."""
    return printable(text).replace("%", r"\%")


def _quoted(text: str) -> str:
    return '"' + _one_line(text).replace('"', "'") + '"'
