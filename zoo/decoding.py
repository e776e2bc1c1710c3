"""Decoding: temperature, top-k and top-p, and the grammar that makes a malformed sequence impossible."""

import numpy as np

from zoo.codecs.events import HIGHEST, LOWEST, EventCodec, Walk
from zoo.codecs.grid import on_grid
from zoo.theory import Key


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
    cumulative = np.cumsum(probability)
    index = int(np.searchsorted(cumulative, rng.random() * cumulative[-1], side="right"))
    return min(index, int(np.flatnonzero(probability)[-1]))  # rounding may point past the last possible one


class MelodyGrammar:
    """What may follow where, so that a melody has exactly the bars asked for, in one metre, and comes home.

    A note stays within the piece and ends on the grid; a note that reaches the final bar line is the tonic, and the
    piece can only end after the tonic. No bar passes without a note beginning or sounding in it.
    """

    def __init__(self, codec: EventCodec, bars: int, mode: str, may_begin_with_upbeat: bool):
        self.bars = bars
        self.may_begin_with_upbeat = may_begin_with_upbeat
        self.end, self.bar, self.upbeat = (codec.ids[word] for word in ("end", "bar", "upbeat"))
        kinds, values = np.array(codec.kinds), codec.values
        self.positions = np.flatnonzero(kinds == "pos")
        self.durations = np.flatnonzero(kinds == "dur")
        self.pitches = np.flatnonzero(kinds == "pitch")
        self.position_ticks = np.array([values[i] for i in self.positions])
        self.duration_ticks = np.array([values[i] for i in self.durations])
        self.home = Key.from_fifths(0, mode).pitch_class
        self.home_pitches = self.pitches[np.arange(LOWEST, HIGHEST + 1) % 12 == self.home]
        self.size = len(codec)

    def allowed(self, walk: Walk) -> np.ndarray:
        """Bool (V,): the tokens that may follow. At least one always may."""
        mask = np.zeros(self.size, bool)
        place, bar_ticks = walk.cursor, walk.bar_ticks
        last = walk.bar == self.bars
        if walk.kind == "length":
            mask[self.bar] = True
            mask[self.upbeat] = self.may_begin_with_upbeat
        elif walk.kind == "dur":
            reaches_the_end = last and place + walk.duration >= bar_ticks
            mask[self.home_pitches if reaches_the_end else self.pitches] = True
        else:
            room = (self.bars - walk.bar + 1) * bar_ticks - place
            if place < bar_ticks:
                ends = place + self.duration_ticks
                fits = (self.duration_ticks <= room) & on_grid(ends % bar_ticks)
                mask[self.durations[fits]] = walk.kind != "upbeat"  # an upbeat begins later in its bar
                if walk.kind != "pos":
                    later = (self.position_ticks > place) & (self.position_ticks < bar_ticks)
                    if walk.kind == "upbeat":
                        later &= self.position_ticks >= bar_ticks / 2
                    mask[self.positions[later]] = True
            if walk.kind != "pos" and walk.kind != "upbeat" and place > 0:
                at_home = walk.pitch % 12 == self.home
                mask[self.end if last else self.bar] = not last or at_home
            if not mask.any():  # a prompt may leave no room for the way home
                mask[self.end if last else self.bar] = True
        return mask
