"""Score: what every room hands to the next. Times are whole ticks, 24 to the quarter note."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property

from zoo.chords import transpose_symbol
from zoo.errors import ScoreError
from zoo.theory import TICKS_PER_QUARTER, Key, Meter, estimate_key

MAX_NOTES = 50_000
MAX_TICKS = 24 * 4 * 4_000  # four thousand bars of 4/4: longer is a broken file, not a piece
DEFAULT_VELOCITY = 80


@dataclass(frozen=True, order=True)
class Note:
    """One note. onset and duration in ticks (duration at least 1), pitch and velocity as in MIDI (0 to 127)."""

    onset: int
    duration: int
    pitch: int
    velocity: int = DEFAULT_VELOCITY

    @property
    def end(self) -> int:
        return self.onset + self.duration


@dataclass(frozen=True)
class Part:
    """One instrument's notes, sorted by onset. program: General MIDI, 0 to 127; drums ignore it."""

    notes: tuple[Note, ...]
    name: str = ""
    program: int = 0
    is_drum: bool = False

    def __post_init__(self):
        object.__setattr__(self, "notes", tuple(sorted(self.notes)))


@dataclass(frozen=True)
class Score:
    """Parts on one tick grid, with their metre, key, tempo and chord symbols.

    meters, keys, tempos, chords: (tick, value) from their tick on. The first metre, key (where one is given) and
    tempo stand at tick 0. tempos are quarter notes per minute. chords are symbols such as 'Am7' or 'D7/F#';
    'N.C.' ends one. pickup: ticks before the first full bar, less than a bar. form: labels such as 'A' of the sections
    that begin there, where they are known; the same label is the same music again.

    Raises ScoreError when a value is out of range or the whole is too large.
    """

    parts: tuple[Part, ...]
    meters: tuple[tuple[int, Meter], ...] = ((0, Meter(4, 4)),)
    keys: tuple[tuple[int, Key], ...] = ()
    tempos: tuple[tuple[int, float], ...] = ((0, 120.0),)
    chords: tuple[tuple[int, str], ...] = ()
    pickup: int = 0
    title: str = ""
    form: tuple[tuple[int, str], ...] = ()

    def __post_init__(self):
        for name in ("parts", "meters", "keys", "tempos", "chords", "form"):
            object.__setattr__(self, name, tuple(getattr(self, name)))
        if sum(len(part.notes) for part in self.parts) > MAX_NOTES:
            raise ScoreError(f"The piece has more than {MAX_NOTES:,} notes; use a shorter one.")
        for note in self.notes:
            if note.onset < 0 or note.duration < 1 or not 0 <= note.pitch <= 127 or not 0 <= note.velocity <= 127:
                raise ScoreError(f"{note} is out of range.")
            if note.end > MAX_TICKS:
                raise ScoreError("The piece is longer than four thousand bars; use a shorter one.")
        for name in ("meters", "keys", "tempos"):
            changes = getattr(self, name)
            begins = changes[0][0] == 0 if changes else name == "keys"  # a piece may leave its key open
            if not begins or list(changes) != sorted(changes, key=lambda c: c[0]):
                raise ScoreError(f"A score's {name} begin at tick 0 and are in order.")
        if any(not 4 <= bpm <= 1000 for _, bpm in self.tempos):
            raise ScoreError("A tempo lies between 4 and 1000 quarter notes per minute.")
        if not 0 <= self.pickup < self.meters[0][1].bar_ticks:
            raise ScoreError("A pickup is shorter than the first bar.")

    @cached_property
    def notes(self) -> tuple[Note, ...]:
        """The notes of all parts, sorted by onset."""
        return tuple(sorted(note for part in self.parts for note in part.notes))

    @property
    def meter(self) -> Meter:
        return self.meters[0][1]

    @cached_property
    def key(self) -> Key:
        """The first key; estimated from the notes where none is given."""
        if self.keys:
            return self.keys[0][1]
        weights = [0.0] * 12
        for part in self.parts:
            for note in part.notes if not part.is_drum else ():
                weights[note.pitch % 12] += note.duration
        return estimate_key(weights)

    @property
    def tempo(self) -> float:
        """The first tempo, quarter notes per minute."""
        return self.tempos[0][1]

    @cached_property
    def end(self) -> int:
        """The tick at which the last note ends."""
        return max((note.end for note in self.notes), default=0)

    @cached_property
    def barlines(self) -> tuple[int, ...]:
        """Ticks at which bars begin, the pickup's included, up to and including the end of the last bar."""
        lines = [0] if self.pickup else []
        tick, changes = self.pickup, list(self.meters)
        meter = changes.pop(0)[1]
        while True:
            while changes and changes[0][0] <= tick:
                meter = changes.pop(0)[1]
            lines.append(tick)
            if tick >= self.end and len(lines) > 1:
                return tuple(lines)
            tick += meter.bar_ticks

    @property
    def bars(self) -> int:
        """Full bars, the pickup not counted."""
        return len(self.barlines) - 1 - (1 if self.pickup else 0)

    def seconds_at(self, tick: float) -> float:
        """Seconds from the start to a tick, through all tempo changes."""
        seconds = 0.0
        for (start, bpm), (end, _) in zip(self.tempos, [*self.tempos[1:], (float("inf"), 0)]):
            seconds += max(0, min(tick, end) - start) * 60 / bpm / TICKS_PER_QUARTER
        return seconds

    @property
    def seconds(self) -> float:
        """Seconds from the start to the end of the last note."""
        return self.seconds_at(self.end)

    def with_parts(self, parts: Iterable[Part]) -> "Score":
        return replace(self, parts=tuple(parts))

    def transpose(self, semitones: int) -> "Score":
        """All pitches but the drums' so many semitones higher, keys and chord symbols too.

        Raises ScoreError when a pitch leaves 0 to 127.
        """
        if semitones == 0:
            return self
        return replace(
            self,
            parts=tuple(
                part if part.is_drum
                else replace(part, notes=tuple(replace(n, pitch=n.pitch + semitones) for n in part.notes))
                for part in self.parts
            ),
            keys=tuple((tick, key.transpose(semitones)) for tick, key in self.keys),
            chords=tuple((tick, transpose_symbol(symbol, semitones)) for tick, symbol in self.chords),
        )


def melody_score(notes: Iterable[Note], **fields) -> Score:
    """A Score of one part."""
    return Score(parts=(Part(tuple(notes), name="Melody"),), **fields)
