"""A folder of somebody's MIDI, ABC and MusicXML files as a corpus."""

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

from zoo.corpus.piece import Piece
from zoo.errors import ScoreError
from zoo.files import READABLE, read
from zoo.notation import abc
from zoo.score import Score

_HELD_OUT = 10  # one family in so many goes to the valid split, and one to the test split
_VARIANT = re.compile(r" *(\(\d+\)|\bv\d+|\bcopy)$")  # 'The Kesh (2)' and 'the kesh v2' are variants of one tune
_TUNE = re.compile(rb"^(?=X:)", re.MULTILINE)  # where a tune of an ABC tunebook begins


def folder_pieces(folder: Path, style: str, dropped: Counter) -> list[Piece]:
    """Every readable tune below the folder, not yet split; unreadable ones are counted in dropped with the reason."""
    pieces = []
    for path in sorted(p for p in folder.rglob("*") if p.suffix.lower() in READABLE and p.is_file()):
        for number, read_tune in enumerate(_tunes(path)):
            try:
                score = read_tune()
            except ScoreError as error:
                dropped[folder.name, str(error)] += 1
                continue
            source = str(path.relative_to(folder)) + (f"#{number}" if number else "")
            name = score.title or source if number else path.stem
            pieces.append(
                Piece(
                    id=f"{folder.name}/{source}", corpus=folder.name, title=score.title or path.stem, source=source,
                    licence="the owner's", style=style, kind="file", split="",
                    family=_VARIANT.sub("", re.sub("[_-]", " ", name.casefold())), score=score,
                )
            )
    return pieces


def _tunes(path: Path) -> Iterator[Callable[[], Score]]:
    """The file's reader; for a tunebook, which is many tunes of ABC in one file, one for each tune."""
    tunes = _TUNE.split(path.read_bytes())[1:] if path.suffix.lower() == ".abc" else []
    if len(tunes) > 1:
        yield from (partial(abc.read, tune) for tune in tunes)
    else:
        yield partial(read, path)


def with_splits(pieces: list[Piece]) -> list[Piece]:
    """The pieces that have no split yet get one: of the families a tenth is for valid and a tenth for test.

    Those are two each at least, one each where there are fewer than ten families, and none where there are fewer than
    three. Which ones, the hash of their names says: the same on every machine, in any order.
    """
    families = {p.family for p in pieces if not p.split}
    order = sorted(families, key=lambda name: hashlib.sha256(name.encode()).digest())
    held_out = max(2, len(order) // _HELD_OUT) if len(order) >= 10 else int(len(order) >= 3)
    split = dict.fromkeys(order, "train")
    split |= dict.fromkeys(order[:held_out], "valid") | dict.fromkeys(order[held_out : 2 * held_out], "test")
    return [replace(p, split=p.split or split[p.family]) for p in pieces]
