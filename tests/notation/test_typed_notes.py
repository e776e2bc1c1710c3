"""Typed notes: what is read, and the one sentence that each mistake gets."""


import pytest

from zoo.errors import ScoreError
from zoo.notation import note_names, read_text
from zoo.theory import Key, Meter, pitch_name


def notes(text, **fields):
    return [(note.onset, note.duration, note.pitch) for note in read_text(text, **fields).notes]


@pytest.mark.parametrize("text, expected", [
    ("C4 E4 G4", [(0, 24, 60), (24, 24, 64), (48, 24, 67)]),
    ("C4:1 E4:0.5 R:0.5 G4:1/3", [(0, 24, 60), (24, 12, 64), (48, 8, 67)]),
    ("[C4 E4]:2 F#4 Bb3", [(0, 48, 60), (0, 48, 64), (48, 24, 66), (72, 24, 58)]),
    ("f♯4, b♭3 | c4", [(0, 24, 66), (24, 24, 58), (48, 24, 60)]),
    ("C E G C", [(0, 24, 60), (24, 24, 64), (48, 24, 67), (72, 24, 72)]),
    ("B3 C", [(0, 24, 59), (24, 24, 60)]),
    ("C-1 G9", [(0, 24, 0), (24, 24, 127)]),
    ("b4 b5", [(0, 24, 71), (24, 24, 83)]),
    ("C4:0.2", [(0, 5, 60)]),
])
def test_note_names(text, expected):
    assert notes(text) == expected


@pytest.mark.parametrize("text, expected", [
    ("1 1 5 6 5-", [(0, 24, 60), (24, 24, 60), (48, 24, 67), (72, 24, 69), (96, 48, 67)]),
    ("1 2 #4_ 5_. | 6, 0 1'", [(0, 24, 60), (24, 24, 62), (48, 12, 66), (60, 18, 67), (78, 24, 57), (126, 24, 72)]),
    ("1 - - 0 - b7", [(0, 72, 60), (120, 24, 70)]),
])
def test_jianpu(text, expected):
    assert notes(text) == expected


def test_jianpu_do_is_the_tonic_of_the_key():
    assert notes("1 5", key=Key("D")) == [(0, 24, 62), (24, 24, 69)]
    assert notes("6 1", key=Key("A", "minor")) == [(0, 24, 69), (24, 24, 60)]  # la-based minor
    assert notes("1", key=Key("Bb")) == [(0, 24, 58)]


def test_key_and_meter_go_into_the_score():
    score = read_text("C4", key=Key("D", "minor"), meter=Meter(6, 8))
    assert score.keys == ((0, Key("D", "minor")),)
    assert score.meters == ((0, Meter(6, 8)),)
    assert read_text("C4").keys == ()
    assert read_text("C4").meter == Meter(4, 4)


@pytest.mark.parametrize("text", ["", "  \n", "|", "R:4"])
def test_no_notes_is_one_empty_part(text):
    score = read_text(text)
    assert [part.notes for part in score.parts] == [()]


@pytest.mark.parametrize("text, part_of_message", [
    ("H9", "'H9' is not a note; write a letter from A to G with an octave, like C4, F#4 or Bb3."),
    ("C4 E4 X4", "'X4' is not a note"),
    ("C4:abc", "write its beats after the colon"),
    ("C4:", "write its beats after the colon"),
    ("C4:1/0", "write its beats after the colon"),
    ("C4:nan", "write its beats after the colon"),
    ("C4:1e3", "write its beats after the colon"),
    ("C4:-1", "write its beats after the colon"),
    ("C4:0", "from 1/24 to 64 beats"),
    ("C4:0.01", "from 1/24 to 64 beats"),
    ("C4:65", "from 1/24 to 64 beats"),
    ("C10", "out of range"),
    ("A9", "out of range"),
    ("[C4 E4", "is not a chord"),
    ("[]", "is not a chord"),
    ("[C4 H4]", "'H4' is not a note"),
    ("Q" * 5000, "'QQQQQQQQQQQQQQQQQ...'"),
    ("-", "not a note"),
    ("1 2 -3 4 8", "not a note"),
    ("- 1", "no note before it"),
    ("1____", "too finely divided"),
    ("1" + "'" * 9, "out of range"),
    ("C4 " * 600, "512"),
    ("1" * 513, "512"),
    ("C4 " * 10_000, "at most 20,000"),
    (None, "Notes are text"),
])
def test_mistakes_get_one_sentence(text, part_of_message):
    with pytest.raises(ScoreError) as caught:
        read_text(text)
    message = str(caught.value)
    assert part_of_message in message
    assert "\n" not in message and len(message) < 160 and message.endswith(".")


def test_writing_overlapping_notes_cuts_them_where_the_next_begins():
    assert note_names.write(read_text("[C4 E4]:2")) == "[C4 E4]:2"
    assert note_names.write(read_text("R:0.5 C4:1/3 E4:0.125")) == "R:0.5 C4:1/3 E4:0.125"


@pytest.mark.parametrize("key, names", [
    ("C major", "C4 C#4 D4 Eb4 F#4 G#4 Bb4"), ("G minor", "C4 Db4 D4 Eb4 F#4 Ab4 Bb4"),
    ("F# major", "B#3 C#4 D4 D#4 F#4 G#4 A#4"), ("Gb major", "C4 Db4 D4 Eb4 Gb4 Ab4 Bb4"),
])
def test_pitches_are_spelt_as_the_key_has_them(key, names):
    assert " ".join(pitch_name(pitch, Key.parse(key)) for pitch in (60, 61, 62, 63, 66, 68, 70)) == names
