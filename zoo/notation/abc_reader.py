"""ABC text -> Score. Tunes in the wild bend the standard, so what is no music is passed over rather than refused."""

import re
from collections.abc import Iterator
from fractions import Fraction

from zoo.errors import ScoreError
from zoo.notation import abc_fields
from zoo.notation.abc_fields import Signature
from zoo.notation.changes import from_the_start, in_order
from zoo.notation.tokens import short
from zoo.score import MAX_TICKS, Note, Part, Score
from zoo.theory import STEPS, TICKS_PER_QUARTER, Key, Meter

MAX_CHARACTERS = 100_000

_LENGTH = r"[0-9]{0,3}(?:/{1,6}[0-9]{0,3})?"
_PITCH = r"(?:\^\^?|__?|=|\^/|_/)?[A-Ga-g][,']{0,8}"
_TOKEN = re.compile(
    rf"""
    (?P<text>"[^"]{{0,200}}")
  | (?P<grace>\{{[^}}]{{0,200}}\}})
  | (?P<decoration>![^!\s]{{0,40}}!|\+[^+\s]{{0,40}}\+)
  | (?P<field>\[[A-Za-z]:[^\]]{{0,200}}\])
  | (?P<bar>\[\|\]?|:*\|[|:\]]*|::+)(?:\s*\[?[0-9](?:[0-9,.-]*))?
  | (?P<ending>\[[0-9][0-9,.-]*)
  | (?P<chord>\[[^\]|:]{{1,200}}\]{_LENGTH})
  | (?P<note>{_PITCH}{_LENGTH})
  | (?P<rest>[zx]{_LENGTH})
  | (?P<bars>[ZX][0-9]{{0,3}})
  | (?P<tuplet>\([2-9](?::[0-9]?(?::[0-9]{{0,2}})?)?)
  | (?P<broken>>{{1,3}}|<{{1,3}})
  | (?P<tie>(?<![<>}}])-)
  | (?P<overlay>&)
    """,
    re.VERBOSE,
)
_NOTE = re.compile(r"(\^\^?|__?|=|\^/|_/)?([A-Ga-g])([,']*)([0-9]*)(/*)([0-9]*)(-?)")
_SPLIT = re.compile(r"([0-9]*)(/*)([0-9]*)")
_CHORD_SYMBOL = re.compile(  # and not an annotation such as "D.C." or "Fine"
    r"([A-G][#b]?(?:maj|min|dim|aug|sus|add|alt|m|M|o|[0-9#b+°ø-]|\((?:add)?[0-9#b+-]{1,6}\)){0,6})(?:/([A-Ga-g][#b]?))?"
)
# How many of p notes' time a tuplet of p takes; in the others' case three in compound metre, else two.
_TUPLET_TIME = {2: 3, 3: 2, 4: 3, 6: 2, 8: 3}


def read(source: str | bytes) -> Score:
    """Read the first tune. Grace notes are left out; repeats stay as written. Each voice becomes a part.

    Raises ScoreError when there is no K: field, a note can't be, or the tune is too long.
    """
    if isinstance(source, bytes):
        try:
            source = source.decode("utf-8-sig")
        except UnicodeDecodeError:
            source = source.decode("latin-1")
    if len(source) > MAX_CHARACTERS:
        raise ScoreError(f"The ABC text is longer than {MAX_CHARACTERS:,} characters; use a shorter piece.")
    tune = _Tune()
    for line in _lines(source):
        tune.line(line)
    if not tune.in_body:
        raise ScoreError("This is not ABC; its header ends with a line such as K:C.")
    return tune.score()


def _lines(source: str) -> Iterator[str]:
    """The lines of the first tune, without comments; %%MIDI directives stay."""
    seen_number = seen_key = seen_music = in_text = False
    for line in re.split(r"\r\n?|\n", source):
        if re.match(r"%%\s*(begin|end)", line):
            in_text = "begin" in line
        if in_text:
            continue
        if (line.startswith("X:") and seen_number) or (not line.strip() and seen_music):
            return
        line = line if line.startswith("%%MIDI") else re.sub(r"(?<!\\)%.*", "", line).replace("\\%", "%").strip()
        seen_number = seen_number or line.startswith("X:")
        seen_music = seen_music or (seen_key and bool(line) and not re.match(r"[A-Za-z]:|%", line))
        seen_key = seen_key or line.startswith("K:")
        if line:
            yield line


class _Tune:
    """What the header says, and the voices as they grow."""

    def __init__(self):
        self.in_body = False
        self.title = ""
        self.unit: Fraction | None = None
        self.tempo_text = ""
        self.signature = Signature(None, {})
        self.meter: Meter | None = None
        self.meters: dict[int, Meter] = {}
        self.keys: dict[int, Key] = {}
        self.tempos: dict[int, float] = {}
        self.chords: dict[int, str] = {}
        self.voices: dict[str, _Voice] = {}
        self.names: dict[str, str] = {}
        self.voice: _Voice | None = None

    def line(self, line: str) -> None:
        field = re.match(r"([A-Za-z]):(?![|:])(.{0,200})", line)
        if line.startswith("%%MIDI"):
            if self.in_body:
                self._current().midi(line[6:])
        elif field:
            self.field(field[1], field[2].strip())
        elif self.in_body:
            before, *switches = re.split(r"\[V:([^\]]{1,100})\]", line)
            if before.strip():
                self._current().music(before)
            for voice, music in zip(switches[::2], switches[1::2]):
                self._voice_field(voice.strip())
                self._current().music(music)

    def field(self, letter: str, text: str) -> None:
        if letter == "V":
            self._voice_field(text)
        elif self.in_body:
            if letter in "MLQK":
                self._current().field(letter, text)
        elif letter == "T":
            self.title = self.title or text
        elif letter == "M":
            self.meter = abc_fields.meter(text)
        elif letter == "L":
            self.unit = abc_fields.unit_length(text)
        elif letter == "Q":
            self.tempo_text = text
        elif letter == "K":
            self._begin_body(text)

    def _begin_body(self, text: str) -> None:
        self.in_body = True
        self.unit = self.unit or abc_fields.default_unit(self.meter)
        self.signature = abc_fields.signature(text) or self.signature
        bpm = abc_fields.tempo(self.tempo_text, self.unit)
        self.meters[0] = self.meter or Meter(4, 4)
        self.tempos[0] = bpm or 120.0
        if self.signature.key:
            self.keys[0] = self.signature.key

    def _voice_field(self, text: str) -> None:
        name, _, properties = text.partition(" ")
        told = re.search(r'\b(?:name|nm)="([^"]*)"', properties)
        if told:
            self.names[name] = told[1]
        if self.in_body:
            self.voice = self.voices.setdefault(name, _Voice(self))

    def _current(self) -> "_Voice":
        if self.voice is None:
            self._voice_field(next(iter(self.names), "1"))
        return self.voice

    def score(self) -> Score:
        first = next(iter(self.voices.values()), None)
        pickup = first.first_bar if first and first.first_bar else 0
        parts = [voice.part(self.names.get(name, "")) for name, voice in self.voices.items()]
        return Score(
            parts or [Part(())],
            in_order(self.meters),
            from_the_start(in_order(self.keys)),
            in_order(self.tempos),
            sorted(self.chords.items()),
            pickup if pickup < self.meters[0].bar_ticks else 0,
            self.title,
        )


class _Voice:
    """One voice: where it is, what it has sounded, and what still waits for its next note. Times in quarter notes."""

    def __init__(self, tune: _Tune):
        self.tune = tune
        self.unit, self.meter, self.signature = tune.unit, tune.meter, tune.signature
        self.notes: list[list] = []  # [onset, duration, pitch, (letter, octave)]
        self.now = self.bar_start = self.furthest = Fraction(0)
        self.first_bar: int | None = None  # ticks up to the first bar line that has music before it
        self.accidentals: dict[tuple[str, int], int] = {}
        self.last: dict[int, int] = {}  # what sounded last: pitch: its place in notes
        self.last_duration = Fraction(0)
        self.ties: dict[int, list[int]] = {}  # the same for what is tied to a next note
        self.broken = Fraction(1)  # what the next note's length is multiplied by
        self.tuplet = (Fraction(1), 0)  # (factor, notes left)
        self.program, self.is_drum = 0, False

    def midi(self, text: str) -> None:
        """'program 40', 'program 2 40', 'channel 10'."""
        match = re.match(r"\s*(program|channel)(?:\s+([0-9]{1,3}))?\s+([0-9]{1,3})\s*$", text)
        if match and match[1] == "program" and int(match[3]) < 128:
            self.program = int(match[3])
        elif match and match[1] == "channel":
            self.is_drum = match[3] == "10"

    def field(self, letter: str, text: str) -> None:
        tick = _ticks(self.now)
        if letter == "M" and (found := abc_fields.meter(text)):
            self.meter = self.tune.meters[tick] = found
        elif letter == "L":
            self.unit = abc_fields.unit_length(text) or self.unit
        elif letter == "Q" and (bpm := abc_fields.tempo(text, self.unit)):
            self.tune.tempos[tick] = bpm
        elif letter == "K" and (signature := abc_fields.signature(text)):
            self.signature = signature
            if signature.key:
                self.tune.keys[tick] = signature.key

    def music(self, line: str) -> None:
        for match in _TOKEN.finditer(line):
            kind, token = match.lastgroup, match[0]
            if kind == "note":
                self._sound(token, [_NOTE.match(token)], Fraction(1))
            elif kind == "chord":
                inside, _, length = token[1:].rpartition("]")
                names = list(_NOTE.finditer(inside))
                if names:
                    self._sound(token, names, _length(*_SPLIT.match(length).groups(), token))
            elif kind == "rest":
                self._rest(_length(*_SPLIT.match(token[1:]).groups(), token) * self.unit * self._stretch())
            elif kind == "bars":
                bar = Fraction((self.meter or Meter(4, 4)).bar_ticks, TICKS_PER_QUARTER)
                self._rest(bar * int(token[1:] or 1))
            elif kind == "bar":
                self._bar()
            elif kind == "text":
                self._symbol(token[1:-1].strip())
            elif kind == "tuplet":
                self._begin_tuplet(*token[1:].split(":"))
            elif kind == "broken":
                self._break(token)
            elif kind == "tie":
                for pitch, place in self.last.items():
                    self._tie(pitch, place)
            elif kind == "overlay":
                self.furthest = max(self.furthest, self.now)
                self.now = self.bar_start
            elif kind == "field":
                self.field(token[1], token[3:-1].strip())

    def part(self, name: str) -> Part:
        notes = []
        for onset, duration, pitch, _ in self.notes:
            start = _ticks(onset)
            notes.append(Note(start, max(1, _ticks(onset + duration) - start), pitch))
        return Part(tuple(notes), name, self.program, self.is_drum)

    def _sound(self, token: str, names: list[re.Match], multiplier: Fraction) -> None:
        """One note, or several together; a chord goes on after its first note's length."""
        lengths = [_length(name[4], name[5], name[6], token) * multiplier * self.unit for name in names]
        stretch = self._stretch()
        places: dict[int, int] = {}
        for name, length in zip(names, lengths):
            letter = name[2].upper()
            octave = 4 + name[2].islower() + name[3].count("'") - name[3].count(",")
            pitch = self._pitch(name[1], letter, octave, token)
            if pitch in places:
                continue  # a doubled unison sounds once
            place = self._tied(pitch)
            if place is not None:
                self.notes[place][1] += length * stretch
                self.ties[pitch].remove(place)
            else:
                place = len(self.notes)
                self.notes.append([self.now, length * stretch, pitch, (letter, octave)])
            places[pitch] = place
            if name[7]:
                self._tie(pitch, place)
        self.last = places
        self._advance(lengths[0] * stretch)

    def _tie(self, pitch: int, place: int) -> None:
        self.ties[pitch] = [*self.ties.get(pitch, [])[-3:], place]  # each overlay may tie the same pitch

    def _tied(self, pitch: int) -> int | None:
        """The place of a note of that pitch that is tied to one here and now."""
        return next((place for place in self.ties.get(pitch, []) if sum(self.notes[place][:2]) == self.now), None)

    def _pitch(self, sign: str | None, letter: str, octave: int, token: str) -> int:
        if sign:
            self.accidentals[letter, octave] = abc_fields.accidental(sign)
        else:
            for pitch in self.ties:  # over a bar line the accidental of a tied note holds on
                place = self._tied(pitch)
                if place is not None and self.notes[place][3] == (letter, octave):
                    return pitch
        alteration = self.accidentals.get((letter, octave), self.signature.alterations.get(letter, 0))
        pitch = STEPS[letter] + 12 * (octave + 1) + alteration
        if not 0 <= pitch <= 127:
            raise ScoreError(f"'{short(token)}' is out of range; use fewer octave marks.")
        return pitch

    def _rest(self, duration: Fraction) -> None:
        self.last = {}
        self._advance(duration)

    def _advance(self, duration: Fraction) -> None:
        self.last_duration = duration
        self.now += duration
        if self.now * TICKS_PER_QUARTER > MAX_TICKS:
            raise ScoreError("The ABC tune is longer than four thousand bars; use a shorter one.")

    def _stretch(self) -> Fraction:
        """What broken rhythm and tuplet make of the next note's length, as a factor."""
        factor, left = self.tuplet
        stretch = self.broken * (factor if left else 1)
        self.broken, self.tuplet = Fraction(1), (factor, max(left - 1, 0))
        return stretch

    def _begin_tuplet(self, p: str, q: str = "", r: str = "") -> None:
        compound = self.meter is not None and self.meter.is_compound
        time = int(q or 0) or _TUPLET_TIME.get(int(p), 3 if compound else 2)
        self.tuplet = (Fraction(time, int(p)), int(r or p))

    def _break(self, marks: str) -> None:
        """'A>B' gives half of B's length to A; '>>' three quarters."""
        short_side = Fraction(1, 2 ** len(marks))
        before, self.broken = (2 - short_side, short_side) if marks[0] == ">" else (short_side, 2 - short_side)
        change = self.last_duration * (before - 1)
        for place in self.last.values():
            self.notes[place][1] += change
        self._advance(change)

    def _bar(self) -> None:
        self.now = self.furthest = max(self.now, self.furthest)
        self.bar_start = self.now
        self.accidentals = {}
        if self.first_bar is None and self.now > 0:
            self.first_bar = _ticks(self.now)

    def _symbol(self, text: str) -> None:
        text = text[1:-1] if text[:1] == "(" and text[-1:] == ")" else text
        match = _CHORD_SYMBOL.fullmatch(text.replace("♯", "#").replace("♭", "b"))
        if match:
            symbol = match[1] + (f"/{match[2].capitalize()}" if match[2] else "")
            self.tune.chords.setdefault(_ticks(self.now), symbol)
        elif text.upper().rstrip(".") in ("N.C", "NC"):
            self.tune.chords.setdefault(_ticks(self.now), "N.C.")


def _length(digits: str, slashes: str, divisor: str, token: str) -> Fraction:
    """'3/2', '/', '//', '/4' and '3' as a multiple of the unit length."""
    numerator, denominator = int(digits or 1), int(divisor) if divisor else 2 ** len(slashes)
    if not numerator or not denominator:
        raise ScoreError(f"'{short(token)}' has no length; write it like C2, C/2 or C3/2.")
    return Fraction(numerator, denominator)


def _ticks(quarters: Fraction) -> int:
    return round(quarters * TICKS_PER_QUARTER)
