"""Musical statistics: what a model writes beside held-out music. The aim is nearness to it, not a higher figure."""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np

from zoo.composer import Composer
from zoo.corpus.piece import Piece
from zoo.errors import ScoreError
from zoo.evaluation.statistics_likeness import Likeness, densities, likeness
from zoo.evaluation.statistics_metrics import HISTOGRAMS, METRICS
from zoo.evaluation.statistics_openings import BARS, openings
from zoo.prompt import Prompt
from zoo.score import Score

_TEMPERATURE = 1.0  # the model's own odds
_ENOUGH = 30  # held-out pieces: where the test split has fewer, the valid split helps out
_AT_ONCE = 20  # pieces composed in one batch


@dataclass(frozen=True)
class Measured:
    """What was measured of a set of pieces; a piece where a metric is NaN has no value.

    values: {metric: (pieces,)}; histograms: {histogram: (bins,)}, the mean of the pieces', summing to 1 (0: no piece).
    """

    pieces: int
    values: dict[str, np.ndarray]
    histograms: dict[str, np.ndarray]


@dataclass(frozen=True)
class Comparison:
    """One style. split: where the held-out pieces are from, 'test' or 'test+valid'.

    train: as many pieces of the train split as were generated (or all, where it has fewer): how near real music is to
    real music, and so the yardstick for the generated.
    """

    split: str
    held_out: Measured
    generated: Measured
    train: Measured


def compare(composer: Composer, pieces: Iterable[Piece], count: int) -> dict[str, Comparison]:
    """{style: Comparison} of count generated pieces with the held-out ones, for each style of the model that has any.

    The pieces are composed at temperature 1 without a prompt, seeds 0 to count - 1. Of every piece, held-out, generated
    or of the train split, the opening is measured: the melody's, where the model writes melodies, or the whole score's,
    where it is polyphonic; 16 bars, or all where it has fewer. The lengths asked of the model are spread as the
    held-out openings' are.

    Raises ScoreError where no style has a held-out piece.
    """
    pieces = list(pieces)
    polyphony = composer.card.supports.polyphony
    result = {}
    for style in composer.card.supports.styles:
        split, held_out = _held_out([p for p in pieces if p.style == style])
        real = list(openings((p.score for p in held_out), polyphony))
        if not real:
            continue
        lengths = _spread([score.bars for score in real], count)
        train = [p.score for p in pieces if p.style == style and p.split == "train"]
        shuffled = (train[i] for i in np.random.default_rng(0).permutation(len(train)))
        result[style] = Comparison(
            split=split,
            held_out=measure(real),
            generated=measure(list(openings(_compose(composer, style, lengths), polyphony))),
            train=measure(list(islice(openings(shuffled, polyphony), count))),
        )
    if not result:
        raise ScoreError("The corpus has no held-out piece in a style of the model.")
    return result


def measure(scores: Sequence[Score]) -> Measured:
    values = {name: np.array([metric(score) for score in scores]) for name, metric in METRICS.items()}
    return Measured(
        len(scores),
        {name: found[~np.isnan(found)] for name, found in values.items()},
        {name: _mean([count(score) for score in scores], len(bins)) for name, (count, bins) in HISTOGRAMS.items()},
    )


def likenesses(real: Measured, other: Measured) -> dict[str, Likeness]:
    """{metric or histogram: how alike the two sets are in it}."""
    return {
        **{name: likeness(*densities(real.values[name], other.values[name])[1:]) for name in METRICS},
        **{name: likeness(real.histograms[name], other.histograms[name]) for name in HISTOGRAMS},
    }


def summary(model: str, comparisons: dict[str, Comparison]) -> dict:
    """{"model", "bars", "temperature", "styles": {style: {"split", "held_out", "generated", "train", "metrics"}}}.

    held_out, generated and train are numbers of pieces. metrics is {metric: {"held_out", "generated", "overlap", "kl",
    "train_overlap", "train_kl"}}, the first two being means, which histograms lack. None: there is no such figure.
    """
    return {
        "model": model,
        "bars": BARS,
        "temperature": _TEMPERATURE,
        "styles": {
            style: {
                "split": c.split,
                "held_out": c.held_out.pieces,
                "generated": c.generated.pieces,
                "train": c.train.pieces,
                "metrics": _figures(c),
            }
            for style, c in comparisons.items()
        },
    }


def table(result: dict) -> str:
    """The summary as text for people."""
    lines = [
        f"{result['model']}, openings of up to {result['bars']} bars, temperature {result['temperature']:g}; held-out "
        "beside generated pieces (the yardstick: beside pieces of the train split)",
        "style      held-out         generated  metric               held-out generated  overlap     KL"
        "  train overlap  train KL",
    ]
    for style, row in result["styles"].items():
        for name, figures in row["metrics"].items():
            real, generated, overlap, kl, train_overlap, train_kl = (
                "-" if figure is None else f"{figure:.3f}" for figure in figures.values()
            )
            held_out = f"{row['held_out']} {row['split']}"
            lines.append(
                f"{style:10} {held_out:15} {row['generated']:10}  {name:20} {real:>8} {generated:>9} {overlap:>8} "
                f"{kl:>6} {train_overlap:>14} {train_kl:>9}"
            )
    return "\n".join(lines)


def _figures(comparison: Comparison) -> dict[str, dict[str, float | None]]:
    generated = likenesses(comparison.held_out, comparison.generated)
    train = likenesses(comparison.held_out, comparison.train)
    return {
        name: {
            "held_out": _average(comparison.held_out, name),
            "generated": _average(comparison.generated, name),
            "overlap": _finite(generated[name].overlap),
            "kl": _finite(generated[name].kl),
            "train_overlap": _finite(train[name].overlap),
            "train_kl": _finite(train[name].kl),
        }
        for name in generated
    }


def _average(measured: Measured, name: str) -> float | None:
    values = measured.values.get(name, np.zeros(0))
    return float(values.mean()) if values.size else None


def _finite(figure: float) -> float | None:
    return figure if math.isfinite(figure) else None  # JSON has no NaN


def _mean(histograms: list[np.ndarray], bins: int) -> np.ndarray:
    """Of those that are not empty."""
    total = sum(histograms, np.zeros(bins))
    return total / (total.sum() or 1.0)


def _held_out(pieces: list[Piece]) -> tuple[str, list[Piece]]:
    """The test split, or test and valid where that is small; and which it is."""
    test = [p for p in pieces if p.split == "test"]
    if len(test) >= _ENOUGH:
        return "test", test
    return "test+valid", test + [p for p in pieces if p.split == "valid"]


def _spread(lengths: list[int], count: int) -> list[int]:
    """count of the lengths, evenly through their sorted row: as many short and long ones as there are."""
    row = sorted(lengths)
    return [row[(2 * i + 1) * len(row) // (2 * count)] for i in range(count)]


def _compose(composer: Composer, style: str, lengths: list[int]) -> Iterator[Score]:
    """A piece of each length, seeds 0 and up; few at once, so that a large model's memory is enough."""
    prompts = [
        Prompt(style=style, temperature=_TEMPERATURE, bars=bars, seed=seed) for seed, bars in enumerate(lengths)
    ]
    for start in range(0, len(prompts), _AT_ONCE):
        yield from composer.compose_batch(prompts[start : start + _AT_ONCE])
