"""Of a hundred pieces a style at temperature 1: is each whole, as asked for, and never stuck?

    python -m benchmarks.hundred gpt2 [--pieces 100]

Half of the pieces are asked for in a key and metre, half with notes to begin with, in 8, 16 or 24 bars.
malformed: a note out of a piano's range, off the bars, or struck while it sounds in its part. silent: a bar without a
note. stuck: one bar's notes more than four times running. honoured: key and metre are those asked for, and the notes
lie in the key's scale (with the raised sixth and seventh of minor) for seven in eight.
"""

import argparse
from itertools import groupby, pairwise

import zoo
from zoo.composer import Composer
from zoo.score import Score
from zoo.styles import styles
from zoo.theory import Key

_PROMPTS = ("", "C4 E4 G4", "", "G4 A4 B4:0.5 C5:0.5")
_SCALES = {
    "major": {0, 2, 4, 5, 7, 9, 11}, "minor": {0, 2, 3, 5, 7, 8, 9, 10, 11}, "dorian": {0, 2, 3, 5, 7, 9, 10},
    "mixolydian": {0, 2, 4, 5, 7, 9, 10}, "lydian": {0, 2, 4, 6, 7, 9, 11}, "phrygian": {0, 1, 3, 5, 7, 8, 10},
}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("model")
    parser.add_argument("--pieces", type=int, default=100)
    options = parser.parse_args()
    composer = zoo.load(options.model)
    print(f"{'style':10} pieces malformed silent stuck wrong-length  honoured  notes/bar  distinct bars")
    for style in composer.card.supports.styles:
        print(row(composer, style, options.pieces), flush=True)


def row(composer: Composer, style: str, pieces: int) -> str:
    found = {"malformed": 0, "silent": 0, "stuck": 0, "wrong-length": 0}
    asked = honoured = notes = bars = distinct = 0
    for seed in range(pieces):
        prompt = wish(composer, style, seed)
        score = composer.compose(prompt)
        contents = bar_contents(score)
        found["malformed"] += is_malformed(score)
        found["silent"] += not all(sounds(score))
        found["stuck"] += max(len(list(run)) for _, run in groupby(contents)) > 4
        found["wrong-length"] += score.bars != prompt.bars
        if prompt.key:
            asked += 1
            honoured += is_honoured(score, prompt)
        notes += len(score.notes)
        bars += score.bars
        distinct += len(set(contents)) / len(contents)
    counts = " ".join(f"{value:{len(name)}}" for name, value in found.items())
    return (
        f"{style:10} {pieces:6} {counts}  {honoured}/{asked}={honoured / asked:.0%}  {notes / bars:9.1f}  "
        f"{distinct / pieces:13.0%}"
    )


def wish(composer: Composer, style: str, seed: int) -> zoo.Prompt:
    wishes = {"style": style, "temperature": 1.0, "bars": (8, 16, 24)[seed % 3], "seed": seed}
    if seed % 2:
        known = composer.known[style]
        keys = [key for key in styles()[style].keys if key.mode in known["modes"]]
        meters = known["meters"][:4]
        wishes |= {"key": str(keys[seed // 2 % len(keys)]), "meter": meters[seed // 2 % len(meters)]}
    return zoo.Prompt(notes=_PROMPTS[seed // 2 % 4], **wishes)


def bar_contents(score: Score) -> list[tuple]:
    """What begins in each bar, told from the bar line."""
    lines = score.barlines
    return [
        tuple((n.onset - start, n.duration, n.pitch) for n in score.notes if start <= n.onset < end)
        for start, end in pairwise(lines)
    ]


def sounds(score: Score) -> list[bool]:
    return [any(n.onset < end and n.end > start for n in score.notes) for start, end in pairwise(score.barlines)]


def is_malformed(score: Score) -> bool:
    if any(not 21 <= n.pitch <= 108 for n in score.notes) or score.end > score.barlines[-1]:
        return True
    for part in score.parts:
        ends: dict[int, int] = {}
        for note in part.notes:
            if note.onset < ends.get(note.pitch, 0):
                return True
            ends[note.pitch] = note.end
    return False


def is_honoured(score: Score, prompt: zoo.Prompt) -> bool:
    key = Key.parse(prompt.key)
    inside = sum((n.pitch - key.pitch_class) % 12 in _SCALES[key.mode] for n in score.notes)
    return str(score.key) == prompt.key and str(score.meter) == prompt.meter and inside >= 7 / 8 * len(score.notes)


if __name__ == "__main__":
    main()
