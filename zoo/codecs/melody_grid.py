"""Melodies on a grid of sixteenths, bar by bar: what the VAE reads and writes.

Every slot of a bar holds one token: HOLD (what sounds goes on; or silence does), REST (a note ends), or the pitch that
begins there. A quarter whose notes lie on eighth triplets says so: its first token is one of a second set, its next two
slots are the triplet's other thirds and its fourth stays HOLD. So a triplet costs no finer grid. Pitches are those on
white keys (the piece moved to the signature without sharps or flats); the key goes beside. After MusicVAE's melody
representation (Roberts et al. 2018), which knows no triplets and 4/4 alone.
"""

from dataclasses import dataclass

import numpy as np

from zoo.chords import PLAIN_QUALITIES, chord_symbol, simplify
from zoo.errors import ScoreError
from zoo.score import Note, Part, Score
from zoo.theory import Key, Meter

SLOT_TICKS = 6  # a sixteenth
BEAT_SLOTS = 4  # a quarter: where triplets can be
METERS = ("4/4", "2/2", "3/4", "6/8", "2/4", "3/8")
HOLD, REST, FIRST_PITCH = 0, 1, 2
LOWEST, HIGHEST = 43, 93  # on white keys; what lies outside moves by octaves
PLAIN = FIRST_PITCH + HIGHEST - LOWEST + 1  # tokens that don't begin a triplet; as many begin one
VOCABULARY = 2 * PLAIN

UNKNOWN_CHORD, NO_CHORD, FIRST_CHORD = 0, 1, 2
CHORDS = FIRST_CHORD + 12 * len(PLAIN_QUALITIES)
BAR_CHORDS = 2  # where the bar begins and in its middle

_STRAIGHT = np.array([0, 6, 12, 18, 24])
_TRIPLET = np.array([0, 8, 16, 24])


@dataclass(frozen=True)
class MelodyGrid:
    """A melody of full bars in one metre.

    tokens: (bars, slots) int64; chords: (bars, 2) int64, UNKNOWN_CHORD throughout where the piece has none; both on
    white keys. key: where the melody goes back to.
    """

    meter: Meter
    key: Key
    tokens: np.ndarray
    chords: np.ndarray

    @property
    def bars(self) -> int:
        return len(self.tokens)

    def __getitem__(self, bars: slice) -> "MelodyGrid":
        return MelodyGrid(self.meter, self.key, self.tokens[bars], self.chords[bars])


def slots(meter: Meter) -> int:
    """How many a bar has. Raises ScoreError for a metre that is not in METERS."""
    if str(meter) not in METERS:
        raise ScoreError(f"The grid knows the metres {', '.join(METERS)}, not {meter}.")
    return meter.bar_ticks // SLOT_TICKS


def has_triplets(meter: Meter) -> bool:
    """Whether its beats are quarters, which may be divided into three."""
    return slots(meter) % BEAT_SLOTS == 0 and not meter.is_compound


def to_grid(score: Score, bars: int | None = None) -> MelodyGrid:
    """The melody of a score whose only part is one line (zoo.corpus.melody.melody), from its first full bar on.

    An upbeat is left out. bars: how many are wanted; all where None. Notes that begin in one slot leave the longest.
    Raises ScoreError for another metre than METERS or one that changes, and where there is no full bar.
    """
    meter = score.meter
    width = slots(meter)
    if len(score.meters) > 1 and any(m != meter for _, m in score.meters):
        raise ScoreError("The metre changes; give a piece in one metre.")
    bars = score.bars if bars is None else bars
    if bars < 1:
        raise ScoreError("There is no full bar; give a longer piece.")
    shift = score.key.to_white_keys
    ends = bars * meter.bar_ticks
    notes = [
        Note(n.onset - score.pickup, n.duration, _in_range(n.pitch + shift))
        for n in score.notes
        if n.end > score.pickup and n.onset - score.pickup < ends
    ]
    triplets = _triplet_beats(notes, bars * width // BEAT_SLOTS) if has_triplets(meter) else None
    tokens = np.zeros(bars * width, np.int64)
    starts: dict[int, Note] = {}
    for note in notes:
        slot = _slot(note.onset, triplets) if note.onset >= 0 else -1
        if 0 <= slot < len(tokens) and (slot not in starts or starts[slot].duration < note.duration):
            starts[slot] = note
    order = sorted(starts)
    for slot, following in zip(order, [*order[1:], len(tokens)]):
        note = starts[slot]
        tokens[slot] = FIRST_PITCH + note.pitch - LOWEST
        end = max(_slot(note.end, triplets), _after(slot, triplets))
        if end < following:
            tokens[end] = REST
    if triplets is not None:
        first = np.flatnonzero(triplets) * BEAT_SLOTS
        tokens[first] += PLAIN
    chords = np.full((bars, BAR_CHORDS), UNKNOWN_CHORD, np.int64)
    if score.chords:
        for bar in range(bars):
            for place, tick in enumerate((0, _middle(meter))):
                chords[bar, place] = _chord_at(score, score.pickup + bar * meter.bar_ticks + tick, shift)
    return MelodyGrid(meter, score.key, tokens.reshape(bars, width), chords)


def from_grid(grid: MelodyGrid, **fields) -> Score:
    """A Score of one part in the grid's key. fields: further ones of Score (tempos, title)."""
    shift = -grid.key.to_white_keys
    width = grid.tokens.shape[1]
    flat = grid.tokens.reshape(-1)
    notes, begun, pitch = [], 0, None

    def end(tick: int) -> None:
        if pitch is not None and tick > begun:
            notes.append(Note(begun, tick - begun, min(127, max(0, pitch + shift))))

    for index, tick in enumerate(slot_ticks(grid).tolist()):
        token = int(flat[index] % PLAIN)
        if tick < 0 or token == HOLD:
            continue
        end(tick)
        begun, pitch = tick, None if token == REST else token - FIRST_PITCH + LOWEST
    end(grid.bars * width * SLOT_TICKS)
    chords, current = [], UNKNOWN_CHORD
    for bar, row in enumerate(grid.chords):
        for tick, chord in zip((0, _middle(grid.meter)), row):
            if chord not in (current, UNKNOWN_CHORD):
                chords.append((bar * grid.meter.bar_ticks + tick, _symbol(int(chord), grid.key)))
                current = chord
    return Score(
        parts=(Part(tuple(notes), name="Melody"),), meters=((0, grid.meter),), keys=((0, grid.key),),
        chords=tuple(chords), **fields,
    )


def slot_ticks(grid: MelodyGrid) -> np.ndarray:
    """The tick at which each slot begins, (bars x slots,); -1 for the fourth slot of a triplet, which is none."""
    flat = grid.tokens.reshape(-1)
    ticks = np.arange(len(flat)) * SLOT_TICKS
    if has_triplets(grid.meter):
        first = np.flatnonzero(flat[::BEAT_SLOTS] >= PLAIN) * BEAT_SLOTS
        for third in (1, 2):
            ticks[first + third] = first * SLOT_TICKS + third * 8
        ticks[first + 3] = -1
    return ticks


def onsets(grid: MelodyGrid) -> np.ndarray:
    """Where notes begin, (bars, slots) bool."""
    return grid.tokens % PLAIN >= FIRST_PITCH


def sounding(grid: MelodyGrid) -> np.ndarray:
    """What sounds in each slot, (bars, slots): a MIDI pitch on white keys, 0 for silence."""
    flat = grid.tokens.reshape(-1) % PLAIN
    given = np.where(flat != HOLD, np.arange(len(flat)), -1)
    last = np.maximum.accumulate(given)
    token = np.where(last >= 0, flat[last], REST)
    return np.where(token >= FIRST_PITCH, token - FIRST_PITCH + LOWEST, 0).reshape(grid.tokens.shape)


def _in_range(pitch: int) -> int:
    while pitch < LOWEST:
        pitch += 12
    while pitch > HIGHEST:
        pitch -= 12
    return pitch


def _triplet_beats(notes: list[Note], beats: int) -> np.ndarray:
    """Which quarters are triplets, (beats,) bool: those whose onsets lie nearer to thirds than to sixteenths."""
    straight, triplet = np.zeros(beats), np.zeros(beats)
    for note in notes:
        beat, offset = divmod(note.onset, 24)
        if 0 <= beat < beats:
            straight[beat] += np.abs(_STRAIGHT - offset).min()
            triplet[beat] += np.abs(_TRIPLET - offset).min()
    return triplet < straight


def _slot(tick: int, triplets: np.ndarray | None) -> int:
    """The slot nearest to a tick, 0 or more; may be one past the last."""
    beat, offset = divmod(tick, 24)
    if triplets is None or not 0 <= beat < len(triplets) or not triplets[beat]:
        return (tick + SLOT_TICKS // 2 - (tick % SLOT_TICKS == SLOT_TICKS // 2)) // SLOT_TICKS
    third = int(np.abs(_TRIPLET - offset).argmin())
    return beat * BEAT_SLOTS + (third if third < 3 else BEAT_SLOTS)


def _after(slot: int, triplets: np.ndarray | None) -> int:
    """The next slot; the fourth of a triplet is none."""
    is_last_third = triplets is not None and slot % BEAT_SLOTS == 2 and triplets[slot // BEAT_SLOTS]
    return slot + 2 if is_last_third else slot + 1


def _middle(meter: Meter) -> int:
    """Ticks to the bar's second chord: half a bar, or in three the third beat."""
    return meter.bar_ticks // 3 * 2 if meter.numerator == 3 else meter.bar_ticks // 2


def _chord_at(score: Score, tick: int, shift: int) -> int:
    symbols = [symbol for when, symbol in score.chords if when <= tick]
    simple = simplify(symbols[-1]) if symbols else None
    if simple is None:
        return NO_CHORD
    root, quality = simple
    return FIRST_CHORD + (root + shift) % 12 + 12 * PLAIN_QUALITIES.index(quality)


def _symbol(chord: int, key: Key) -> str:
    if chord == NO_CHORD:
        return "N.C."
    quality, root = divmod(chord - FIRST_CHORD, 12)
    return chord_symbol((root - key.to_white_keys) % 12, PLAIN_QUALITIES[quality], key)
