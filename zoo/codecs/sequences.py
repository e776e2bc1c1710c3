"""Pieces as arrays: what the event models train on and are measured on."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from zoo.codecs.events import EventCodec, Losses, Walk
from zoo.corpus.piece import Piece
from zoo.errors import ScoreError
from zoo.score import Score


@dataclass(frozen=True)
class Sequence:
    """One piece. tokens: (T,) int16; context: (T, C) uint8, row t says where token t + 1 stands; notes: how many."""

    style: str
    tokens: np.ndarray
    context: np.ndarray
    notes: int


def contexts(codec: EventCodec, tokens: Iterable[int]) -> np.ndarray:
    """Walk.context after each token, (T, C) uint8."""
    walk = Walk(codec)
    rows = []
    for token in tokens:
        walk.step(token)
        rows.append(walk.context())
    return np.array(rows, dtype=np.uint8)


def sequence(codec: EventCodec, score: Score, style: str, losses: Losses | None = None) -> Sequence:
    """A score as a Sequence. Raises ScoreError for what the codec can't write."""
    tokens = codec.encode(score, style, losses)
    notes = sum(codec.kinds[token] == "pitch" for token in tokens)
    return Sequence(style, np.array(tokens, dtype=np.int16), contexts(codec, tokens), notes)


def sequences(
    codec: EventCodec, pieces: Iterable[Piece], view: Callable[[Score], list[Score]]
) -> tuple[dict[str, list[Sequence]], Losses]:
    """{split: sequences} of the views (such as the melody's sections) of all pieces, and what encoding lost."""
    result: dict[str, list[Sequence]] = {"train": [], "valid": [], "test": []}
    losses = Losses()
    for piece in pieces:
        for score in view(piece.score):
            try:
                result[piece.split].append(sequence(codec, score, piece.style, losses))
            except ScoreError:
                losses.counts["sections_in_rare_metres"] += 1
    return result, losses
