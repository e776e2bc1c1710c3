"""From latent places to melodies: the decoder run slot by slot, many places at once."""

from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from zoo.codecs.melody_grid import (
    BEAT_SLOTS,
    FIRST_PITCH,
    HOLD,
    METERS,
    PLAIN,
    SLOT_TICKS,
    UNKNOWN_CHORD,
    VOCABULARY,
    has_triplets,
)
from zoo.decoding import draw_rows
from zoo.models._vae_network import START, Batch, VAEConfig, VAENetwork
from zoo.theory import Meter

_SETTLING = 2  # of writing and reading; nothing changes after that
FREE, STRIKE = -1, -2  # in given tokens: the decoder decides; it decides which note begins, for one must


@torch.inference_mode()
def write(
    network: VAENetwork, latent: np.ndarray, batch: Batch, numbers: np.ndarray | None = None,
    temperature: float = 0.0, top_k: int = 0, top_p: float = 1.0, given: np.ndarray | None = None,
    with_chords: bool = False,
) -> tuple[np.ndarray, np.ndarray]:
    """Tokens (B, bars, slots) and chords (B, bars, 2) at places (B, latent); of the batch the conditions are looked at.

    numbers: (B, bars, slots) from 0 to below 1, by which tokens are drawn: a row of its own numbers for each piece, so
    that it never depends on its neighbours; not needed at temperature 0. given: (B, bars, slots) tokens, or FREE or
    STRIKE. with_chords: choose the likeliest chord for each half bar; else all are unknown.
    """
    b, segments = batch.counted.shape
    per_segment = network.config.segment_bars
    meter = Meter.parse(METERS[batch.meter])
    slots = meter.bar_ticks // SLOT_TICKS
    width = slots * per_segment
    allowed = _allowed(meter, width)
    shape = (b, segments, width)
    numbers = np.zeros(shape) if numbers is None else numbers.reshape(shape)
    given = np.full(shape, FREE) if given is None else given.reshape(shape)
    latents = torch.from_numpy(latent).float()
    states, straight = network.conduct(latents, batch), network.straight_logits(latents, batch).numpy()
    chords = torch.full((b, segments, per_segment, 2), UNKNOWN_CHORD)
    if with_chords:
        chords = network.chord_logits(states)[..., 1:].argmax(-1) + 1
    tokens = np.zeros(shape, np.int64)
    heard = np.full(b, START)
    for segment in range(segments):
        state, beside = network.open_segment(states[:, segment], chords[:, segment], width, batch.meter)
        token = heard
        for slot in range(width):
            logits, state = network.step(torch.from_numpy(token), beside[:, slot], state)
            asked = given[:, segment, slot]
            may = np.where((asked == STRIKE)[:, None], allowed[slot] & _STRIKES, allowed[slot])
            scores = logits.numpy() + straight[:, segment, slot]
            token = draw_rows(scores, may, numbers[:, segment, slot], temperature, top_k, top_p)
            token = np.where(asked < 0, token, asked)
            if allowed[0, PLAIN] and slot % BEAT_SLOTS == BEAT_SLOTS - 1:  # a triplet has no fourth slot
                token = np.where(tokens[:, segment, slot - BEAT_SLOTS + 1] >= PLAIN, HOLD, token)
            tokens[:, segment, slot] = token
            heard = np.where(token % PLAIN >= FIRST_PITCH, token % PLAIN, heard)
    bars = segments * per_segment
    return tokens.reshape(b, bars, slots), chords.numpy().reshape(b, bars, 2)


@torch.inference_mode()
def read(network: VAENetwork, batch: Batch, tokens: np.ndarray, chords: np.ndarray) -> tuple[Tensor, Tensor]:
    """What the encoder makes of what was written under a batch's conditions: mean and log variance, (B, latent)."""
    written = replace(
        batch,
        tokens=torch.from_numpy(tokens).view(batch.tokens.shape),
        chords=torch.from_numpy(chords).view(batch.chords.shape),
    )
    return network.encode(written)


def settle(
    network: VAENetwork, latent: np.ndarray, batch: Batch, given: np.ndarray | None = None, with_chords: bool = False
) -> np.ndarray:
    """Near places (B, latent) such whose likeliest notes are read as lying there: between tunes there is no music."""
    for _ in range(_SETTLING):
        written = write(network, latent, batch, given=given, with_chords=with_chords)
        latent = read(network, batch, *written)[0].numpy()
    return latent


_STRIKES = np.arange(VOCABULARY) % PLAIN >= FIRST_PITCH


def _allowed(meter: Meter, width: int) -> np.ndarray:
    """Which tokens may stand in each slot, (width, V) bool: a triplet begins on a quarter, where the metre has them."""
    allowed = np.zeros((width, VOCABULARY), bool)
    allowed[:, :PLAIN] = True
    if has_triplets(meter):
        allowed[::BEAT_SLOTS] = True
    return allowed


def blank(
    config: VAEConfig, count: int, bars: int, meter: Meter, style: int, mode: int, closes: bool
) -> Batch:
    """A Batch of count melodies without notes, for write."""
    segments = -(-bars // config.segment_bars)
    slots = meter.bar_ticks // SLOT_TICKS * config.segment_bars
    return Batch(
        tokens=torch.zeros(count, segments, slots, dtype=torch.long),
        chords=torch.full((count, segments, config.segment_bars, 2), UNKNOWN_CHORD),
        meter=METERS.index(str(meter)),
        style=torch.full((count,), style),
        mode=torch.full((count,), mode),
        closes=torch.full((count,), int(closes)),
        counted=torch.ones(count, segments, dtype=torch.bool),
    )
