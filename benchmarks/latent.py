"""How good the VAE's map is: what comes back, how even its ways are, and whether its directions do what they say.

    python -m benchmarks.latent [--model vae] [--pairs 200] [--only reconstruction]

All on the test split. The tables say beside each figure what it is compared with.
"""

import argparse
from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import torch

import zoo
from zoo.codecs.melody_grid import MelodyGrid, from_grid, to_grid
from zoo.corpus.load import load
from zoo.models._vae_attributes import ATTRIBUTES, measure
from zoo.models._vae_network import Batch, VAENetwork
from zoo.models._vae_task import Tune, batches, before, bound, collate, tunes, windows
from zoo.models._vae_walking import distances
from zoo.models._vae_writing import write
from zoo.models.vae import VAE
from zoo.score import Score
from zoo.theory import estimate_key

_ACTIVE = 0.01  # variance of a latent unit's mean over the data (Burda et al. 2016)
_STEPS = 7
_DISTANCES = (0.0, 0.1, 0.2, 0.3, 0.5, 0.7, 1.0)
_AMOUNTS = (-2.0, -1.0, 0.0, 1.0, 2.0)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", default="vae")
    parser.add_argument("--judge", default="gpt2", help="whose nats per note say how likely a tune is")
    parser.add_argument("--pairs", type=int, default=200)
    parser.add_argument("--only", choices=("reconstruction", "interpolation", "variations", "attributes"))
    options = parser.parse_args()
    model = zoo.load(options.model)
    data = tunes(load()[0])["test"]
    data = [tune for tune in data if tune.style in model.known]
    parts = {
        "reconstruction": lambda: reconstruction(model, data),
        "interpolation": lambda: interpolation(model, zoo.load(options.judge), data, options.pairs),
        "variations": lambda: variations(model, data, options.pairs // 2),
        "attributes": lambda: attributes(model, data, options.pairs // 2),
    }
    for name, part in parts.items():
        if options.only in (None, name):
            print(f"\n{name}")
            for line in part():
                print(line, flush=True)


@torch.inference_mode()
def reconstruction(model: VAE, data: list[Tune]) -> Iterator[str]:
    """Each melody is encoded, a place drawn from its posterior, and the melody written again from there.

    Accuracy is the share of sixteenth steps with the right token. fed back: the decoder goes on from its own choices,
    the likeliest or drawn at temperature 1; told: from the right ones (teacher forcing).
    """
    yield (
        f"{'bars':4} {'style':10} windows  fed back, likeliest  fed back, drawn   told  always holding  whole bars   "
        "KL bits  bits a note  active units"
    )
    for network in model.networks.values():
        bars = network.config.segments * network.config.segment_bars
        styles = tuple(model.known)
        found = {style: [w for tune in data if tune.style == style for w in windows(tune, bars)] for style in styles}
        rows = {style: _rebuilt(network, styles, group) for style, group in found.items() if group}
        total = {key: np.concatenate([row[key] for row in rows.values()]) for key in next(iter(rows.values()))}
        for style, row in {**rows, "all": total}.items():
            units = int((row["mean"].var(0) > _ACTIVE).sum())
            yield (
                f"{bars:4} {style:10} {len(row['told']):7}  {row['likeliest'].mean():19.3f}  "
                f"{row['drawn'].mean():15.3f}  {row['told'].mean():5.3f}  {row['holding'].mean():14.3f}  "
                f"{row['bars'].mean():10.3f}  {row['divergence'].mean() / np.log(2):8.1f}  "
                f"{row['bits'].sum() / row['notes'].sum():11.2f}  "
                f"{units:5}/{row['mean'].shape[1]}"
            )


def _rebuilt(network: VAENetwork, styles: tuple[str, ...], found: list[Tune]) -> dict[str, np.ndarray]:
    """Of each window: accuracies, divergence and whole bound in nats and bits, the posterior's mean."""
    columns: dict[str, list] = {}
    generator = torch.Generator().manual_seed(0)
    rng = np.random.default_rng(0)
    for group in batches(found, 64):
        batch = collate(group, styles, network.config)
        mean, log_variance = network.encode(batch)
        place = mean + torch.exp(log_variance / 2) * torch.randn(mean.shape, generator=generator)
        logits, _ = network(batch, place, before(batch.tokens), batch.chords)
        right = np.stack([tune.grid.tokens for tune in group])
        nats, divergence = bound(network, batch, noise=torch.randn(mean.shape, generator=generator))
        likeliest, _ = _write(network, batch, place)
        drawn, _ = _write(network, batch, place, rng.random(right.shape), 1.0)
        for key, values in {
            "likeliest": (likeliest == right).mean((1, 2)),
            "drawn": (drawn == right).mean((1, 2)),
            "bars": (likeliest == right).all(2).mean(1),
            "told": (logits.argmax(-1) == batch.tokens).float().mean((1, 2)).numpy(),
            "holding": (right == 0).mean((1, 2)),
            "divergence": divergence.numpy(),
            "bits": ((nats + divergence) / np.log(2)).numpy(),
            "notes": np.array([tune.notes for tune in group]),
            "mean": mean.numpy(),
        }.items():
            columns.setdefault(key, []).append(values)
    return {key: np.concatenate(values) for key, values in columns.items()}


def _write(network: VAENetwork, batch: Batch, place: torch.Tensor, numbers=None, temperature=0.0) -> tuple:
    return write(network, place.numpy(), batch, numbers, temperature, with_chords=bool(batch.chords.any()))


def interpolation(model: VAE, judge, data: list[Tune], pairs: int) -> Iterator[str]:
    """Seven steps between two test melodies of one style and metre, beside cross-fading their notes.

    even: the distance to both ends, in sounding pitch and in onsets, never goes back along the seven; likely: no step
    costs the judge more than a tenth above the dearer end, in nats per note.
    """
    ways = {"VAE": [], "cross-fading": []}
    for number, (style, a, b) in enumerate(_pairs(data, pairs)):
        ways["VAE"].append((style, model.interpolate(a, b, style, _STEPS)))
        ways["cross-fading"].append((style, _cross_fade(ways["VAE"][-1][1], np.random.default_rng(number))))
    yield (
        f"{'':12} pairs  even in pitch  in onsets  in both  steps likely  ways all likely  nats a note: ends  between  "
        "distinct steps"
    )
    for name, found in ways.items():
        even, likely, all_likely, ends, between, distinct = [], [], [], [], [], []
        for style, way in found:
            grids = [to_grid(step, way[0].bars) for step in way]
            even.append(_even(grids))
            costs = np.array([x.nats_per_note for x in judge.log_likelihood_batch(way, style)])
            good = costs[1:-1] <= 1.1 * max(costs[0], costs[-1])
            likely.append(good.mean())
            all_likely.append(good.all())
            ends.append((costs[0] + costs[-1]) / 2)
            between.append(costs[1:-1].mean())
            distinct.append(len({grid.tokens.tobytes() for grid in grids}))
        pitch, onset = np.mean(even, axis=0)
        yield (
            f"{name:12} {len(found):5}  {pitch:13.1%}  {onset:9.1%}  {np.all(even, axis=1).mean():7.1%}  "
            f"{np.mean(likely):12.1%}  {np.mean(all_likely):15.1%}  {np.mean(ends):17.3f}  {np.mean(between):7.3f}  "
            f"{np.mean(distinct):14.1f}"
        )


def _pairs(data: list[Tune], count: int) -> Iterator[tuple[str, Score, Score]]:
    """Two melodies of sixteen bars, different ones of a style and metre, the styles in turn."""
    rng = np.random.default_rng(0)
    found: dict[tuple, list[Tune]] = {}
    for tune in data:
        if tune.grid.bars >= 16:
            found.setdefault((tune.style, str(tune.grid.meter)), []).append(tune)
    groups = [key for key, group in found.items() if len(group) > 2]
    styles = sorted({style for style, _ in groups})
    for number in range(count):
        style = styles[number % len(styles)]
        choices = [key for key in groups if key[0] == style]
        sizes = np.array([len(found[key]) for key in choices], float)
        group = found[choices[rng.choice(len(choices), p=sizes / sizes.sum())]]
        a, b = rng.choice(len(group), 2, replace=False)
        yield style, from_grid(group[a].grid[:16]), from_grid(group[b].grid[:16])


def _cross_fade(way: list[Score], rng: np.random.Generator) -> list[Score]:
    """The same ends; each bar's beats go over from one tune to the other one by one, in an order drawn once."""
    first, last = (to_grid(score, way[0].bars) for score in (way[0], way[-1]))
    unit = first.tokens.shape[1] // (3 if first.meter.numerator == 3 else 2)
    a, b = first.tokens.reshape(-1, unit), last.tokens.reshape(-1, unit)
    order = rng.permutation(len(a))
    steps = []
    for step in range(1, len(way) - 1):
        taken = np.isin(np.arange(len(a)), order[: round(len(a) * step / (len(way) - 1))])
        tokens = np.where(taken[:, None], b, a).reshape(first.tokens.shape)
        steps.append(from_grid(MelodyGrid(first.meter, first.key, tokens, first.chords)))
    return [way[0], *steps, way[-1]]


def _even(grids: list[MelodyGrid]) -> np.ndarray:
    """Whether the distances to both ends never go back, (2,) bool: in pitch, in onsets."""
    to_first = np.array([distances(grid, grids[0]) for grid in grids])
    to_last = np.array([distances(grid, grids[-1]) for grid in grids])
    return (np.diff(to_first, axis=0) >= 0).all(0) & (np.diff(to_last, axis=0) <= 0).all(0)


def variations(model: VAE, data: list[Tune], count: int) -> Iterator[str]:
    """How much of a tune's notes changes at each distance, and whether more changes at the larger of two."""
    changed = []
    same = 0
    for number, (style, score, _) in enumerate(_pairs(data, count)):
        grid = to_grid(score, 16)
        row = []
        for distance in _DISTANCES:
            varied = model.variations(score, style, distance, 1, number)[0]
            row.append(distances(to_grid(varied, 16), grid).mean())
            same += distance == 0 and varied.notes == score.notes
        changed.append(row)
    yield "distance " + " ".join(f"{distance:6g}" for distance in _DISTANCES)
    yield "changed  " + " ".join(f"{share:6.1%}" for share in np.mean(changed, axis=0))
    ordered = [all(a <= b for a, b in pairwise(row)) for row in changed]
    ranks = [_spearman(_DISTANCES, row) for row in changed]
    yield (
        f"the tune itself at distance 0: {same} of {len(changed)}; all in order: {np.mean(ordered):.1%}; "
        f"Spearman's rho, mean: {np.mean(ranks):.3f}"
    )


def attributes(model: VAE, data: list[Tune], count: int) -> Iterator[str]:
    """What each slider changes, in standard deviations of the test melodies, and what it does to the rest."""
    scores = [(style, score) for style, score, _ in _pairs(data, count)]
    spread = np.array([measure(to_grid(score, 16)) for _, score in scores]).std(0)
    amounts = "  ".join(f"{amount:+5.0f}" for amount in _AMOUNTS)
    yield f"{'slider':12} rho, mean  {amounts}   others moved   key kept   in scale before  after"
    for index, name in enumerate(ATTRIBUTES):
        ranks, moved, kept, inside = [], [], [], []
        for style, score in scores:
            versions = [to_grid(model.move(score, style, **{name: amount}), 16) for amount in _AMOUNTS]
            values = np.array([measure(version) for version in versions]) / spread
            ranks.append(_spearman(_AMOUNTS, values[:, index]))
            moved.append(values - values[len(_AMOUNTS) // 2])
            keys = [_key(version) for version in versions]
            kept.append(np.mean([key == keys[len(_AMOUNTS) // 2] for key in keys]))
            inside.append([_in_scale(versions[len(_AMOUNTS) // 2]), np.mean([_in_scale(v) for v in versions])])
        change = np.mean(moved, axis=0)
        others = np.abs(np.delete(change, index, axis=1)).max()
        yield (
            f"{name:12} {np.mean(ranks):9.3f}  {'  '.join(f'{c:+5.2f}' for c in change[:, index])}   {others:12.2f}   "
            f"{np.mean(kept):8.1%}   {np.mean(inside, axis=0)[0]:15.1%}  {np.mean(inside, axis=0)[1]:.1%}"
        )


def _spearman(x, y) -> float:
    """Rank correlation; ties get the mean of their ranks. 0 where y is constant."""
    ranks = [
        np.array([(np.sum(values < value) + np.sum(values <= value) - 1) / 2 for value in values])
        for values in (np.asarray(x), np.asarray(y))
    ]
    if ranks[1].std() == 0:
        return 0.0
    return float(np.corrcoef(*ranks)[0, 1])


def _key(grid: MelodyGrid) -> str:
    weights = [0.0] * 12
    for note in from_grid(grid).notes:
        weights[note.pitch % 12] += note.duration
    return str(estimate_key(weights))


def _in_scale(grid: MelodyGrid) -> float:
    pitches = [note.pitch for note in from_grid(grid).notes]
    shift = grid.key.to_white_keys
    return float(np.mean([(pitch + shift) % 12 in (0, 2, 4, 5, 7, 9, 11) for pitch in pitches])) if pitches else 1.0


if __name__ == "__main__":
    main()
