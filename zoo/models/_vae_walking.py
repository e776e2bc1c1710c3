"""Walking in the latent space: the way from one tune to another, and how a tune takes up what changed at its place."""

import numpy as np

from zoo.codecs.melody_grid import BEAT_SLOTS, MelodyGrid, has_triplets, onsets, sounding

_EIGHTH_SLOTS = 2


def slerp(a: np.ndarray, b: np.ndarray, share: float) -> np.ndarray:
    """The place a share (0 to 1) of the way from a to b along the sphere, (latent,): as far out as its ends are.

    White 2016, 'Sampling generative networks'.
    """
    cosine = np.dot(a, b) / max(1e-9, np.linalg.norm(a) * np.linalg.norm(b))
    angle = np.arccos(np.clip(cosine, -1, 1))
    if angle < 1e-4:
        return a + share * (b - a)
    sine = np.sin(angle)  # each weight is divided by it, so that share 0 is a itself and share 1 is b
    return np.sin((1 - share) * angle) / sine * a + np.sin(share * angle) / sine * b


def distances(a: MelodyGrid, b: MelodyGrid) -> np.ndarray:
    """(2,): the share of slots in which another pitch sounds, and in which one begins a note and the other doesn't."""
    return np.array([np.mean(sounding(a) != sounding(b)), np.mean(onsets(a) != onsets(b))])


def stops(way: list[MelodyGrid], count: int) -> list[int]:
    """count places along a way of tunes, both ends among them, in order, such that one hears an even walk.

    A decoder changes its tune in leaps: equal steps in the latent space may change nothing or half of the notes. So
    the stops are chosen by what is heard: of all rows of places on which neither of distances() to the first tune ever
    falls or to the last ever rises, the one with the most even steps; where there is none, the one with the fewest
    steps back.
    """
    to_first = np.array([distances(tune, way[0]) for tune in way])
    to_last = np.array([distances(tune, way[-1]) for tune in way])
    progress = to_first.mean(1) - to_last.mean(1)
    goal = (progress[-1] - progress[0]) / (count - 1)
    n = len(way)
    # cost[i, j] of stepping from place i to place j: uneven, and dear where it goes back.
    step = progress[None, :] - progress[:, None]
    back = np.maximum(0, to_first[:, None] - to_first[None, :]) + np.maximum(0, to_last[None, :] - to_last[:, None])
    cost = (step - goal) ** 2 + 100.0 * (back > 1e-9).any(2) + 100.0 * back.sum(2)
    cost[np.tril_indices(n)] = np.inf
    best = np.full((count, n), np.inf)
    came = np.zeros((count, n), int)
    best[0, 0] = 0.0
    for stop in range(1, count):
        through = best[stop - 1][:, None] + cost
        came[stop] = through.argmin(0)
        best[stop] = through.min(0)
    chosen = [n - 1]
    for stop in range(count - 1, 0, -1):
        chosen.append(int(came[stop, chosen[-1]]))
    return chosen[::-1]


def merge(tune: MelodyGrid, rebuilt: MelodyGrid, moved: MelodyGrid) -> MelodyGrid:
    """The tune with what differs between its place, as the decoder rebuilds it there, and the place it was moved to.

    So what the decoder can't rebuild is kept, and at distance 0 the tune is itself. Quarters change as wholes, or
    eighths in metres without triplets; chords one by one.
    """
    unit = BEAT_SLOTS if has_triplets(tune.meter) else _EIGHTH_SLOTS
    units = [grid.tokens.reshape(-1, unit) for grid in (tune, rebuilt, moved)]
    same = (units[1] == units[2]).all(axis=1, keepdims=True)
    tokens = np.where(same, units[0], units[2]).reshape(tune.tokens.shape)
    chords = np.where(rebuilt.chords == moved.chords, tune.chords, moved.chords)
    return MelodyGrid(tune.meter, tune.key, tokens, chords)
