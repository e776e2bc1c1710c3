"""Training and measuring of the VAE: windows of melodies, and the bound on their likelihood."""

import hashlib
import math
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor, nn

from zoo.codecs.melody_grid import FIRST_PITCH, METERS, PLAIN, UNKNOWN_CHORD, MelodyGrid, onsets, to_grid
from zoo.corpus.melody import melody, sections
from zoo.corpus.piece import Piece
from zoo.errors import ScoreError
from zoo.models._vae_network import HIDDEN, START, Batch, VAEConfig, VAENetwork
from zoo.theory import MODES

_BALANCE = 0.5  # a style's share of the training is its share of the bars to this power
_HIDDEN_INPUTS = 0.3  # of what came before, so that the decoder trusts the latent (Bowman et al. 2016)
_HIDDEN_CHORDS = 0.3  # of the pieces that have chords
_ANNEALING = 1500  # steps until the divergence counts in full
_PHRASE = 4  # bars: most windows begin with a phrase
MODE_NUMBERS = {mode: number for number, mode in enumerate(MODES)}


@dataclass(frozen=True)
class Tune:
    """A melody as the VAE learns it."""

    style: str
    grid: MelodyGrid
    closes: bool = True  # whether the piece ends with it
    owner: int = 0  # for who wants to know: which of several scores it is from

    @property
    def notes(self) -> int:
        return int(onsets(self.grid).sum())


@dataclass(frozen=True)
class Objective:
    """weight: of the divergence (beta); free_bits: of it that cost nothing, for the full number of bars."""

    weight: float
    free_bits: float

    def cost(self, nats: Tensor, divergence: Tensor, counted: Tensor, share: float = 1.0) -> Tensor:
        """Of each melody (B,), from what bound gives; counted as in Batch; share: of the weight, while it grows."""
        free = self.free_bits * math.log(2) * counted.sum(1) / counted.shape[1]
        return nats + self.weight * share * (divergence - free).clamp(min=0)


def tunes(pieces: Iterable[Piece]) -> dict[str, list[Tune]]:
    """{split: tunes}: all melody sections in metres that the grid knows; an incomplete last bar is left out."""
    result: dict[str, list[Tune]] = {"train": [], "valid": [], "test": []}
    for piece in pieces:
        for section in sections(melody(piece.score), with_chords=True):
            try:
                result[piece.split].append(Tune(piece.style, to_grid(section)))
            except ScoreError:  # another metre
                continue
    return result


class MelodyTask:
    """network: with config.segments x config.segment_bars bars, on windows of so many bars or fewer."""

    measure = "nats per note of the objective"  # rebuilt and weighted divergence, see validate

    def __init__(
        self, network: VAENetwork, styles: tuple[str, ...], train: list[Tune], valid: list[Tune], objective: Objective
    ):
        self.network = network
        self.styles = styles
        self.objective = objective
        self.bars = network.config.segments * network.config.segment_bars
        self.fingerprint = _fingerprint([*train, *valid])
        self.groups: dict[tuple[str, str], list[Tune]] = defaultdict(list)
        for tune in train:
            if tune.grid.bars >= network.config.segment_bars:
                self.groups[tune.style, str(tune.grid.meter)].append(tune)
        self.keys = sorted(self.groups)
        bars = {key: np.array([tune.grid.bars for tune in self.groups[key]], float) for key in self.keys}
        by_style = defaultdict(float)
        for (style, _), counts in bars.items():
            by_style[style] += counts.sum()
        odds = np.array([bars[key].sum() * by_style[key[0]] ** (_BALANCE - 1) for key in self.keys])
        self.odds = odds / odds.sum()
        self.tune_odds = {key: np.cumsum(bars[key] / bars[key].sum()) for key in self.keys}
        self.valid = [window for tune in valid for window in windows(tune, self.bars)]

    def loss(self, network: nn.Module, rng: np.random.Generator, batch: int, window: int, step: int) -> Tensor:
        """window: bars, as many as the network has. All tunes of a batch are in one metre, so that none is padded."""
        meters = sorted({meter for _, meter in self.keys})
        shares = np.array([sum(o for (_, m), o in zip(self.keys, self.odds) if m == meter) for meter in meters])
        meter = meters[rng.choice(len(meters), p=shares / shares.sum())]
        drawn = [self._draw(rng, meter, window) for _ in range(batch)]
        device = next(network.parameters()).device
        data = to(collate(drawn, self.styles, self.network.config), device)
        nats, divergence = bound(network, data, training=True)
        total = self.objective.cost(nats, divergence, data.counted, min(1.0, step / _ANNEALING))
        return total.sum() / (data.counted.sum() * data.tokens.shape[2])

    def _draw(self, rng: np.random.Generator, meter: str, bars: int) -> Tune:
        """A window of a tune."""
        keys = [key for key in self.keys if key[1] == meter]
        odds = np.array([o for key, o in zip(self.keys, self.odds) if key[1] == meter])
        key = keys[rng.choice(len(keys), p=odds / odds.sum())]
        place = min(np.searchsorted(self.tune_odds[key], rng.random()), len(self.groups[key]) - 1)
        tune = self.groups[key][place]
        if bars > _PHRASE and rng.random() < 0.3:  # shorter sections are wanted too
            bars = int(rng.choice([_PHRASE, bars // 2]))
        last = max(0, tune.grid.bars - bars)
        start = int(rng.integers(last + 1))
        if rng.random() < 0.8:
            start = min(start // _PHRASE * _PHRASE, last) if bars >= _PHRASE else start
        return Tune(tune.style, tune.grid[start : start + bars], start + bars >= tune.grid.bars)

    @torch.no_grad()
    def validate(self) -> dict[str, float]:
        """The objective in nats per note, by style, decoding from the mean's neighbourhood (one sample, fixed seed)."""
        self.network.eval()
        generator = torch.Generator().manual_seed(0)
        nats: dict[str, float] = defaultdict(float)
        notes: dict[str, int] = defaultdict(int)
        for group in batches(self.valid, 64):
            data = collate(group, self.styles, self.network.config)
            noise = torch.randn(len(group), self.network.config.latent, generator=generator).to(data.tokens.device)
            rebuilt, divergence = bound(self.network, data, noise=noise)
            cost = self.objective.cost(rebuilt, divergence, data.counted)
            for tune, value in zip(group, cost.tolist()):
                nats[tune.style] += value
                notes[tune.style] += tune.notes
        return {style: nats[style] / max(1, notes[style]) for style in sorted(nats)}


def windows(tune: Tune, bars: int) -> list[Tune]:
    """Neighbouring windows of exactly so many bars, a rest of fewer left out, as silent ones are."""
    cut = [
        Tune(tune.style, tune.grid[start : start + bars], start + bars >= tune.grid.bars)
        for start in range(0, tune.grid.bars - bars + 1, bars)
    ]
    return [window for window in cut if onsets(window.grid).any()]


def batches(found: list[Tune], size: int) -> Iterator[list[Tune]]:
    """Tunes of one metre and length together."""
    groups: dict[tuple, list[Tune]] = defaultdict(list)
    for tune in found:
        groups[str(tune.grid.meter), tune.grid.bars].append(tune)
    for group in groups.values():
        for start in range(0, len(group), size):
            yield group[start : start + size]


def collate(group: list[Tune], styles: tuple[str, ...], config: VAEConfig) -> Batch:
    """Tunes of one metre as a Batch, each filled up with silence to the longest."""
    bars = max(tune.grid.bars for tune in group)
    segments = -(-bars // config.segment_bars)
    width = group[0].grid.tokens.shape[1]
    tokens = np.zeros((len(group), segments * config.segment_bars, width), np.int64)
    chords = np.full((len(group), segments * config.segment_bars, 2), UNKNOWN_CHORD, np.int64)
    for row, tune in enumerate(group):
        tokens[row, : tune.grid.bars], chords[row, : tune.grid.bars] = tune.grid.tokens, tune.grid.chords
    lengths = np.array([-(-tune.grid.bars // config.segment_bars) for tune in group])
    shape = (len(group), segments)
    return Batch(
        tokens=torch.from_numpy(tokens.reshape(*shape, config.segment_bars * width)),
        chords=torch.from_numpy(chords.reshape(*shape, config.segment_bars, 2)),
        meter=METERS.index(str(group[0].grid.meter)),
        style=torch.tensor([styles.index(tune.style) for tune in group]),
        mode=torch.tensor([MODE_NUMBERS[tune.grid.key.mode] for tune in group]),
        closes=torch.tensor([int(tune.closes) for tune in group]),
        counted=torch.from_numpy(np.arange(segments) < lengths[:, None]),
    )


def repeat(batch: Batch, count: int) -> Batch:
    """A batch of one melody as one of count."""
    names = ("tokens", "chords", "style", "mode", "closes", "counted")
    return replace(batch, **{name: getattr(batch, name).repeat_interleave(count, 0) for name in names})


def to(batch: Batch, device: torch.device) -> Batch:
    names = ("tokens", "chords", "style", "mode", "closes", "counted")
    return replace(batch, **{name: getattr(batch, name).to(device) for name in names})


def bound(
    network: nn.Module, batch: Batch, training: bool = False, noise: Tensor | None = None
) -> tuple[Tensor, Tensor]:
    """Nats of each melody (B,) given one draw from its posterior, and that posterior's divergence from the prior (B,).

    training: hide some of what the decoder is told. noise: of the draw, (B or 1, latent); None for any.
    """
    told = batch
    inputs = before(batch.tokens)
    chords = batch.chords
    if training:
        hide = torch.rand(inputs.shape, device=inputs.device) < _HIDDEN_INPUTS
        inputs = inputs.masked_fill(hide, HIDDEN)
        hide = torch.rand(len(chords), 1, 1, 1, device=chords.device) < _HIDDEN_CHORDS
        chords = chords.masked_fill(hide, UNKNOWN_CHORD)
        told = replace(batch, chords=chords)
    mean, log_variance = network.encode(told)
    noise = torch.randn(mean.shape, device=mean.device) if noise is None else noise
    latent = mean + noise * torch.exp(log_variance / 2)
    logits, chord_logits = network(batch, latent, inputs, chords)
    nats = nn.functional.cross_entropy(logits.float().flatten(0, 2), batch.tokens.flatten(), reduction="none")
    nats = nats.view_as(batch.tokens).sum(2)
    known = batch.chords != UNKNOWN_CHORD
    chord_nats = nn.functional.cross_entropy(
        chord_logits.float().flatten(0, 3), batch.chords.flatten(), reduction="none"
    ).view_as(batch.chords)
    nats = ((nats + (chord_nats * known).flatten(2).sum(2)) * batch.counted).sum(1)
    divergence = 0.5 * (mean.float() ** 2 + log_variance.float().exp() - 1 - log_variance.float()).sum(1)
    return nats, divergence


def before(tokens: Tensor) -> Tensor:
    """What the decoder is told at each slot, (B, S, T): the token before; at a segment's begin the last pitch heard."""
    b, s, t = tokens.shape
    flat = tokens.reshape(b, s * t)
    is_pitch = flat % PLAIN >= FIRST_PITCH
    number = torch.where(is_pitch, torch.arange(s * t, device=tokens.device), -1).cummax(dim=1).values
    heard = torch.where(number >= 0, flat.gather(1, number.clamp(min=0)) % PLAIN, START)
    inputs = torch.empty_like(flat)
    inputs[:, 0] = START
    inputs[:, 1:] = flat[:, :-1]
    starts = torch.arange(t, s * t, t, device=tokens.device)
    inputs[:, starts] = heard[:, starts - 1]
    return inputs.view(b, s, t)


def _fingerprint(found: Iterable[Tune]) -> str:
    digest = hashlib.sha256()
    for tune in found:
        digest.update(f"{tune.style} {tune.grid.meter} {tune.grid.key}".encode() + tune.grid.tokens.tobytes())
    return digest.hexdigest()[:16]
