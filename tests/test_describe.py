"""The row of a style that is made by fine-tuning."""

import json

import zoo
from zoo.corpus.describe import describe
from zoo.corpus.piece import Piece
from zoo.score import Note, Part, Score
from zoo.styles import Style
from zoo.theory import Key, Meter

LINE = tuple(Note(24 * i, 24, 60 + i % 5) for i in range(16))


def piece(*programs, meter="4/4", key="D minor", tempo=120.0):
    score = Score(
        parts=tuple(Part(LINE, program=program) for program in programs),
        meters=((0, Meter.parse(meter)),), keys=((0, Key.parse(key)),), tempos=((0, tempo),),
    )
    return Piece("", "tunes", "", "", "", "mine", "file", "train", "", score)


def test_what_the_music_says():
    pieces = [
        piece(40, 48, 42, tempo=80), piece(40, 48, 43, tempo=90), piece(41, 49, 43, tempo=130, key="G major"),
        piece(0, meter="3/4", tempo=150),
    ]
    row = describe(pieces, "my-trios", zoo.styles()["chorale"])
    assert (row["title"], row["about"]) == ("My trios", "Learned from 4 pieces of the folder 'tunes'.")
    assert row["tempos"] == {"4/4": 90, "3/4": 150, "other": 110}
    assert row["keys"] == ["D minor", "G major"]
    assert (row["lead"], row["accompaniment"], row["writes"]) == (40, [48, 43], "3")
    assert (row["harmony"], row["texture"]) == ("chorale", "voices")


def test_what_it_leaves_open_is_the_bases():
    folk = zoo.styles()["folk"]
    row = describe([piece(0), piece(0, meter="6/8")], "mine", folk)
    assert row["tempos"] == {"4/4": 180, "6/8": 165, "other": 140}
    assert (row["lead"], row["accompaniment"], row["writes"]) == (folk.lead, list(folk.accompaniment), "melody")


def test_the_row_survives_json_and_plays():
    row = json.loads(json.dumps(describe([piece(0)], "mine", zoo.styles()["folk"])))
    style = Style.from_row("mine", row)
    assert style.patterns == zoo.styles()["folk"].patterns and style.tempo(Meter(4, 4)) == 180
