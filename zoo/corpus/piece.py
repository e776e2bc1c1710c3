"""Piece: one score of a corpus, with where it comes from."""

from dataclasses import dataclass

from zoo.score import Score


@dataclass(frozen=True)
class Piece:
    """A score with its provenance. split: train, valid or test; family: the same for variants of one tune."""

    id: str
    corpus: str
    title: str
    source: str
    licence: str
    style: str
    kind: str
    split: str
    family: str
    score: Score
    attribution: str = ""  # whom the licence asks to name, where the record says so
