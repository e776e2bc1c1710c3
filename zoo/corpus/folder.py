"""A folder of somebody's MIDI, ABC and MusicXML files as a corpus."""

import hashlib
from collections import Counter
from pathlib import Path

from zoo.corpus.piece import Piece
from zoo.errors import ScoreError
from zoo.files import READABLE, read


def split_of(family: str) -> str:
    """train, valid or test (90, 5, 5 %) by hash of the family's name: the same on every machine, in any order."""
    place = int.from_bytes(hashlib.sha256(family.encode()).digest()[:4], "big") % 20
    return {0: "valid", 1: "test"}.get(place, "train")


def folder_pieces(folder: Path, style: str, dropped: Counter) -> list[Piece]:
    """Every readable score below the folder; unreadable ones are counted in dropped with the reason."""
    pieces = []
    for path in sorted(p for p in folder.rglob("*") if p.suffix.lower() in READABLE):
        name = str(path.relative_to(folder))
        try:
            score = read(path)
        except ScoreError as error:
            dropped[folder.name, str(error)] += 1
            continue
        pieces.append(
            Piece(
                id=f"{folder.name}/{name}", corpus=folder.name, title=score.title or path.stem, source=name,
                licence="the owner's", style=style, kind="file", split=split_of(path.stem), family=path.stem,
                score=score,
            )
        )
    return pieces
