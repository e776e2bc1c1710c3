"""The JSB chorales in the form of the published figures: sixteenth-note steps, four voices, written one after another.

A chorale is an array (steps, 4) of the MIDI pitch that sounds in Soprano, Alto, Tenor and Bass, REST where none does.
Serialised it is read row by row: S A T B of the first step, S A T B of the second. A repeated note looks like a held
one, and repeat marks are not played out.

Form: Huang et al. 2018 (Music Transformer, section 4.1) and their data, github.com/czhuang/JSB-Chorales-dataset.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from zoo.corpus.load import corpus_root
from zoo.corpus.records import read_records
from zoo.theory import TICKS_PER_QUARTER, Meter

STEP_TICKS = TICKS_PER_QUARTER // 4
VOICES = 4
STAYS = 64  # as a token: the voice goes on; 63 is a semitone down, 65 up
REST = 128  # as a pitch and as a token
BEGIN = 129  # the token before the first
VOCABULARY = 130
HELD_OUT = 36  # chorales in valid and in test, at least

_LONGEST_HELD = 32  # steps; longer is not told apart
_BAR_CYCLE = 8  # bars are counted round and round: their places in a window differ, and all numbers are well learned
_BARS = (12, 16, 24)  # steps in a bar of 3/4, 4/4, 3/2: there are no others
_START = np.array([69, 64, 57, 50])  # from where the first pitch of each voice is counted

# The columns of Chorale.context: voice, place, metre, last pitch, distances, how long each is held, bar.
CONTEXT_SIZES = (VOICES, max(_BARS), len(_BARS), REST + 1, *[REST + 1] * 3, *[_LONGEST_HELD + 1] * VOICES, _BAR_CYCLE)


@dataclass(frozen=True)
class Chorale:
    """steps: (T, 4) pitches 0 to 127 or REST. place, bar: (T,) the step's place in its bar, the bar's length in steps.

    split: as in the packaged corpus. family: the same for all chorales on one tune.
    """

    steps: np.ndarray
    place: np.ndarray
    bar: np.ndarray
    split: str
    family: str

    def transpose(self, semitones: int) -> "Chorale":
        return replace(self, steps=np.where(self.steps == REST, REST, self.steps + semitones))

    @property
    def tokens(self) -> np.ndarray:
        """(1 + 4 T,): BEGIN, then each pitch as the way from the voice's last one, STAYS for none, or REST.

        With what went before, token and pitch give each other: a token costs as many nats as its pitch.
        """
        last = self._last_sounding()
        moves = np.where(self.steps == REST, REST, STAYS + self.steps - last[:-1])
        return np.concatenate([[BEGIN], moves.ravel()])

    def context(self) -> np.ndarray:
        """(4 T, 12) uint8: what is known before each token is written.

        The voice, the place in the bar, the bar's length (its number in _BARS); the voice's last pitch; the distance
        from it (STAYS: none) to each of the three other voices, nearest above first, the bass taken for the soprano's
        upper neighbour; for how many steps these four have been as they are, 0 before the first; the bar's number.
        Voices already written in this step are taken from it, the others from the step before. Nothing looks ahead: not
        to the notes, not to the end.
        """
        count = len(self.steps)
        last = self._last_sounding()
        rests = np.vstack([np.zeros((1, VOICES), bool), self.steps == REST])
        held = np.zeros((count + 1, VOICES), int)
        for t in range(count):
            stays = t > 0 and self.steps[t] == self.steps[t - 1]
            held[t + 1] = np.where(stays, np.minimum(held[t] + 1, _LONGEST_HELD), 1)
        rows = np.zeros((count, VOICES, len(CONTEXT_SIZES)), np.uint8)
        for voice in range(VOICES):
            own = last[:-1, voice]
            rows[:, voice, 0] = voice
            rows[:, voice, 1] = self.place
            rows[:, voice, 2] = np.searchsorted(_BARS, self.bar)
            rows[:, voice, 3] = np.where(rests[:-1, voice], REST, own)
            rows[:, voice, 7] = held[:-1, voice]
            rows[:, voice, 11] = np.cumsum(self.place == 0) % _BAR_CYCLE
            for distance in (1, 2, 3):
                other = (voice - distance) % VOICES
                now = slice(1, None) if other < voice else slice(None, -1)
                rows[:, voice, 3 + distance] = np.where(rests[now, other], REST, STAYS + last[now, other] - own)
                rows[:, voice, 7 + distance] = held[now, other]
        return rows.reshape(count * VOICES, -1)

    def _last_sounding(self) -> np.ndarray:
        """(T + 1, 4): each voice's last pitch before the first step, then after each step; rests are passed over."""
        last = np.vstack([_START, self.steps])
        for t in range(1, len(last)):
            last[t] = np.where(last[t] == REST, last[t - 1], last[t])
        return last


def load_chorales() -> dict[str, list[Chorale]]:
    """{"train", "valid", "test"} of the packaged four-voice chorales, divided by family.

    Raises ScoreError where the corpus is not found.
    """
    records = read_records(corpus_root() / "bach-chorales.jsonl.gz")
    return divide([chorale(record) for record in records if record["four_voices"]])


def chorale(record: dict) -> Chorale:
    """A record of the packaged corpus on the grid; what lies off it (4 of 79,169 notes) moves to the next step."""
    count = -(-record["length_ticks"] // STEP_TICKS)
    steps = np.full((count, VOICES), REST)
    for onset, duration, pitch, voice in record["notes"]:  # in the order of onsets: a later note ends an earlier one
        steps[-(-onset // STEP_TICKS) : -(-(onset + duration) // STEP_TICKS), voice] = pitch
    place, bar = np.zeros(count, int), np.zeros(count, int)
    upbeat = (record["bars"][1] - record["bars"][0]) // STEP_TICKS
    changes = [(tick // STEP_TICKS, Meter.parse(text).bar_ticks // STEP_TICKS) for tick, text in record["meter"]]
    for (start, length), (end, _) in pairwise([*changes, (count, 0)]):
        # A short first bar is the end of one; from there on the metre is counted, whatever bar lines stand at repeats.
        place[start:end] = (np.arange(end - start) - (upbeat if start == 0 else 0)) % length
        bar[start:end] = length
    return Chorale(steps, place, bar, record["split"], record["family"])


def divide(chorales: Iterable[Chorale], held_out: int = HELD_OUT) -> dict[str, list[Chorale]]:
    """Whole families to valid, then to test, until each has so many chorales; the rest to train.

    What the corpus itself holds out, too little to measure on, comes first and keeps its side, so that it is trained on
    nowhere; then families of the corpus's train split, in the order of their hash.
    """
    split: dict[str, list[Chorale]] = {"train": [], "valid": [], "test": []}
    families: dict[str, list[Chorale]] = {}
    for piece in chorales:
        if piece.split == "train":
            families.setdefault(piece.family, []).append(piece)
        else:
            split[piece.split].append(piece)
    for family in sorted(families, key=lambda name: hashlib.sha256(name.encode()).digest()):
        side = next((side for side in ("valid", "test") if len(split[side]) < held_out), "train")
        split[side] += families[family]
    return split


def transpositions(chorales: list[Chorale]) -> list[list[Chorale]]:
    """Each chorale in all keys, -6 to 5 semitones away, in which no voice leaves the range it has in all of them."""
    ranges = np.array([_ranges(piece) for piece in chorales])  # (chorales, 2, 4)
    lowest, highest = ranges[:, 0].min(axis=0), ranges[:, 1].max(axis=0)
    return [
        [piece.transpose(k) for k in range(-6, 6) if (low + k >= lowest).all() and (high + k <= highest).all()]
        for piece, (low, high) in zip(chorales, ranges)
    ]


def _ranges(piece: Chorale) -> tuple[np.ndarray, np.ndarray]:
    """The lowest and the highest pitch of each voice."""
    rests = piece.steps == REST
    return np.where(rests, 127, piece.steps).min(axis=0), np.where(rests, 0, piece.steps).max(axis=0)
