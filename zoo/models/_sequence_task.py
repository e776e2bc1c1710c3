"""Training and measuring of next-token models on event sequences: the Task of zoo.training."""

from collections.abc import Callable, Iterable, Iterator

import numpy as np
import torch
from torch import Tensor, nn

from zoo.codecs.events import HEADER_TOKENS, EventCodec
from zoo.codecs.sequences import Sequence

# A style's share of the batches is its share of the tokens to this power: the largest does not drown the rest.
_BALANCE = 0.5
_MEASURED_TOKENS = 16_384  # in one batch while measuring


class SequenceTask:
    """network(tokens, context) -> logits, trained on windows of pieces and measured on whole ones."""

    def __init__(self, network: nn.Module, codec: EventCodec, train: list[Sequence], valid: list[Sequence]):
        self.network = network
        self.bar = codec.ids["bar"]
        self.valid = valid
        self.pieces: dict[str, list[Sequence]] = {}
        for piece in train:
            self.pieces.setdefault(piece.style, []).append(piece)
        self.styles = sorted(self.pieces)
        tokens = {style: np.array([len(p.tokens) for p in self.pieces[style]], float) for style in self.styles}
        shares = np.array([tokens[style].sum() ** _BALANCE for style in self.styles])
        self.style_odds = shares / shares.sum()
        # A long piece is drawn as often as it has windows; a short one is not drawn less than its first window.
        self.piece_odds = {style: tokens[style] / tokens[style].sum() for style in self.styles}

    def loss(self, rng: np.random.Generator, batch: int, window: int) -> Tensor:
        windows = [self._window(rng, window) for _ in range(batch)]
        tokens, context, targets = _pad(windows)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            logits = self.network(tokens, context)
        return nn.functional.cross_entropy(logits.float().flatten(0, 1), targets.flatten(), ignore_index=-1)

    def _window(self, rng: np.random.Generator, window: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Header and a stretch of a random piece that begins with the piece or, half of the time, at any bar line."""
        style = self.styles[rng.choice(len(self.styles), p=self.style_odds)]
        piece = self.pieces[style][rng.choice(len(self.pieces[style]), p=self.piece_odds[style])]
        tokens = piece.tokens.astype(np.int64)
        targets = np.append(tokens[1:], -1)
        start = HEADER_TOKENS
        if len(tokens) > window and rng.random() < 0.5:
            bars = np.flatnonzero(tokens == self.bar)
            start = int(rng.choice(bars[bars < len(tokens) - window // 4]))
        keep = np.r_[0:HEADER_TOKENS, start : min(len(tokens) - 1, start + window - HEADER_TOKENS)]
        targets = targets[keep]
        if start > HEADER_TOKENS:
            targets[:HEADER_TOKENS] = -1  # what follows the header here is not what followed it in the piece
        return tokens[keep], piece.context[keep], targets

    def validate(self) -> dict[str, float]:
        return nats_per_note(self.network, self.valid)


@torch.no_grad()
def piece_nats(network: nn.Module, pieces: list[Sequence]) -> list[float]:
    """Minus the log probability of each whole piece given its style, in nats, all tokens after the style counted."""
    network.eval()
    order = sorted(range(len(pieces)), key=lambda i: len(pieces[i].tokens))
    result = [0.0] * len(pieces)
    for batch in _batches(order, lambda i: len(pieces[i].tokens)):
        whole = [pieces[i] for i in batch]
        tokens, context, targets = _pad(
            [(p.tokens[:-1].astype(np.int64), p.context[:-1], p.tokens[1:].astype(np.int64)) for p in whole]
        )
        logits = network(tokens, context)
        nats = nn.functional.cross_entropy(
            logits.float().flatten(0, 1), targets.flatten(), ignore_index=-1, reduction="none"
        )
        for i, total in zip(batch, nats.view_as(targets).double().sum(1).tolist()):
            result[i] = total
    return result


def nats_per_note(network: nn.Module, pieces: list[Sequence]) -> dict[str, float]:
    """All tokens' loss divided by the number of notes, by style."""
    nats: dict[str, float] = {}
    notes: dict[str, int] = {}
    for piece, total in zip(pieces, piece_nats(network, pieces)):
        nats[piece.style] = nats.get(piece.style, 0.0) + total
        notes[piece.style] = notes.get(piece.style, 0) + piece.notes
    return {style: nats[style] / notes[style] for style in sorted(nats)}


def _batches(order: Iterable[int], length: Callable[[int], int]) -> Iterator[list[int]]:
    """Neighbours in length, as many at once as memory likes."""
    batch: list[int] = []
    for i in order:
        if batch and length(i) * (len(batch) + 1) > _MEASURED_TOKENS:
            yield batch
            batch = []
        batch.append(i)
    if batch:
        yield batch


def _pad(windows: list[tuple[np.ndarray, np.ndarray, np.ndarray]]) -> tuple[Tensor, Tensor, Tensor]:
    """Tokens (B, T), context (B, T, C) and targets (B, T), where -1 is not counted."""
    longest = max(len(tokens) for tokens, _, _ in windows)
    columns = windows[0][1].shape[1]
    tokens = np.zeros((len(windows), longest), np.int64)
    context = np.zeros((len(windows), longest, columns), np.int64)
    targets = np.full((len(windows), longest), -1, np.int64)
    for row, (t, c, y) in enumerate(windows):
        tokens[row, : len(t)], context[row, : len(t)], targets[row, : len(t)] = t, c, y
    return torch.from_numpy(tokens), torch.from_numpy(context), torch.from_numpy(targets)
