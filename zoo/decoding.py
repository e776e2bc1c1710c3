"""Decoding: temperature, top-k and top-p, and the grammar that makes a malformed sequence impossible."""

import numpy as np

from zoo.codecs.events import HIGHEST, LOWEST, EventCodec, Walk
from zoo.codecs.grid import on_grid
from zoo.theory import Key, Meter


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

    Notes end on the grid and within the piece, and no bar passes without one sounding. The last note is the tonic, on a
    strong place, at least half a beat long; all that sounds after the last strong place is part of it. It reaches the
    final bar line; after an upbeat it may stop as much earlier as the upbeat lasts, as printed music does.
    """

    def __init__(self, codec: EventCodec, bars: int, meter: Meter, mode: str, may_begin_with_upbeat: bool):
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
        half, beat = meter.bar_ticks // 2, meter.beat_ticks
        self.strong = half if half % beat == 0 else beat  # ticks from one strong place to the next
        self.last_strong = (meter.bar_ticks - 1) // self.strong * self.strong
        self.shortest_last = beat // 2

    def allowed(self, walk: Walk) -> np.ndarray:
        """Bool (V,): the tokens that may follow. At least one always may."""
        mask = np.zeros(self.size, bool)
        if walk.kind == "length":
            mask[self.bar] = True
            mask[self.upbeat] = self.may_begin_with_upbeat
        elif walk.kind == "dur":
            is_last = walk.cursor + walk.duration > self._last_place(walk)
            mask[self.home_pitches if is_last else self.pitches] = True
        else:
            if walk.cursor < walk.bar_ticks and walk.cursor <= self._last_place(walk):
                mask[self.durations[self._durations(walk)]] = walk.kind != "upbeat"  # it begins later in its bar
                mask[self.positions[self._positions(walk)]] = walk.kind != "pos"
            if walk.kind not in ("pos", "upbeat") and walk.cursor > 0:
                mask[self.end if walk.bar == self.bars else self.bar] = self._may_close(walk)
            if not mask.any():  # a prompt may leave no room for the way home
                mask[self.end if walk.bar == self.bars else self.bar] = True
        return mask

    def _last_place(self, walk: Walk) -> int:
        """Ticks from this bar line to the last place where a note can begin."""
        return (self.bars - walk.bar) * walk.bar_ticks + self.last_strong

    def _durations(self, walk: Walk) -> np.ndarray:
        """Those that end on the grid and leave room for the last note, or make one."""
        ends = walk.cursor + self.duration_ticks
        last_place = self._last_place(walk)
        fits = ends <= last_place
        if walk.cursor % self.strong == 0:
            final_line = last_place - self.last_strong + walk.bar_ticks
            closes = (ends > last_place) & (ends >= final_line - walk.pickup) & (ends <= final_line)
            fits |= closes & (self.duration_ticks >= self.shortest_last)
        return fits & on_grid(ends % walk.bar_ticks)

    def _positions(self, walk: Walk) -> np.ndarray:
        """Later places of this bar; an upbeat begins in its second half."""
        earliest = walk.bar_ticks // 2 if walk.kind == "upbeat" else walk.cursor + 1
        latest = min(walk.bar_ticks - 1, self._last_place(walk))
        return (self.position_ticks >= earliest) & (self.position_ticks <= latest)

    def _may_close(self, walk: Walk) -> bool:
        """Whether the bar may be left, or in the last bar the piece."""
        if walk.bar < self.bars:
            return True
        begins_strong = (walk.onset - walk.bar_start) % self.strong == 0
        return walk.pitch % 12 == self.home and begins_strong and walk.cursor + walk.pickup >= walk.bar_ticks
