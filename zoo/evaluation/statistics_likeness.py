"""How alike two sets of pieces are in one thing measured of them: overlapped area and Kullback-Leibler divergence.

Yang and Lerch 2018, 'On the evaluation of generative models in music': densities of Gaussian kernels, compared by the
area that both cover and by divergence. Three things are ours. Both densities are taken at the same places, for else
neither figure means anything (their toolbox takes each over its own set's range). Both have one kernel width, for else
the same music in a larger and a smaller set would seem unlike. And they are of the values themselves, not of the
distances between pieces.
"""

import math
from dataclasses import dataclass

import numpy as np

_GRID = 512
_REACH = 4  # kernel widths that the grid goes on beyond the outermost values
_NARROWEST = 0.01  # of the range of both sets: the width of a kernel where a set's values hardly differ
_SPREAD = 0.001  # share of each distribution that is spread evenly over its places, so that no logarithm is infinite


@dataclass(frozen=True)
class Likeness:
    """overlap: 0 (nothing in common) to 1 (the same); kl: nats, 0 (the same) to some 13. NaN where a set is empty."""

    overlap: float
    kl: float


def likeness(real: np.ndarray, other: np.ndarray) -> Likeness:
    """Of two distributions (n,) over the same places, each summing to 1 (an empty set's: to 0).

        overlap = sum of min(real, other)        kl = sum of real * log(real / other)

    For the divergence each has a thousandth of its mass spread evenly over all places.
    """
    if not real.any() or not other.any():
        return Likeness(math.nan, math.nan)
    p, q = ((1 - _SPREAD) * x + _SPREAD / len(x) for x in (real, other))
    return Likeness(float(np.minimum(real, other).sum()), float(np.sum(p * np.log(p / q))))


def densities(real: np.ndarray, other: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """One grid (512,) over the values of both sets, and there each set's density, summing to 1 (0 for an empty set).

    Kernels are normal curves as wide as Scott's rule has it for the real values, their standard deviation times
    n ** -0.2 (Scott 1992), but at least a hundredth of the range of both sets: where all values are one, a density has
    still some width. Near a metric's own bounds both densities reach beyond them.
    """
    both = np.concatenate([real, other])
    if not both.size:
        return np.zeros(_GRID), np.zeros(_GRID), np.zeros(_GRID)
    scott = real.std(ddof=1) * len(real) ** -0.2 if len(real) > 1 else 0.0
    width = max(scott, _NARROWEST * (np.ptp(both) or 1.0))
    grid = np.linspace(both.min() - _REACH * width, both.max() + _REACH * width, _GRID)
    return grid, _density(real, width, grid), _density(other, width, grid)


def _density(values: np.ndarray, width: float, grid: np.ndarray) -> np.ndarray:
    heights = np.exp(-0.5 * ((grid[:, None] - values) / width) ** 2).sum(axis=1)
    return heights / (heights.sum() or 1.0)
