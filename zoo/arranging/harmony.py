"""A hidden Markov harmoniser: the likeliest chords under a melody, by Viterbi's algorithm.

States are chords relative to the tonic; their habits are counted in chorales, songs and dance tunes by
benchmarks/fit_harmony.py, which also measures how often the chords are those that people wrote.
"""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from zoo.arranging.slots import Slot, pitch_class_weights, slots
from zoo.chords import chord_tones
from zoo.score import Score
from zoo.theory import Key

TABLE = Path(__file__).parents[2] / "assets" / "harmony.json"
# Modes without enough music of their own share a table: the third decides.
FAMILY = {"major": "major", "lydian": "major", "mixolydian": "mixolydian",
          "minor": "minor", "phrygian": "minor", "dorian": "dorian"}
_MINOR = ("minor", "dorian")


@dataclass(frozen=True)
class Habits:
    """How chords behave in one group of styles and one mode. States: (semitones above the tonic, quality).

    All values are natural logarithms of probabilities.
    emission (states, 12): the melody's pitch classes above the tonic. place (states by 16): see Slot.place,
    as a ratio to the chord's overall share. stay (2, states): the chord goes on at a bar line, inside a bar.
    move (2, states, states): another chord follows. first: the piece begins with it.
    """

    states: tuple[tuple[int, str], ...]
    emission: np.ndarray
    place: np.ndarray
    steps: np.ndarray
    first: np.ndarray


# How much the melody weighs against the habits of chords; set by cross-validation (benchmarks/fit_harmony.py --tune).
MELODY_WEIGHT = 1.0
PLACE_WEIGHT = 0.5


@cache
def _table() -> dict:
    return json.loads(TABLE.read_text(encoding="utf-8"))


@cache
def habits(group: str, family: str) -> Habits:
    """The habits of a group of styles ('folk', 'song' ...) in a family of modes; see FAMILY."""
    return from_json(_table()[group][family])


def from_json(row: dict) -> Habits:
    """Habits from one entry of harmony.json, whose probabilities are written as hundredths of a nat."""
    logs = {name: np.array(row[name]) / -100 for name in ("emission", "place", "stay", "move", "first")}
    size = len(row["states"])
    go = np.log1p(-np.exp(logs["stay"]))  # (2, states)
    steps = go[:, :, None] + logs["move"][None]
    steps[:, np.arange(size), np.arange(size)] = logs["stay"]
    states = tuple((int(root), quality) for root, quality in row["states"])
    return Habits(states, logs["emission"], logs["place"], steps, logs["first"])


def decode(habits: Habits, places: list[Slot], weights: np.ndarray, last: int | None = None) -> list[int]:
    """The likeliest state of each slot. weights: (slots, 12), see pitch_class_weights. last: the state to end on."""
    score = MELODY_WEIGHT * weights @ habits.emission.T
    score += PLACE_WEIGHT * habits.place.T[[slot.place for slot in places]]
    if last is not None:
        score[-1, np.arange(score.shape[1]) != last] = -np.inf
    best = habits.first + score[0]
    came_from = np.zeros(score.shape, int)
    for i in range(1, len(places)):
        paths = best[:, None] + habits.steps[int(places[i].inner)]
        came_from[i] = paths.argmax(axis=0)
        best = paths.max(axis=0) + score[i]
    path = [int(best.argmax())]
    for i in range(len(places) - 1, 0, -1):
        path.append(int(came_from[i, path[-1]]))
    return path[::-1]


def harmonise(score: Score, group: str, per_beat: bool) -> list[tuple[Slot, str]]:
    """A chord symbol for every slot from the first full bar to the end of the melody.

    Where the melody ends on a tone of the tonic triad, so does the harmony.
    """
    places = [slot for slot in slots(score, per_beat) if slot.start < score.end]
    if not places:
        return []
    key, family = score.key, FAMILY[score.key.mode]
    table = habits(group, family)
    weights = pitch_class_weights(score.notes, places, key.pitch_class)
    home = (0, "m" if family in _MINOR else "")
    symbol_of_home = spell(key, home)
    last_pitch = max(score.notes, key=lambda note: (note.end, note.pitch)).pitch % 12
    ends_home = last_pitch in chord_tones(symbol_of_home)[1]
    path = decode(table, places, weights, table.states.index(home) if ends_home else None)
    return [(slot, spell(key, table.states[state])) for slot, state in zip(places, path)]


def spell(key: Key, state: tuple[int, str]) -> str:
    """The chord's symbol in a key: the root spelt as near as can be to the key's own notes."""
    lowest = key.fifths - (3 if FAMILY[key.mode] in _MINOR else 4)  # from the flat sixth (major) or second (minor) up
    root = (key.pitch_class + state[0]) % 12
    fifths = lowest + (7 * root - lowest) % 12
    return Key.from_fifths(fifths).tonic + state[1]
