"""Of a hundred pieces a style at temperature 1: is each whole, as asked for, and never stuck?

    python -m benchmarks.hundred gpt2 [--pieces 100]

Half of the pieces are asked for in a key and metre, half with notes to begin with, in 8, 16 or 24 bars.
malformed: a note out of a piano's range, off the bars, or struck while it sounds in its part. silent: a bar without a
note. stuck: one bar's notes more than four times running. honoured: key and metre are those asked for, and of the
notes that the model wrote no smaller a share lies in the key's scale (with the raised sixth and seventh of minor) than
95 % of human pieces reach in their own keys, but never under three quarters.

The human pieces are the held-out ones of the style, test and valid, that say their key; of each the opening of the same
length is taken. Beside the model's figure stands theirs by the same yardstick: 95 % or a little more, or less where the
three quarters hold. in scale: the median piece's share of notes in the scale, the model's and the humans'.
"""

import argparse
from collections.abc import Iterable
from itertools import groupby, pairwise

import numpy as np

import zoo
from zoo.composer import Composer
from zoo.corpus import load
from zoo.evaluation.statistics_openings import openings
from zoo.score import Note, Score
from zoo.styles import styles
from zoo.theory import Key

_PROMPTS = ("", "C4 E4 G4", "", "G4 A4 B4:0.5 C5:0.5")
_SCALES = {
    "major": {0, 2, 4, 5, 7, 9, 11}, "minor": {0, 2, 3, 5, 7, 8, 9, 10, 11}, "dorian": {0, 2, 3, 5, 7, 9, 10},
    "mixolydian": {0, 2, 4, 5, 7, 9, 10}, "lydian": {0, 2, 4, 6, 7, 9, 11}, "phrygian": {0, 1, 3, 5, 7, 8, 10},
}
_LENGTHS = (8, 16, 24)  # bars
_FLOOR = 0.75  # all twelve notes struck alike have this share in minor's nine: less shows no key at all


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("model")
    parser.add_argument("--pieces", type=int, default=100)
    options = parser.parse_args()
    composer = zoo.load(options.model)
    supports = composer.card.supports
    held_out = [p for p in load(only=supports.styles)[0] if p.split != "train" and p.score.keys]
    print(f"{'style':10} pieces malformed silent stuck wrong-length     honoured  human  in scale  human  "
          "notes/bar  distinct bars")
    honoured: list[bool] = []
    for style in supports.styles:
        human = human_shares((p.score for p in held_out if p.style == style), supports.polyphony)
        text, of_style, missed = row(composer, style, options.pieces, human)
        print("\n".join([text, *missed]), flush=True)
        honoured += of_style
    print(f"honoured in all styles: {sum(honoured)}/{len(honoured)} = {np.mean(honoured):.1%}")


def row(
    composer: Composer, style: str, pieces: int, human: dict[int, np.ndarray]
) -> tuple[str, list[bool], list[str]]:
    """The style's line, whether each wish for a key and metre was honoured, and a line for each that was not.

    human: what human_shares found for the style.
    """
    found = {"malformed": 0, "silent": 0, "stuck": 0, "wrong-length": 0}
    honoured: list[bool] = []
    shares: list[float] = []
    missed: list[str] = []
    notes = bars = distinct = 0
    for seed in range(pieces):
        prompt = wish(composer, style, seed)
        score = composer.compose(prompt)
        contents = bar_contents(score)
        found["malformed"] += is_malformed(score)
        found["silent"] += not all(sounds(score))
        found["stuck"] += max(len(list(run)) for _, run in groupby(contents)) > 4
        found["wrong-length"] += score.bars != prompt.bars
        if prompt.key:
            shares.append(share_in_scale(own_notes(score, prompt), Key.parse(prompt.key)))
            is_asked = str(score.key) == prompt.key and str(score.meter) == prompt.meter
            honoured.append(is_asked and shares[-1] >= bar_to_reach(human[prompt.bars]))
            if not honoured[-1]:
                missed.append(
                    f"    missed: seed {seed}, {prompt.key}, {prompt.meter}, {prompt.bars} bars, notes "
                    f"'{prompt.notes}': {shares[-1]:.1%} of {bar_to_reach(human[prompt.bars]):.1%}"
                )
        notes += len(score.notes)
        bars += score.bars
        distinct += len(set(contents)) / len(contents)
    counts = " ".join(f"{value:{len(name)}}" for name, value in found.items())
    human_honoured = np.mean([found >= bar_to_reach(human[length]) for length in _LENGTHS for found in human[length]])
    text = (
        f"{style:10} {pieces:6} {counts}  {f'{sum(honoured)}/{len(honoured)}':>6}={np.mean(honoured):4.0%} "
        f"{human_honoured:6.0%}  {np.median(shares):8.1%} {np.median(np.concatenate([*human.values()])):6.1%}  "
        f"{notes / bars:9.1f}  {distinct / pieces:13.0%}"
    )
    return text, honoured, missed


def human_shares(scores: Iterable[Score], polyphony: bool) -> dict[int, np.ndarray]:
    """{bars: (pieces,)}: of each score's opening of so many bars the share of notes in its own key's scale.

    Where the key changes within the opening the piece is left out.
    """
    scores = list(scores)
    return {
        bars: np.array([
            share_in_scale(pitched(opening), opening.key)
            for opening in openings(scores, polyphony, bars)
            if all(tick == 0 or tick >= opening.end for tick, _ in opening.keys)
        ])
        for bars in _LENGTHS
    }


def bar_to_reach(human: np.ndarray) -> float:
    """The largest share that at least 95 % of the human pieces (pieces,) reach; or three quarters, if that is more."""
    return max(_FLOOR, float(np.quantile(human, 0.05, method="lower")))


def share_in_scale(notes: Iterable[Note], key: Key) -> float:
    """Of the notes, 0 to 1. Raises ZeroDivisionError without any."""
    inside = [(note.pitch - key.pitch_class) % 12 in _SCALES[key.mode] for note in notes]
    return sum(inside) / len(inside)


def own_notes(score: Score, prompt: zoo.Prompt) -> list[Note]:
    """The model's own: without the prompt's, which may lie in quite another key."""
    given = {(note.onset, note.pitch) for note in prompt.score.notes}
    return [note for note in pitched(score) if (note.onset, note.pitch) not in given]


def pitched(score: Score) -> list[Note]:
    return [note for part in score.parts if not part.is_drum for note in part.notes]


def wish(composer: Composer, style: str, seed: int) -> zoo.Prompt:
    wishes = {"style": style, "temperature": 1.0, "bars": _LENGTHS[seed % 3], "seed": seed}
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


if __name__ == "__main__":
    main()
