"""Counts the harmoniser's habits in the train split, and measures its chords against people's on held-out music.

    python -m benchmarks.fit_harmony            write assets/harmony.json and print the table of agreement
    python -m benchmarks.fit_harmony --tune     choose the two weights of zoo.arranging.harmony by cross-validation

The corpora's folder is ../shared/corpus or ZOO_CORPUS. Only tier 1 is counted.
"""

import argparse
import gzip
import json
import os
import zlib
from collections import Counter, defaultdict
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np

from zoo.arranging import harmony
from zoo.arranging.slots import PHRASE_BARS, Slot, cut_bar, pitch_class_weights
from zoo.chords import chord_tones
from zoo.score import Note
from zoo.theory import Key, Meter

CORPUS = Path(os.environ.get("ZOO_CORPUS", Path(__file__).parents[2] / "shared" / "corpus"))
# Each group: (file, styles, derived). derived: no symbols there, the chords are read off all voices.
GROUPS = {
    "folk": [("session-tunes-cc", ("folk",), False), ("openewld", ("folk",), False),
             ("lilypond-lead-sheets", ("folk",), False)],
    "song": [("openewld", ("song",), False), ("lilypond-lead-sheets", ("song",), False)],
    "jazz": [("openewld", ("jazz",), False), ("lilypond-lead-sheets", ("jazz",), False)],
    "chorale": [("bach-chorales", ("chorale",), True), ("open-hymnal", ("hymn",), True)],
    "classical": [("openscore-lieder", ("classical", "song"), True)],
}
PER_BEAT = {"chorale"}
QUALITIES = ("", "7", "m", "dim")
STATES = [(root, quality) for quality in QUALITIES for root in range(12)]
FAMILIES = ("major", "mixolydian", "minor", "dorian")
PARENT = {"mixolydian": "major", "dorian": "minor"}
SMALLEST_SHARE = 0.002  # a chord that fills less of the time is left out of a group's vocabulary


@dataclass
class Piece:
    """A melody cut into slots, with the human (or derived) state of each, -1 where there is none."""

    group: str
    family: str  # of modes
    fold: int
    slots: list[Slot]
    weights: np.ndarray
    chords: np.ndarray
    seconds_of: np.ndarray  # quarter notes per slot, for time-weighted agreement


def quality(symbol: str) -> str | None:
    """The symbol's quality among QUALITIES; None for what is no chord."""
    read = chord_tones(symbol)
    if read is None:
        return None
    root, tones, _ = read
    above = {(tone - root) % 12 for tone in tones}
    if 3 in above:
        return "dim" if 6 in above else "m"
    return "7" if 10 in above else ""


def state_of(symbol: str, tonic: int) -> int:
    kind = quality(symbol)
    return -1 if kind is None else STATES.index(((chord_tones(symbol)[0] - tonic) % 12, kind))


# How well a set of sounding pitch classes fits each state: a tone of the chord counts for it, any other against it.
TEMPLATES = np.full((len(STATES), 12), -1.0)
for _row, (_root, _quality) in zip(TEMPLATES, STATES):
    for _interval, _weight in {"": [(0, 1.2), (4, 1), (7, 1)], "7": [(0, 1.1), (4, 1), (7, .8), (10, 0.9)],
                               "m": [(0, 1.2), (3, 1), (7, 1)], "dim": [(0, 1.1), (3, 1), (6, 1), (9, 0.2)]}[_quality]:
        _row[(_root + _interval) % 12] = _weight


def bar_numbers(record: dict, bars: list[int]) -> list[int]:
    """Each bar's number in its phrase: counted from the first full bar, anew after every repeat mark."""
    marks = defaultdict(list)
    for tick, mark in record.get("repeats", ()):
        marks[tick].append(mark)
    numbers, count, first_ending = [], 0, 0
    full = Meter.parse(record["main_meter"]).bar_ticks
    for i, (start, end) in enumerate(pairwise(bars)):
        if "[2" in marks[start]:
            count = first_ending
        elif "|:" in marks[start] or ":|" in marks[start]:
            count = 0
        if "[1" in marks[start]:
            first_ending = count
        numbers.append(count % PHRASE_BARS)
        if i or end - start >= full:  # a pickup does not count
            count += 1
    return numbers


def read_piece(record: dict, group: str, derived: bool) -> Piece | None:
    if not (record.get("main_meter") and record.get("main_key")) or not (derived or record["chords"]):
        return None
    if len(record["key"]) > 1 or len(record["meter"]) > 1:
        return None  # one key, one metre: the rest would need care for little gain
    try:
        key, meter = Key.parse(record["main_key"]), Meter.parse(record["main_meter"])
    except ValueError:
        return None
    notes = [Note(on, max(1, length), pitch) for on, length, pitch, part in record["notes"] if part == 0]
    bars = record["bars"]
    if not notes or len(bars) < 5 or bars != sorted(set(bars)):
        return None
    slots = [slot for (start, end), number in zip(pairwise(bars), bar_numbers(record, bars))
             for slot in cut_bar(start, end, number, meter, group in PER_BEAT)]
    if derived:
        everything = [Note(on, max(1, length), pitch) for on, length, pitch, _ in record["notes"]]
        sounding = pitch_class_weights(everything, slots, key.pitch_class)
        chords = (sounding @ TEMPLATES.T).argmax(axis=1)
        chords[sounding.sum(axis=1) == 0] = -1
    else:
        chords = label(slots, sorted(record["chords"]), key.pitch_class)
    return Piece(group, harmony.FAMILY[key.mode], zlib.crc32(record["family"].encode()) % 5, slots,
                 pitch_class_weights(notes, slots, key.pitch_class), chords,
                 np.array([(slot.end - slot.start) / 24 for slot in slots]))


def label(slots: list[Slot], chords: list, tonic: int) -> np.ndarray:
    """The chord that fills most of each slot."""
    spans = [(start, end, state_of(symbol, tonic))
             for (start, symbol), (end, _) in zip(chords, [*chords[1:], (10**9, "")]) if end > start]
    labels = []
    for slot in slots:
        shares = Counter()
        for start, end, state in spans:
            overlap = min(end, slot.end) - max(start, slot.start)
            if overlap > 0:
                shares[state] += overlap
        labels.append(shares.most_common(1)[0][0] if shares else -1)
    return np.array(labels)


def read_group(group: str, split: str, sources=None) -> list[Piece]:
    pieces = []
    for name, styles, derived in sources or GROUPS[group]:
        with gzip.open(CORPUS / f"{name}.jsonl.gz", "rt", encoding="utf-8") as file:
            for line in file:
                record = json.loads(line)
                if record["split"] == split and record["style"] in styles:
                    pieces.append(read_piece(record, group, derived))
    return [piece for piece in pieces if piece is not None]


def count(pieces: list[Piece]) -> dict[str, np.ndarray]:
    size = len(STATES)
    counts = {"time": np.zeros(size), "emission": np.zeros((size, 12)), "place": np.zeros((size, 16)),
              "stay": np.zeros((2, size)), "leave": np.zeros((2, size)), "move": np.zeros((size, size)),
              "first": np.zeros(size)}
    for piece in pieces:
        known = piece.chords >= 0
        np.add.at(counts["time"], piece.chords[known], piece.seconds_of[known])
        np.add.at(counts["emission"], piece.chords[known], piece.weights[known])
        for i, (state, slot) in enumerate(zip(piece.chords, piece.slots)):
            if state < 0:
                continue
            counts["place"][state, slot.place] += 1
            before = piece.chords[i - 1] if i else -1
            if before < 0:
                counts["first"][state] += i < 3
            elif before == state:
                counts["stay"][int(slot.inner), before] += 1
            else:
                counts["leave"][int(slot.inner), before] += 1
                counts["move"][before, state] += 1
    return counts


def add(a: dict, b: dict, weight: float) -> dict:
    return {name: a[name] + weight * b[name] for name in a}


def shared(matrix: np.ndarray, by: str) -> np.ndarray:
    """What all chords of a quality have in common: counts summed over roots, then laid under every root."""
    out = np.zeros_like(matrix)
    for i, (root, kind) in enumerate(STATES):
        for j, (other, its_kind) in enumerate(STATES):
            if kind == its_kind and by == "emission":
                out[i] += np.roll(matrix[j], root - other)
    return out


def normalised(matrix: np.ndarray) -> np.ndarray:
    return matrix / np.maximum(matrix.sum(axis=-1, keepdims=True), 1e-9)


def fit(counts: dict) -> dict:
    """Smoothed probabilities as harmony.json holds them: minus hundredths of a nat, as whole numbers."""
    share = counts["time"] / counts["time"].sum()
    kept = [i for i in range(len(STATES)) if share[i] >= SMALLEST_SHARE or STATES[i] in ((0, ""), (0, "m"), (7, "7"))]
    overall = normalised(counts["emission"].sum(axis=0) + 1)
    by_quality = normalised(shared(counts["emission"], "emission") + 5 * overall)
    emission = normalised(counts["emission"] + 20 * by_quality)[kept]
    share = normalised(counts["place"].sum(axis=1) + 0.5)
    by_place = normalised((counts["place"] + 10 * share[:, None]).T)  # (16, states)
    place = (by_place / share).T[kept]
    usual = counts["stay"].sum(axis=1) / (counts["stay"] + counts["leave"]).sum(axis=1).clip(1)
    usual = usual.clip(0.02, 0.98)  # a bar of one slot has no inside
    stay = ((counts["stay"] + 20 * usual[:, None]) / (counts["stay"] + counts["leave"] + 20))[:, kept]
    move = counts["move"][np.ix_(kept, kept)]
    arriving = normalised(move.sum(axis=0) + 0.5)
    move = move + 5 * arriving
    np.fill_diagonal(move, 0)
    first = normalised(counts["first"][kept] + 5 * share[kept])

    def nats(p):
        return np.rint(-100 * np.log(np.maximum(p, 1e-6))).astype(int).tolist()

    return {"states": [list(STATES[i]) for i in kept], "emission": nats(emission), "place": nats(place),
            "stay": nats(stay), "move": nats(normalised(move)), "first": nats(first)}


def fit_group(pieces: list[Piece]) -> dict:
    """One entry per family of modes; a small family is filled up from its parent, a smaller parent from all."""
    by_family = {family: count([p for p in pieces if p.family == family]) for family in FAMILIES}
    return {family: fit(add(by_family[family], by_family[PARENT[family]], 0.2) if family in PARENT
                        else by_family[family]) for family in FAMILIES}


def agreement(pieces: list[Piece], predict) -> tuple[float, float]:
    """(same root, same chord): shares of the time."""
    root = chord = total = 0.0
    for piece in pieces:
        guess = predict(piece)
        for mine, theirs, time in zip(guess, piece.chords, piece.seconds_of):
            if theirs >= 0:
                total += time
                root += time * (STATES[mine][0] == STATES[theirs][0])
                chord += time * (mine == theirs or is_same(STATES[mine], STATES[theirs]))
    return root / total, chord / total


def is_same(a, b) -> bool:
    """The same root and third: G and G7 are one chord here."""
    return a[0] == b[0] and a[1].replace("7", "") == b[1].replace("7", "")


def by_model(table: dict):
    ready = {group: {family: harmony.from_json(row) for family, row in rows.items()} for group, rows in table.items()}

    def predict(piece):
        habits = ready[piece.group][piece.family]
        return [STATES.index(habits.states[s]) for s in harmony.decode(habits, piece.slots, piece.weights)]

    return predict


def always_tonic(piece):
    return [STATES.index((0, "m" if piece.family in ("minor", "dorian") else ""))] * len(piece.slots)


def best_triad(piece):
    """The diatonic triad with most of the slot's melody in it; the tonic where several have as much."""
    minor = piece.family in ("minor", "dorian")
    triads = [(0, "m"), (5, "m"), (7, "7"), (3, ""), (8, ""), (10, ""), (2, "dim")] if minor else [
        (0, ""), (5, ""), (7, ""), (9, "m"), (2, "m"), (4, "m"), (11, "dim")]
    rows = [STATES.index(triad) for triad in triads]
    templates = (TEMPLATES[rows] > 0.5) * 1.0
    return [rows[int((templates @ weights).argmax())] for weights in piece.weights]


def print_agreement(table: dict, split: str):
    extra = {"nottingham": [("tier2/nottingham", ("folk",), False)]}
    print(f"{split:12s} pieces   harmoniser       best triad       always tonic    (same root, same chord)")
    for name in [*GROUPS, *extra]:
        group = "folk" if name in extra else name
        pieces = read_group(group, split, extra.get(name))
        if pieces:
            rows = [agreement(pieces, p) for p in (by_model(table), best_triad, always_tonic)]
            print(f"{name:12s} {len(pieces):6d}   " + "    ".join(f"{r:6.1%} {c:6.1%}" for r, c in rows))


def tune():
    """Agreement over five folds of the train split for each pair of weights."""
    everything = {group: read_group(group, "train") for group in GROUPS}
    folds = [{group: fit_group([p for p in pieces if p.fold != fold]) for group, pieces in everything.items()}
             for fold in range(5)]
    for melody in (0.5, 0.75, 1.0, 1.5, 2.0):
        for place in (0.0, 0.5, 1.0):
            harmony.MELODY_WEIGHT, harmony.PLACE_WEIGHT = melody, place
            row = []
            for pieces in everything.values():
                parts = [(agreement(held, by_model(folds[f])), len(held)) for f in range(5)
                         if (held := [p for p in pieces if p.fold == f][:60])]
                total = sum(n for _, n in parts)
                row.append(" ".join(f"{sum(a[k] * n for a, n in parts) / total:6.1%}" for k in (0, 1)))
            print(f"melody {melody} place {place}: " + " | ".join(f"{g} {r}" for g, r in zip(everything, row)))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tune", action="store_true")
    if parser.parse_args().tune:
        tune()
        return
    table = {group: fit_group(read_group(group, "train")) for group in GROUPS}
    harmony.TABLE.write_text(json.dumps(table, separators=(",", ":")) + "\n", encoding="utf-8")
    print(f"{harmony.TABLE.name}: {harmony.TABLE.stat().st_size / 1000:.0f} kB")
    for split in ("valid", "test"):
        print_agreement(table, split)


if __name__ == "__main__":
    main()
