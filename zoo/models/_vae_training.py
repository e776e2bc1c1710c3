"""How the VAE is made: its two networks, then the prior over their places and the directions of the attributes."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from zoo.models import _vae_attributes as attributes
from zoo.models._vae_network import VAEConfig, VAENetwork
from zoo.models._vae_prior import LENGTHS, Prior, PriorConfig, PriorTask, posteriors
from zoo.models._vae_task import MelodyTask, Objective, Tune, batches, collate, windows
from zoo.models._vae_writing import write
from zoo.theory import MODES
from zoo.training import TrainConfig, train

# Free bits are MusicVAE's (Roberts et al. 2018) for as many bars, and so is the divergence's weight for sixteen. For
# two theirs is 0.5; with 0.2 instead 0.94 of the steps came back, with 0.1 0.96. Muon learned as much in a step as
# AdamW, but on two cores its own sums cost as much as the network's.
SIXTEEN = TrainConfig(
    steps=3400, batch=32, window=16, learning_rate=2.5e-3, warmup=100, averaging=0.995, evaluate_every=250,
)
SIXTEEN_OBJECTIVE = Objective(weight=0.2, free_bits=256)
TWO = TrainConfig(
    steps=4800, batch=160, window=2, learning_rate=2.5e-3, warmup=100, averaging=0.995, evaluate_every=250,
)
TWO_OBJECTIVE = Objective(weight=0.1, free_bits=48)
PRIOR = TrainConfig(
    steps=8000, batch=256, window=16, learning_rate=1e-3, warmup=100, averaging=0.999, evaluate_every=500,
)
_MEASURED = 6000  # windows are plenty to find three directions
_TRIED = 64  # and so many to find how long these must be
_LENGTHS = (1, 2, 3, 4, 6, 8, 10, 12, 16, 20)


def networks(styles: Sequence[str]) -> dict[str, VAENetwork]:
    """By how many bars they read at most."""
    counts = {"styles": len(styles), "modes": len(MODES)}
    return {
        "two": VAENetwork(VAEConfig(segments=1, segment_bars=2, latent=256, **counts)),
        "sixteen": VAENetwork(VAEConfig(segments=16, segment_bars=1, **counts)),
    }


def train_networks(
    found: dict[str, VAENetwork], styles: tuple[str, ...], data: dict[str, list[Tune]], config: TrainConfig,
    folder: Path,
) -> None:
    """config: its seed is used, and its steps for sixteen bars; two bars take their share of the defaults."""
    share = config.steps / SIXTEEN.steps
    for name, objective, stage in (("sixteen", SIXTEEN_OBJECTIVE, SIXTEEN), ("two", TWO_OBJECTIVE, TWO)):
        task = MelodyTask(found[name], styles, data["train"], data["valid"], objective)
        steps = max(1, round(stage.steps * share))
        train(task, replace(stage, steps=steps, seed=config.seed), folder / name)


def train_prior(
    network: VAENetwork, styles: tuple[str, ...], data: dict[str, list[Tune]], config: TrainConfig, folder: Path
) -> Prior:
    """config: as for train_networks."""
    found = {
        split: [
            collate(group, styles, network.config)
            for bars in LENGTHS
            for group in batches([w for tune in data[split] for w in windows(tune, bars)], PRIOR.batch)
        ]
        for split in ("train", "valid")
    }
    prior = Prior(PriorConfig(network.config.latent, len(styles), len(MODES), network.config.segments))
    places = {split: posteriors(network, batch) for split, batch in found.items()}
    task = PriorTask(prior, places["train"], places["valid"])
    steps = max(1, round(PRIOR.steps * config.steps / SIXTEEN.steps))
    train(task, replace(PRIOR, steps=steps, seed=config.seed), folder / "prior")
    return prior


@torch.inference_mode()
def attribute_directions(network: VAENetwork, styles: tuple[str, ...], found: list[Tune]) -> np.ndarray:
    """attributes.directions of some windows of the tunes, as long as the network reads; (3, latent).

    Each is as long as it must be for the written tunes, one step forth and one back, to differ by two of the
    attribute's standard deviations: what the encoder sees of it is little, and the decoder passes over little.
    """
    network.eval()
    bars = network.config.segments * network.config.segment_bars
    cut = [window for tune in found for window in windows(tune, bars)]
    places, measured = [], []
    for group in batches(cut[:: -(-len(cut) // _MEASURED)], PRIOR.batch):
        mean, _ = network.encode(collate(group, styles, network.config))
        places.append(mean.numpy())
        measured += [attributes.measure(tune.grid) for tune in group]
    rows = attributes.directions(np.concatenate(places), np.array(measured))
    spread = np.std(measured, axis=0)
    lengths = [
        min(_LENGTHS, key=lambda length: abs(_change(network, styles, cut, length * row, index) - 2 * spread[index]))
        for index, row in enumerate(rows)
    ]
    return rows * np.array(lengths)[:, None]


def _change(
    network: VAENetwork, styles: tuple[str, ...], cut: list[Tune], direction: np.ndarray, attribute: int
) -> float:
    """By how much an attribute of written tunes differs between one step forth and one back, the mean of some."""
    differences = []
    for group in batches(cut[:: -(-len(cut) // _TRIED)], PRIOR.batch):
        batch = collate(group, styles, network.config)
        place = network.encode(batch)[0].numpy()
        ends = [write(network, place + sign * direction, batch)[0] for sign in (1, -1)]
        differences += [
            attributes.measure(replace(tune.grid, tokens=more))[attribute]
            - attributes.measure(replace(tune.grid, tokens=less))[attribute]
            for tune, more, less in zip(group, *ends)
        ]
    return float(np.mean(differences))
