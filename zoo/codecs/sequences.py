"""Pieces as arrays: what the event models train on and are measured on."""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from safetensors import safe_open
from safetensors.numpy import load_file, save_file

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


def contexts(codec: EventCodec, tokens: Iterable[int], bars: int | None = None) -> np.ndarray:
    """Walk.context after each token, (T, C) uint8. bars: the piece's real length, where its header may say 'more'."""
    walk = Walk(codec)
    rows = []
    for token in tokens:
        walk.step(token)
        if bars and walk.kind == "length":
            walk.length = bars
        rows.append(walk.context())
    return np.array(rows, dtype=np.uint8)


def sequence(codec: EventCodec, score: Score, style: str, losses: Losses | None = None) -> Sequence:
    """A score as a Sequence. Raises ScoreError for what the codec can't write."""
    tokens = codec.encode(score, style, losses)
    notes = sum(codec.kinds[token] == "pitch" for token in tokens)
    bars = score.bars if codec.polyphonic else None  # the melody models learned without
    return Sequence(style, np.array(tokens, dtype=np.int16), contexts(codec, tokens, bars), notes)


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


def save(data: dict[str, list[Sequence]], path: Path, origin: str = "") -> None:
    """Sequences by split as one file of arrays, which a machine without the corpora can train on.

    origin: what they were made from, in any words, for a later look.
    """
    tensors, about = {}, {}
    for split, pieces in data.items():
        if pieces:
            tensors[f"{split}/tokens"] = np.concatenate([p.tokens for p in pieces])
            tensors[f"{split}/context"] = np.concatenate([p.context for p in pieces])
        about[split] = [[p.style, len(p.tokens), p.notes] for p in pieces]
    aside = path.with_suffix(".tmp")  # no interruption leaves half a file
    save_file(tensors, aside, metadata={"sequences": json.dumps(about), "origin": origin})
    aside.replace(path)


def origin(path: Path) -> str:
    """What save was told."""
    with safe_open(path, "np") as file:
        return file.metadata()["origin"]


def load(path: Path) -> dict[str, list[Sequence]]:
    """What save wrote."""
    with safe_open(path, "np") as file:
        about = json.loads(file.metadata()["sequences"])
    tensors = load_file(path)
    data: dict[str, list[Sequence]] = {}
    for split, pieces in about.items():
        data[split], start = [], 0
        for style, length, notes in pieces:
            rows = slice(start, start + length)
            data[split].append(
                Sequence(style, tensors[f"{split}/tokens"][rows], tensors[f"{split}/context"][rows], notes)
            )
            start += length
    return data
