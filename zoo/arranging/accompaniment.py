"""Bass and chords in a style's pattern; styles.toml says how the patterns are written."""

import random
from collections.abc import Iterator, Sequence

from zoo.arranging import voicing
from zoo.arranging.slots import PHRASE_BARS, Slot, full_bars
from zoo.arranging.timeline import Timeline
from zoo.chords import chord_tones
from zoo.score import Note, Part, Score
from zoo.styles import Style
from zoo.theory import Meter

_VELOCITY = 50  # some five decibels under the melody
_FIRST_BASS = 40  # the first bass note is the one nearest to E2
Hit = tuple[int, int, tuple[str, str]]  # tick, end, (line of the pattern, sign)


def accompany(score: Score, harmony: Sequence[tuple[Slot, str]], style: Style, seed: int) -> list[Part]:
    """The parts Chords and Bass under a melody, from the first full bar to the melody's end."""
    plan = Timeline(_plan(score, style, random.Random(seed)))
    melody = Timeline.of_notes(score.notes)
    chords, bass = [], []
    before, low = (), _FIRST_BASS
    for first, stop, symbol in _spans(harmony):
        read = chord_tones(symbol)
        if read is None:
            continue
        _, tones, lowest = read
        lid = min((note.pitch for _, _, note in melody.between(first, stop)), default=127)
        keys = voicing.voice(voicing.three_voices(tones), before, lid)
        before = keys or before
        root_due = True  # a chord enters on its root, even where the pattern has its fifth
        for start, end, (line, sign) in plan.between(first, stop):
            start, end = max(start, first), min(end, stop)  # what is held over a change of chord is struck again
            if line == "chords":
                struck = keys if sign == "x" else keys[int(sign) - 1 : int(sign)]
                chords += [Note(start, end - start, pitch, _VELOCITY) for pitch in struck]
                continue
            pitch = voicing.bass(tones[2] if sign == "5" and not root_due else lowest, low, lid)
            root_due = False
            if pitch is not None:
                low = pitch
                struck = voicing.octave(pitch, lid) if sign == "8" else (pitch,)
                bass += [Note(start, end - start, p, _VELOCITY) for p in struck]
    programs = style.accompaniment
    return [Part(tuple(chords), "Chords", programs[0]), Part(tuple(bass), "Bass", programs[-1])]


def _spans(harmony: Sequence[tuple[Slot, str]]) -> list[tuple[int, int, str]]:
    """(start, end, symbol): slots of one bar with one chord joined."""
    spans: list[tuple[int, int, str]] = []
    for slot, symbol in harmony:
        if slot.inner and spans and spans[-1][2] == symbol:
            spans[-1] = (spans[-1][0], slot.end, symbol)
        else:
            spans.append((slot.start, slot.end, symbol))
    return spans


def _plan(score: Score, style: Style, rng: random.Random) -> Iterator[Hit]:
    """The hits of every bar; the last chord is struck with the beat of the melody's last note, and held."""
    bars = full_bars(score)
    last_note = max(score.notes, key=lambda note: note.onset).onset
    chosen: dict[str, dict] = {}
    for number, (start, end, meter) in enumerate(bars):
        if number % PHRASE_BARS == 0:
            chosen = {}  # a new phrase may have a new pattern, and keeps it
        if str(meter) not in chosen:
            chosen[str(meter)] = rng.choice(style.patterns.get(str(meter)) or [plain(meter)])
        final = number == len(bars) - 1
        held = max(start, last_note - (last_note - start) % meter.beat_ticks) if final else end
        for line in ("bass", "chords"):
            for tick, stop, sign in _hits(chosen[str(meter)][line], start, meter.bar_ticks):
                if tick < held:
                    yield tick, min(stop, held), (line, sign)
            if final:
                yield held, score.end, (line, "1" if line == "bass" else "x")


def _hits(line: str, start: int, bar_ticks: int) -> Iterator[tuple[int, int, str]]:
    """(tick, end, sign) of what one line of a pattern has in a bar."""
    step = bar_ticks // len(line)
    for i, sign in enumerate(line):
        if sign not in "-.":
            length = 1
            while line[i + length : i + length + 1] == "-":
                length += 1
            yield start + i * step, start + (i + length) * step, sign


def plain(meter: Meter) -> dict[str, str]:
    """A pattern for any metre: bass on the first beat, chords on the others; 7/8 and the like go in twos."""
    steps = meter.bar_ticks // meter.beat_ticks
    if meter.denominator >= 8 and not meter.is_compound and meter.numerator > 3:
        ons = list(range(0, meter.numerator - 1, 2))
    else:
        ons = list(range(steps))
    bass = "".join("1" if i == 0 else "-" if i < (ons[1] if len(ons) > 1 else steps) else "." for i in range(steps))
    chords = "".join("x" if i in ons[1:] else "." for i in range(steps))
    return {"bass": bass, "chords": chords}
