"""Training and measuring of next-token models on event sequences: the Task of zoo.training."""

import hashlib
from collections.abc import Callable, Iterable, Iterator

import numpy as np
import torch
from torch import Tensor, nn

from zoo.codecs.events import EventCodec
from zoo.codecs.sequences import Sequence

Window = tuple[np.ndarray, np.ndarray, np.ndarray]  # tokens (T,), context (T, C), targets (T,), -1 where not counted

_MEASURED_TOKENS = 16_384  # in one batch while measuring
_LONGEST = 2048  # tokens that are measured at once


class SequenceTask:
    """network(tokens, context) -> logits, trained on windows of pieces and measured on whole ones.

    kind: what a piece counts as; a kind's share of the training is its share of the tokens to the power of balance,
    so that the largest does not drown the rest (1: as they come, 0: all alike).
    """

    def __init__(
        self, network: nn.Module, codec: EventCodec, train: list[Sequence], valid: list[Sequence],
        kind: Callable[[Sequence], str] = lambda piece: piece.style, balance: float = 0.5,
    ):
        self.network = network
        self.bar = codec.ids["bar"]
        self.header = codec.header_tokens
        self.valid = valid
        self.kind = kind
        self.fingerprint = fingerprint([*train, *valid])
        self.pieces: dict[str, list[Sequence]] = {}
        for piece in train:
            self.pieces.setdefault(kind(piece), []).append(piece)
        self.kinds = sorted(self.pieces)
        tokens = {name: np.array([len(p.tokens) for p in self.pieces[name]], float) for name in self.kinds}
        shares = np.array([tokens[name].sum() ** balance for name in self.kinds])
        self.kind_odds = shares / shares.sum()
        # A long piece is drawn as often as it has windows; a short one is not drawn less than its first window.
        self.piece_odds = {name: np.cumsum(tokens[name] / tokens[name].sum()) for name in self.kinds}

    def loss(self, network: nn.Module, rng: np.random.Generator, batch: int, window: int, step: int) -> Tensor:
        tokens, context, targets = pad([self.window(rng, window) for _ in range(batch)])
        device = next(network.parameters()).device
        logits = network(tokens.to(device), context.to(device))
        return cross_entropy(logits, targets.to(device))

    def window(self, rng: np.random.Generator, longest: int) -> Window:
        """Header and a stretch of a random piece that begins with the piece or, half of the time, at any bar line."""
        kind = self.kinds[rng.choice(len(self.kinds), p=self.kind_odds)]
        piece = self.pieces[kind][min(np.searchsorted(self.piece_odds[kind], rng.random()), len(self.pieces[kind]) - 1)]
        tokens = piece.tokens.astype(np.int64)
        targets = np.append(tokens[1:], -1)
        start = self.header
        if len(tokens) > longest and rng.random() < 0.5:
            bars = np.flatnonzero(tokens == self.bar)
            start = int(rng.choice(bars[bars < len(tokens) - longest // 4]))
        keep = np.r_[0 : self.header, start : min(len(tokens) - 1, start + longest - self.header)]
        targets = targets[keep]
        if start > self.header:
            targets[: self.header] = -1  # what follows the header here is not what followed it in the piece
        return tokens[keep], piece.context[keep], targets

    def validate(self) -> dict[str, float]:
        return nats_per_note(self.network, self.valid, self.header, self.kind)


class PackedTask(SequenceTask):
    """For attention: every row of a batch is filled with windows that don't see each other, so that none is padding.

    Network: forward(tokens, context, positions) -> logits, see GPT2Network.
    """

    def loss(self, network: nn.Module, rng: np.random.Generator, batch: int, window: int, step: int) -> Tensor:
        rows = [self._row(rng, window) for _ in range(batch)]
        device = next(network.parameters()).device
        tokens, context, targets, positions = (torch.from_numpy(np.stack(column)).to(device) for column in zip(*rows))
        return cross_entropy(network(tokens, context.long(), positions), targets)

    def _row(self, rng: np.random.Generator, length: int) -> tuple[np.ndarray, ...]:
        windows, room = [], length
        while room > 0:
            tokens, context, targets = self.window(rng, length)
            windows.append((tokens[:room], context[:room], targets[:room], np.arange(min(len(tokens), room))))
            room -= len(tokens)
        return tuple(np.concatenate(column) for column in zip(*windows))


def fingerprint(pieces: Iterable[Sequence]) -> str:
    """A short hash of all tokens, in order: the same data, the same print."""
    digest = hashlib.sha256()
    for piece in pieces:
        digest.update(piece.style.encode() + piece.tokens.tobytes())
    return digest.hexdigest()[:16]


def cross_entropy(logits: Tensor, targets: Tensor) -> Tensor:
    """Mean loss of logits (B, T, V) at targets (B, T), where -1 is not counted."""
    return nn.functional.cross_entropy(logits.float().flatten(0, 1), targets.flatten(), ignore_index=-1)


@torch.no_grad()
def piece_nats(network: nn.Module, pieces: list[Sequence], header: int) -> list[float]:
    """Minus the log probability of each whole piece given its style, in nats, all tokens after the style counted.

    A piece of more than 2048 tokens is measured in stretches of so many, each after the header alone.
    header: how many tokens it has.
    """
    network.eval()
    device = next(network.parameters()).device
    stretches = [(i, stretch) for i, piece in enumerate(pieces) for stretch in _stretches(piece, header)]
    stretches.sort(key=lambda stretch: len(stretch[1][0]))
    result = [0.0] * len(pieces)
    for batch in _batches(stretches, lambda stretch: len(stretch[1][0])):
        tokens, context, targets = pad([stretch for _, stretch in batch])
        logits = network(tokens.to(device), context.to(device)).float().cpu()
        nats = nn.functional.cross_entropy(logits.flatten(0, 1), targets.flatten(), ignore_index=-1, reduction="none")
        for (i, _), total in zip(batch, nats.view_as(targets).double().sum(1).tolist()):
            result[i] += total
    return result


def _stretches(piece: Sequence, header: int) -> Iterator[Window]:
    tokens, targets = piece.tokens[:-1].astype(np.int64), piece.tokens[1:].astype(np.int64)
    yield tokens[:_LONGEST], piece.context[:-1][:_LONGEST], targets[:_LONGEST]
    for start in range(_LONGEST, len(tokens), _LONGEST - header):
        keep = np.r_[0:header, start : min(start + _LONGEST - header, len(tokens))]
        counted = targets[keep]
        counted[:header] = -1
        yield tokens[keep], piece.context[keep], counted


def nats_per_note(
    network: nn.Module, pieces: list[Sequence], header: int,
    kind: Callable[[Sequence], str] = lambda piece: piece.style,
) -> dict[str, float]:
    """All tokens' loss divided by the number of notes, by kind."""
    nats: dict[str, float] = {}
    notes: dict[str, int] = {}
    for piece, total in zip(pieces, piece_nats(network, pieces, header)):
        nats[kind(piece)] = nats.get(kind(piece), 0.0) + total
        notes[kind(piece)] = notes.get(kind(piece), 0) + piece.notes
    return {name: nats[name] / notes[name] for name in sorted(nats)}


def _batches(order: Iterable, length: Callable) -> Iterator[list]:
    """Neighbours in length, as many at once as memory likes."""
    batch: list = []
    for item in order:
        if batch and length(item) * (len(batch) + 1) > _MEASURED_TOKENS:
            yield batch
            batch = []
        batch.append(item)
    if batch:
        yield batch


def pad(windows: list[Window]) -> tuple[Tensor, Tensor, Tensor]:
    """Tokens (B, T), context (B, T, C) and targets (B, T), where -1 is not counted."""
    longest = max(len(tokens) for tokens, _, _ in windows)
    columns = windows[0][1].shape[1]
    tokens = np.zeros((len(windows), longest), np.int64)
    context = np.zeros((len(windows), longest, columns), np.int64)
    targets = np.full((len(windows), longest), -1, np.int64)
    for row, (t, c, y) in enumerate(windows):
        tokens[row, : len(t)], context[row, : len(t)], targets[row, : len(t)] = t, c, y
    return torch.from_numpy(tokens), torch.from_numpy(context), torch.from_numpy(targets)
