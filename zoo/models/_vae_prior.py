"""The prior that pieces are drawn from: where in the latent space the music of a style lies.

A VAE's tunes don't fill the normal distribution that its divergence is measured from, so that draws from that fall
between them. A second, small model learns where they are (Dai and Wipf 2019, 'Diagnosing and enhancing VAE models';
for MusicVAE Mittal et al. 2021): a flow from normal noise to latent places, learned by flow matching (Lipman et al.
2023). Noise decides the place: near noise, near places.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from zoo.codecs.melody_grid import METERS
from zoo.models._vae_network import Batch, VAENetwork

LENGTHS = (4, 8, 16)  # bars of what it learns from; a length between is asked for as the next one above it
_STEPS = 24  # of the midpoint rule from noise to place
_WAVES = 16  # how the time is told


@dataclass(frozen=True)
class PriorConfig:
    latent: int
    styles: int
    modes: int
    lengths: int  # how many segments there can be
    hidden: int = 512
    layers: int = 3


class Prior(nn.Module):
    """A velocity for each place and time, under style, mode, metre, length and whether the piece ends."""

    def __init__(self, config: PriorConfig):
        super().__init__()
        self.config = config
        self.style = nn.Embedding(config.styles, config.hidden)
        self.mode = nn.Embedding(config.modes, config.hidden)
        self.meter = nn.Embedding(len(METERS), config.hidden)
        self.closes = nn.Embedding(2, config.hidden)
        self.length = nn.Embedding(config.lengths + 1, config.hidden)
        self.enter = nn.Linear(config.latent + 2 * _WAVES, config.hidden)
        self.layers = nn.ModuleList(
            nn.Sequential(
                nn.LayerNorm(config.hidden), nn.Linear(config.hidden, config.hidden), nn.SiLU(),
                nn.Linear(config.hidden, config.hidden),
            )
            for _ in range(config.layers)
        )
        self.leave = nn.Linear(config.hidden, config.latent)
        self.register_buffer("center", torch.zeros(config.latent))
        self.register_buffer("spread", torch.ones(config.latent))

    def forward(self, place: Tensor, time: Tensor, batch: Batch) -> Tensor:
        """place (B, latent) on the way, time (B,) from 0 (noise) to 1 -> velocity (B, latent)."""
        learned = torch.tensor(LENGTHS, device=time.device)
        length = learned[torch.bucketize(batch.counted.sum(1), learned)]
        waves = time[:, None] * torch.pi * torch.arange(1, _WAVES + 1, device=time.device)
        condition = (
            self.style(batch.style) + self.mode(batch.mode) + self.meter.weight[batch.meter]
            + self.closes(batch.closes) + self.length(length)
        )
        x = self.enter(torch.cat([place, waves.sin(), waves.cos()], dim=-1)) + condition
        for layer in self.layers:
            x = x + layer(x)
        return self.leave(x)

    @torch.inference_mode()
    def draw(self, noise: np.ndarray, batch: Batch) -> np.ndarray:
        """Places (B, latent) from normal noise (B, latent), for the batch's conditions."""
        place = torch.from_numpy(noise).float()
        for step in range(_STEPS):
            time = torch.full((len(place),), step / _STEPS)
            half = place + self(place, time, batch) / (2 * _STEPS)
            place = place + self(half, time + 0.5 / _STEPS, batch) / _STEPS
        return (place * self.spread + self.center).numpy()


class PriorTask:
    """Learns from the posteriors of tunes: batches with their means and standard deviations, (B, latent) both."""

    measure = "mean squared error of the velocity"

    def __init__(
        self, network: Prior, train: list[tuple[Batch, Tensor, Tensor]], valid: list[tuple[Batch, Tensor, Tensor]],
    ):
        self.network = network
        self.train, self.valid = train, valid
        means = torch.cat([mean for _, mean, _ in train])
        deviations = torch.cat([deviation for _, _, deviation in train])
        self.fingerprint = hashlib.sha256(means.numpy().tobytes()).hexdigest()[:16]
        network.center.copy_(means.mean(0))
        network.spread.copy_((means.var(0) + (deviations**2).mean(0)).sqrt())  # of places drawn from the posteriors
        sizes = np.array([len(mean) for _, mean, _ in train], float)
        self.odds = sizes / sizes.sum()

    def loss(self, network: nn.Module, rng: np.random.Generator, batch: int, window: int, step: int) -> Tensor:
        """One of the stored batches at a time; batch and window count for nothing."""
        return self._error(network, *self.train[rng.choice(len(self.train), p=self.odds)]).mean()

    @torch.no_grad()
    def validate(self) -> dict[str, float]:
        generator = torch.Generator().manual_seed(0)
        errors = [self._error(self.network, *found, generator=generator) for found in self.valid]
        return {"places": float(torch.cat(errors).mean())}

    def _error(
        self, network: nn.Module, batch: Batch, mean: Tensor, deviation: Tensor,
        generator: torch.Generator | None = None,
    ) -> Tensor:
        place = mean + deviation * torch.randn(mean.shape, generator=generator)
        place = (place - self.network.center) / self.network.spread
        noise = torch.randn(mean.shape, generator=generator)
        time = torch.rand(len(mean), generator=generator)
        way = noise + time[:, None] * (place - noise)
        return ((network(way, time, batch) - (place - noise)) ** 2).mean(1)


@torch.inference_mode()
def posteriors(network: VAENetwork, batches: Iterable[Batch]) -> list[tuple[Batch, Tensor, Tensor]]:
    """What PriorTask learns from."""
    network.eval()
    result = []
    for batch in batches:
        mean, log_variance = network.encode(batch)
        result.append((batch, mean.clone(), torch.exp(log_variance / 2).clone()))
    return result
