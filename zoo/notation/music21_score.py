"""Score <-> music21's stream, for the formats that music21 reads and writes."""

import re
import warnings
from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

from music21 import (
    base,
    chord,
    duration,
    expressions,
    harmony,
    instrument,
    key,
    metadata,
    meter,
    note,
    stream,
    tempo,
    tie,
)

from zoo.notation.changes import from_the_start, in_order
from zoo.notation.engraving import Symbol, measures
from zoo.notation.tokens import printable
from zoo.score import Note, Part, Score
from zoo.theory import MODES, TICKS_PER_QUARTER, Key, Meter, pitch_name

warnings.filterwarnings("ignore", module=r"music21\.")  # it complains of files on standard error

_DRUM_CHANNEL = 9  # counted from 0

# Chord suffixes and MusicXML's names for them.
_KINDS = {
    "": "major", "m": "minor", "7": "dominant", "maj7": "major-seventh", "m7": "minor-seventh", "dim": "diminished",
    "dim7": "diminished-seventh", "m7b5": "half-diminished", "aug": "augmented", "6": "major-sixth",
    "m6": "minor-sixth", "9": "dominant-ninth", "m9": "minor-ninth", "maj9": "major-ninth", "11": "dominant-11th",
    "13": "dominant-13th", "sus4": "suspended-fourth", "sus2": "suspended-second", "5": "power",
}
_SUFFIXES = {kind: suffix for suffix, kind in _KINDS.items()}


# --- Score -> music21 ------------------------------------------------------------------------------------------------


def from_score(score: Score) -> stream.Score:
    """The Score with bars, voices, ties and rests written out; tempo, form and chords stand in the first part."""
    result = stream.Score()
    result.metadata = metadata.Metadata(title=printable(score.title), composer="")
    for number, part in enumerate(score.parts, 1):
        result.insert(0, _part(score, part, number))
    return result


def _part(score: Score, part: Part, number: int) -> stream.Part:
    result = stream.Part(id=f"P{number}")
    result.partName = printable(part.name)
    spelling = score.keys[0][1] if score.keys else None
    marks = list(_marks(score, first_part=number == 1))
    for place, (bar, (start, end)) in enumerate(zip(measures(score, part), pairwise(score.barlines))):
        measure = stream.Measure(number=place if score.pickup else place + 1)
        if place == 0:
            measure.insert(0, _player(part, number))
        if start < score.pickup:
            measure.paddingLeft = _quarters(score.meter.bar_ticks - score.pickup)
            measure.showNumber = stream.enums.ShowNumber.NEVER
        while marks and marks[0][0] < end:
            tick, element = marks.pop(0)
            measure.insert(_quarters(tick - start), element)
        for voice in bar:
            home = measure if len(bar) == 1 else stream.Voice()
            for symbol in voice:
                home.insert(_quarters(symbol.onset - start), _element(symbol, spelling))
            if home is not measure:
                measure.insert(0, home)
        result.append(measure)
    return result


def _player(part: Part, number: int) -> instrument.Instrument:
    player = instrument.Instrument()
    player.partId, player.instrumentId = f"P{number}", f"P{number}-I1"  # music21 would draw them at random
    player.midiProgram = part.program
    player.midiChannel = _DRUM_CHANNEL if part.is_drum else (number - 1) % _DRUM_CHANNEL
    return player


def _marks(score: Score, first_part: bool) -> Iterator[tuple[int, base.Music21Object]]:
    """(tick, element) in order: what stands in every part, then what is written once."""
    marks = [(tick, meter.TimeSignature(str(value))) for tick, value in score.meters]
    marks += [(tick, key.Key(value.tonic.replace("b", "-"), value.mode)) for tick, value in score.keys]
    if first_part:
        marks += [(tick, tempo.MetronomeMark(number=bpm, referent=1.0)) for tick, bpm in score.tempos]
        marks += [(tick, expressions.RehearsalMark(printable(label))) for tick, label in score.form]
        marks += [(tick, _chord_symbol(symbol)) for tick, symbol in score.chords]
    return sorted((mark for mark in marks if mark[1] is not None), key=lambda mark: mark[0])


def _element(symbol: Symbol, spelling: Key | None) -> note.GeneralNote:
    length = duration.Duration(_quarters(symbol.duration))
    names = [re.sub(r"(?<=[A-G])b", "-", pitch_name(pitch, spelling)) for pitch in symbol.pitches]
    if not names:
        return note.Rest(duration=length)
    element = note.Note(names[0], duration=length) if len(names) == 1 else chord.Chord(names, duration=length)
    if symbol.tied_from or symbol.tied_to:
        kind = "continue" if symbol.tied_from and symbol.tied_to else "start" if symbol.tied_to else "stop"
        element.tie = tie.Tie(kind)
    return element


def _chord_symbol(symbol: str) -> harmony.Harmony | None:
    match = re.fullmatch(r"([A-G][#b]?)([^/]*)(?:/([A-G][#b]?))?", symbol)
    if not match:
        return harmony.NoChord() if symbol == "N.C." else None
    root, bass = (name and name.replace("b", "-") for name in match.group(1, 3))
    return harmony.ChordSymbol(root=root, bass=bass, kind=_KINDS.get(match[2], "other"), kindStr=printable(match[2]))


def _quarters(ticks: int) -> Fraction:
    return Fraction(ticks, TICKS_PER_QUARTER)


# --- music21 -> Score ------------------------------------------------------------------------------------------------


def to_score(source: stream.Score, players: dict[str, tuple[str, int | None]]) -> Score:
    """The notes as they sound, grace notes left out; one part for each staff.

    players: name and General MIDI program by MusicXML's part id, where they are told.
    """
    if any(player.transposition for player in source[instrument.Instrument]):
        source.toSoundingPitch(inPlace=True)
    flats = [part.flatten() for part in source.parts]
    parts = [_read_part(part, flat, players) for part, flat in zip(source.parts, flats)]
    changes = [element for flat in flats for element in flat]
    meters = _first_at_zero(_changes(changes, meter.TimeSignature, _read_meter), Meter(4, 4))
    tempos = _first_at_zero(_changes(changes, tempo.MetronomeMark, _read_tempo), 120.0)
    chords = [(_ticks(e.offset), _read_chord(e)) for e in changes if isinstance(e, harmony.Harmony)]
    form = {_ticks(e.offset): e.content for e in changes if isinstance(e, expressions.RehearsalMark) and e.content}
    keys = _changes(changes, key.KeySignature, lambda signature: _read_key(signature, parts))
    pickup = _pickup(source, meters[0][1])
    title = source.metadata.bestTitle if source.metadata else None
    return Score(
        parts or [Part(())],
        meters,
        from_the_start(keys),
        tempos,
        sorted(((tick, symbol) for tick, symbol in chords if symbol), key=lambda c: c[0]),
        pickup,
        title or "",
        sorted(form.items()),
    )


def _read_part(part: stream.Part, flat: stream.Stream, players: dict[str, tuple[str, int | None]]) -> Part:
    notes: list[Note] = []
    open_ties: dict[int, int] = {}  # pitch: its note's place in notes
    drum = False
    for element in flat.notes:
        if isinstance(element, harmony.Harmony) or element.duration.isGrace:
            continue
        onset = _ticks(element.offset)
        length = max(1, _ticks(element.offset + element.quarterLength) - onset)
        for member in element.notes if isinstance(element, chord.ChordBase) else [element]:
            drum = drum or isinstance(member, note.Unpitched)
            pitch = _pitch(member)
            kind = (member.tie or element.tie).type if member.tie or element.tie else ""
            place = open_ties.pop(pitch, None)
            if kind in ("stop", "continue") and place is not None and notes[place].end == onset:
                notes[place] = replace(notes[place], duration=notes[place].duration + length)
            else:
                place = len(notes)
                notes.append(Note(onset, length, pitch))
            if kind in ("start", "continue"):
                open_ties[pitch] = place
    player = part.getInstrument()
    name, program = players.get(player.partId, ("", None))
    if program is None:
        program = player.midiProgram or 0
    return Part(notes, name, program, drum or player.midiChannel == _DRUM_CHANNEL)


def _pitch(member: note.NotRest) -> int:
    if isinstance(member, note.Unpitched):
        sound = getattr(member.storedInstrument, "percMapPitch", None)
        return sound if sound is not None else member.displayPitch().midi
    return member.pitch.midi


def _changes(elements: list, kind: type, value: Callable) -> list[tuple[int, object]]:
    """(tick, value) in order for all elements of that kind; what changes nothing or can't be read is left out."""
    found = {_ticks(element.offset): value(element) for element in reversed(elements) if isinstance(element, kind)}
    return in_order({tick: what for tick, what in found.items() if what is not None})


def _first_at_zero(changes: list[tuple[int, object]], default: object) -> list[tuple[int, object]]:
    return changes if changes and changes[0][0] == 0 else [(0, default), *changes]


def _read_meter(signature: meter.TimeSignature) -> Meter | None:
    try:
        return Meter(signature.numerator, signature.denominator)
    except ValueError:
        return None


def _read_tempo(mark: tempo.MetronomeMark) -> float | None:
    bpm = mark.getQuarterBPM()
    return min(max(round(bpm, 3), 4.0), 1000.0) if bpm else None


def _read_key(signature: key.KeySignature, parts: list[Part]) -> Key:
    """The key; where only the signature is written, minor if the notes say so and else major."""
    mode = getattr(signature, "mode", None)
    mode = {"aeolian": "minor", "ionian": "major"}.get(mode, mode)
    if mode in MODES:
        return Key.from_fifths(signature.sharps, mode)
    estimate = Score(parts).key
    return estimate if estimate.fifths == signature.sharps else Key.from_fifths(signature.sharps)


def _read_chord(symbol: harmony.Harmony) -> str:
    if isinstance(symbol, harmony.NoChord) or symbol.root() is None:
        return "N.C."
    suffix = symbol.chordKindStr or _SUFFIXES.get(symbol.chordKind, "")
    bass = symbol.bass()
    slash = f"/{bass.name}" if bass is not None and bass.name != symbol.root().name else ""
    return (symbol.root().name + suffix + slash).replace("-", "b")


def _pickup(source: stream.Score, first: Meter) -> int:
    bars = [part.getElementsByClass(stream.Measure) for part in source.parts]
    length = max((_ticks(staff[0].duration.quarterLength) for staff in bars if len(staff) > 1), default=0)
    return length if length < first.bar_ticks else 0


def _ticks(quarters: float) -> int:
    return round(quarters * TICKS_PER_QUARTER)
