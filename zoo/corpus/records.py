"""Packaged corpora: one JSON object a line, gzip; the fields are those of the corpora's own README."""

import gzip
import json
import zlib
from collections.abc import Iterator
from pathlib import Path

from zoo.corpus.piece import Piece
from zoo.errors import ScoreError
from zoo.score import Note, Part, Score
from zoo.theory import Key, Meter

# From this share of bar lines on that fall where the metre puts them, a piece counts as regular.
_REGULAR = 0.9


def read_records(path: Path) -> Iterator[dict]:
    """The records of one packaged corpus file.

    Raises ScoreError when the file is not one.
    """
    try:
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for line in lines:
                yield json.loads(line)
    except (OSError, EOFError, UnicodeDecodeError, json.JSONDecodeError, zlib.error):
        raise ScoreError(f"{path.name} is not a packaged corpus (gzipped JSON lines).") from None


def piece(record: dict, style: str) -> Piece:
    """A record as a Piece of one of our styles. Raises ScoreError, with the reason, for what can't be one."""
    return Piece(
        id=record["id"],
        corpus=record["corpus"],
        title=record["title"] or "",
        source=record["source"],
        licence=record["licence"],
        style=style,
        kind=record["kind"],
        split=record["split"],
        family=record["family"],
        score=record_score(record),
        attribution=record.get("attribution") or "",
    )


def record_score(record: dict) -> Score:
    """The music of a record: all parts, the notated bars, the key where one is given.

    Raises ScoreError for a record without metre or whose bars do not follow it.
    """
    if not record["meter"]:
        raise ScoreError("no metre")
    programs = record.get("programs") or [0] * len(record["parts"])
    notes: list[list[Note]] = [[] for _ in record["parts"]]
    for onset, duration, pitch, part in record["notes"]:
        notes[part].append(Note(onset, max(1, duration), pitch))
    try:
        meters = [(tick, Meter.parse(text)) for tick, text in record["meter"]]
        keys = [(tick, Key.parse(text)) for tick, text in record["key"]]
    except ValueError:
        raise ScoreError("unreadable metre or key") from None
    tempos = tuple((tick, float(bpm)) for tick, bpm in record["tempo"])
    bars = record["bars"]
    first_bar = bars[1] - bars[0] if len(bars) > 1 else 0
    score = Score(
        parts=tuple(
            Part(tuple(part), name=name, program=program % 128, is_drum=program == 128)
            for name, program, part in zip(record["parts"], programs, notes)
        ),
        meters=((0, meters[0][1]), *meters[1:]),
        keys=((0, keys[0][1]), *keys[1:]) if keys else (),
        tempos=((0, tempos[0][1]), *tempos[1:]) if tempos else ((0, 120.0),),
        chords=tuple((tick, symbol) for tick, symbol in record["chords"]),
        pickup=first_bar if first_bar < meters[0][1].bar_ticks else 0,
        title=record["title"] or "",
    )
    lines, written = score.barlines[1:-1], set(bars)
    if lines and sum(line in written for line in lines) < _REGULAR * len(lines):
        raise ScoreError("irregular bars")
    return score
