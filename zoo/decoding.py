"""Sampling: temperature, top-k and top-p."""

import numpy as np


def probabilities(
    logits: np.ndarray, allowed: np.ndarray, temperature: float = 1.0, top_k: int = 0, top_p: float = 1.0
) -> np.ndarray:
    """Logits (V,) -> probabilities (V,), zero where not allowed (bool (V,), at least one true).

    Temperature 0 puts all on the likeliest. The filters apply in the usual order: temperature, top-k, top-p. Of tokens
    tied at the k-th place all are kept; top-p keeps the token that crosses p (Holtzman et al. 2020).
    """
    scores = np.where(allowed, logits.astype(np.float64), -np.inf)
    if temperature == 0:
        result = np.zeros_like(scores)
        result[np.argmax(scores)] = 1.0
        return result
    scores = np.exp((scores - scores.max()) / temperature)
    if 0 < top_k < len(scores):
        scores[scores < np.partition(scores, -top_k)[-top_k]] = 0.0
    scores /= scores.sum()
    if top_p < 1:
        order = np.argsort(-scores, kind="stable")
        before = np.cumsum(scores[order]) - scores[order]
        scores[order[before >= top_p]] = 0.0
        scores /= scores.sum()
    return scores


def draw(probability: np.ndarray, rng: np.random.Generator) -> int:
    """One index, drawn by its probability with a single number from rng."""
    return pick(probability, rng.random())


def pick(probability: np.ndarray, number: float) -> int:
    """The index at a number from 0 to below 1, along the row of probabilities."""
    cumulative = np.cumsum(probability)
    index = int(np.searchsorted(cumulative, number * cumulative[-1], side="right"))
    return min(index, int(np.flatnonzero(probability)[-1]))  # rounding may point past the last possible one


def draw_rows(
    logits: np.ndarray, allowed: np.ndarray, numbers: np.ndarray, temperature: float = 1.0, top_k: int = 0,
    top_p: float = 1.0,
) -> np.ndarray:
    """Logits (B, V) -> one index a row (B,), by probabilities and pick; numbers: (B,) from 0 to below 1."""
    if temperature == 0:
        return np.where(allowed, logits, -np.inf).argmax(axis=1)
    rows = zip(logits, allowed, numbers)
    return np.array([pick(probabilities(row, may, temperature, top_k, top_p), number) for row, may, number in rows])
