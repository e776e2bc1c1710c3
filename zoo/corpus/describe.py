"""A row of the table of styles from the music itself, for a style that is made by fine-tuning."""

from collections import Counter
from collections.abc import Hashable, Iterable
from dataclasses import asdict
from statistics import median

from zoo.codecs.events import texture
from zoo.corpus.piece import Piece
from zoo.score import Score
from zoo.styles import Style

_MOST_KEYS = 10
_UNMARKED = 120.0  # what a score without a tempo says, MIDI's default; and 0, the piano, is a part's without a program


def describe(pieces: list[Piece], name: str, base: Style) -> dict:
    """The row, ready for JSON, of a style called name.

    Metres, keys, tempos, instruments and texture are those of the pieces; what these leave open, and how an
    accompaniment is made, is the base's.
    """
    scores = [piece.score for piece in pieces]
    title = name.replace("-", " ").strip().capitalize() or name
    return {
        "title": title,
        "title_zh": title,
        "about": f"Learned from {len(pieces)} pieces of the folder '{pieces[0].corpus}'.",
        "tempos": _tempos(scores, base),
        "keys": _commonest(str(score.key) for score in scores)[:_MOST_KEYS],
        "lead": _program(scores, 0, base.lead),
        "accompaniment": [_program(scores, place, other) for place, other in zip((1, -1), base.accompaniment)],
        "corpora": [],
        "writes": _commonest(texture(score) for score in scores)[0],
        "harmony": base.harmony,
        "texture": base.texture,
        "patterns": asdict(base)["patterns"],
    }


def _tempos(scores: list[Score], base: Style) -> dict[str, float]:
    """The median for each metre, quarter notes per minute."""
    marked = [score for score in scores if score.tempo != _UNMARKED]
    tempos = {
        str(meter): median([s.tempo for s in marked if s.meter == meter] or [base.tempo(meter)])
        for meter in {score.meter: None for score in scores}
    }
    return {**tempos, "other": median([score.tempo for score in marked] or [base.tempos["other"]])}


def _program(scores: list[Score], place: int, other: int) -> int:
    """The commonest program at that place among the pitched parts; a lead is the first, the others follow it."""
    parts = [[part for part in score.parts if part.notes and not part.is_drum] for score in scores]
    given = [found[place].program for found in parts if len(found) > abs(place) and found[place].program]
    return (_commonest(given) or [other])[0]


def _commonest(values: Iterable[Hashable]) -> list:
    return [value for value, _ in Counter(values).most_common()]
