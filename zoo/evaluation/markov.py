"""The yardstick: an n-gram token model with Witten-Bell back-off."""

import math
from collections import defaultdict
from collections.abc import Iterable


class Markov:
    """P(token | the order tokens before it), interpolated Witten-Bell (Witten and Bell 1991, method C).

        P(w | h) = (c(h w) + t(h) P(w | h')) / (c(h) + t(h))

    with c(h) the times the history h was seen, t(h) how many different tokens followed it, h' the history without its
    oldest token, and below the unigram the uniform distribution over the vocabulary. order 0 is the unigram.
    """

    def __init__(self, order: int, vocabulary: int):
        self.order = order
        self.vocabulary = vocabulary
        self.following: list[dict] = [defaultdict(dict) for _ in range(order + 1)]

    def fit(self, sequences: Iterable[list[int]]) -> "Markov":
        """Count; the first token of each sequence is given, not predicted."""
        for sequence in sequences:
            for i in range(1, len(sequence)):
                token = sequence[i]
                for n in range(min(self.order, i) + 1):
                    counts = self.following[n][tuple(sequence[i - n : i])]
                    counts[token] = counts.get(token, 0) + 1
        for table in self.following:
            for counts in table.values():
                counts[None] = sum(counts.values())
        return self

    def probability(self, history: tuple[int, ...], token: int) -> float:
        """Of a token after a history, of which as many tokens are looked at as the order says, or all it has."""
        result = 1.0 / self.vocabulary
        for n in range(min(self.order, len(history)) + 1):
            counts = self.following[n].get(history[len(history) - n :])
            if counts is None:
                break
            total, different = counts[None], len(counts) - 1
            result = (counts.get(token, 0) + different * result) / (total + different)
        return result

    def nats(self, sequence: list[int], order: int | None = None) -> float:
        """Minus the log probability of a sequence after its first token, by histories of at most order tokens."""
        order = self.order if order is None else order
        return -sum(
            math.log(self.probability(tuple(sequence[max(0, i - order) : i]), sequence[i]))
            for i in range(1, len(sequence))
        )
