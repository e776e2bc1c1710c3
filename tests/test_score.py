"""Score: its bounds, its bars, its clock, its key."""

import pytest

from zoo.errors import ScoreError
from zoo.notation import read_text
from zoo.score import MAX_NOTES, MAX_TICKS, Note, Part, Score, melody_score
from zoo.theory import Key, Meter


def test_notes_are_sorted_whatever_order_they_come_in():
    score = Score([Part([Note(24, 24, 64), Note(0, 24, 60)]), Part([Note(12, 24, 50)])])
    assert [note.onset for note in score.parts[0].notes] == [0, 24]
    assert [note.pitch for note in score.notes] == [60, 50, 64]
    assert score.end == 48


@pytest.mark.parametrize("note", [
    Note(-1, 24, 60), Note(0, 0, 60), Note(0, 24, 128), Note(0, 24, -1), Note(0, 24, 60, 128), Note(MAX_TICKS, 1, 60),
])
def test_notes_out_of_range_are_refused(note):
    with pytest.raises(ScoreError):
        melody_score([note])


@pytest.mark.parametrize("fields", [
    {"meters": ()},
    {"meters": ((24, Meter(4, 4)),)},
    {"meters": ((0, Meter(4, 4)), (96, Meter(3, 4)), (48, Meter(2, 4)))},
    {"keys": ((24, Key("C")),)},
    {"keys": ((0, Key("C")), (96, Key("D")), (48, Key("G")))},
    {"tempos": ()},
    {"tempos": ((0, 0),)},
    {"tempos": ((0, float("nan")),)},
    {"pickup": 96},
    {"pickup": -1},
])
def test_what_makes_no_score_is_refused(fields):
    with pytest.raises(ScoreError):
        melody_score([Note(0, 24, 60)], **fields)


def test_too_many_notes_are_refused():
    with pytest.raises(ScoreError, match="50,000"):
        melody_score([Note(0, 1, 60)] * (MAX_NOTES + 1))


@pytest.mark.parametrize("notes, meters, pickup, barlines, bars", [
    ([], [(0, Meter(4, 4))], 0, (0, 96), 1),
    ([Note(0, 96, 60)], [(0, Meter(4, 4))], 0, (0, 96), 1),
    ([Note(0, 97, 60)], [(0, Meter(4, 4))], 0, (0, 96, 192), 2),
    ([Note(0, 24, 60), Note(24, 72, 60)], [(0, Meter(3, 4))], 24, (0, 24, 96), 1),
    ([Note(0, 24, 60)], [(0, Meter(3, 4))], 24, (0, 24), 0),
    ([Note(0, 240, 60)], [(0, Meter(4, 4)), (96, Meter(6, 8))], 0, (0, 96, 168, 240), 3),
])
def test_bars(notes, meters, pickup, barlines, bars):
    score = melody_score(notes, meters=meters, pickup=pickup)
    assert score.barlines == barlines
    assert score.bars == bars


def test_seconds_go_through_tempo_changes():
    score = melody_score([Note(0, 96, 60)], tempos=((0, 60), (48, 120)))
    assert score.seconds == pytest.approx(3)
    assert score.seconds_at(24) == pytest.approx(1)


def test_the_key_is_estimated_where_none_is_given():
    assert read_text("G4 A4 B4 C5 D5 E5 F#5 G5:2 D5 B4 G4:2").key == Key("G")
    assert read_text("A4 B4 C5 D5 E5:2 G#4 A4:2 E5 C5 A4:2").key == Key("A", "minor")
    assert read_text("G4 A4 B4", key=Key("D", "dorian")).key == Key("D", "dorian")


def test_transposing_moves_notes_keys_and_chords_but_no_drums():
    parts = (Part((Note(0, 24, 60),)), Part((Note(0, 24, 36),), is_drum=True))
    score = Score(parts, keys=((0, Key("C")),), chords=((0, "Am7/E"),))
    higher = score.transpose(2)
    assert [part.notes[0].pitch for part in higher.parts] == [62, 36]
    assert higher.keys == ((0, Key("D")),)
    assert higher.chords == ((0, "Bm7/F#"),)
    assert higher.transpose(-2) == score
    with pytest.raises(ScoreError):
        score.transpose(100)


@pytest.mark.parametrize("text, key", [
    ("D minor", Key("D", "minor")), ("Dm", Key("D", "minor")), ("CM", Key("C")), ("Cm", Key("C", "minor")),
    ("bb", Key("Bb")), ("F# major", Key("F#")), ("A dorian", Key("A", "dorian")), ("Amix", Key("A", "mixolydian")),
    ("B♭ Major", Key("Bb")),
])
def test_keys_are_read(text, key):
    assert Key.parse(text) == key


@pytest.mark.parametrize("text", ["", "H", "C blue", "C##", "major", "C major minor", None, 7])
def test_what_is_no_key_is_refused(text):
    with pytest.raises(ValueError, match="is not a key"):
        Key.parse(text)


@pytest.mark.parametrize("text", ["", "4", "4/3", "0/4", "33/4", "4/4/4", "a/b", None, "-3/4"])
def test_what_is_no_metre_is_refused(text):
    with pytest.raises(ValueError, match="is not a metre"):
        Meter.parse(text)
