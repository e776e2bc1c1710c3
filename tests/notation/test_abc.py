"""ABC as people write it, and what is no ABC."""

import contextlib
import gzip
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zoo.errors import ScoreError, ZooError
from zoo.notation import abc, read_text
from zoo.score import Note, Part, Score
from zoo.theory import Key, Meter

HEADER = "X:1\nT:Tune\nM:4/4\nL:1/8\nK:C\n"
CORPUS = Path(__file__).parents[3] / "shared" / "corpus"


def notes(music, header=HEADER):
    return [(note.onset, note.duration, note.pitch) for note in abc.read(header + music).notes]


@pytest.mark.parametrize("music, expected", [
    ("C c c' C,", [(0, 12, 60), (12, 12, 72), (24, 12, 84), (36, 12, 48)]),
    ("C2 C/ C/4 C// C3/2", [(0, 24, 60), (24, 6, 60), (30, 3, 60), (33, 3, 60), (36, 18, 60)]),
    ("z2 x C", [(36, 12, 60)]),
    ("Z C", [(96, 12, 60)]),
    ("^F F _B B | F", [(0, 12, 66), (12, 12, 66), (24, 12, 70), (36, 12, 70), (48, 12, 65)]),
    ("^F f =F", [(0, 12, 66), (12, 12, 77), (24, 12, 65)]),
    ("C-C D", [(0, 24, 60), (24, 12, 62)]),
    ("^F4-|F4 F", [(0, 96, 66), (96, 12, 65)]),
    ('C -"G"C', [(0, 24, 60)]),
    ("[C-E]2 C2", [(0, 24, 64), (0, 48, 60)]),
    ("(3CDE F", [(0, 8, 60), (8, 8, 62), (16, 8, 64), (24, 12, 65)]),
    ("(3:2:2C2D F", [(0, 16, 60), (16, 8, 62), (24, 12, 65)]),
    ("C>D E<F C>>D", [(0, 18, 60), (18, 6, 62), (24, 6, 64), (30, 18, 65), (48, 21, 60), (69, 3, 62)]),
    ("[CEG]2 C", [(0, 24, 60), (0, 24, 64), (0, 24, 67), (24, 12, 60)]),
    ("{DE}C {/D}D", [(0, 12, 60), (12, 12, 62)]),
    ("!trill!C ~D .E (EF) TG", [(0, 12, 60), (12, 12, 62), (24, 12, 64), (36, 12, 64), (48, 12, 65), (60, 12, 67)]),
    ("|: C D :| E |1 F :|2 G |]", [(0, 12, 60), (12, 12, 62), (24, 12, 64), (36, 12, 65), (48, 12, 67)]),
    ("C2 & E F | G", [(0, 12, 64), (0, 24, 60), (12, 12, 65), (24, 12, 67)]),
    ("C [L:1/4] C [K:D] F", [(0, 12, 60), (12, 24, 60), (36, 24, 66)]),
    ("C % a comment\nw: la\nD", [(0, 12, 60), (12, 12, 62)]),
    ("C D\n\nE F", [(0, 12, 60), (12, 12, 62)]),
    ("C D\nX:2\nK:G\nE F", [(0, 12, 60), (12, 12, 62)]),
])
def test_music(music, expected):
    assert notes(music) == expected


@pytest.mark.parametrize("field, key, pitch_of_f", [
    ("G", "G major", 66), ("Gm", "G minor", 65), ("Ddor", "D dorian", 65), ("D mixolydian", "D mixolydian", 66),
    ("Amix", "A mixolydian", 66), ("Bb", "Bb major", 65), ("F# minor", "F# minor", 66), ("C clef=bass", "C major", 65),
    ("HP", "A mixolydian", 66), ("D =f", "D major", 65), ("Bloc", "C major", 65), ("none", None, 65),
])
def test_keys(field, key, pitch_of_f):
    score = abc.read(f"X:1\nL:1/8\nK:{field}\nF")
    assert score.keys == (((0, Key.parse(key)),) if key else ())
    assert score.notes[0].pitch == pitch_of_f


def test_a_first_key_inside_the_tune_holds_from_its_beginning():
    assert abc.read("X:1\nL:1/4\nK:none\nC D [K:G] F").keys == ((0, Key("G")),)


@pytest.mark.parametrize("field, meter", [
    ("6/8", Meter(6, 8)), ("C", Meter(4, 4)), ("C|", Meter(2, 2)), ("2+3/8", Meter(5, 8)), ("none", Meter(4, 4)),
])
def test_metres(field, meter):
    assert abc.read(f"X:1\nM:{field}\nL:1/8\nK:C\nC").meter == meter


@pytest.mark.parametrize("field, bpm", [
    ("1/4=100", 100), ("3/8=60", 90), ('"Allegro" 1/2=60', 120), ("120", 60), ("1/4 1/8=60", 90), ("fast", 120),
])
def test_tempi(field, bpm):
    assert abc.read(f"X:1\nL:1/8\nQ:{field}\nK:C\nC").tempo == bpm


def test_chord_names_are_told_from_annotations():
    score = abc.read(HEADER + '"Am7"C "D.C."D "^slowly"E "G/B"F "Fine"G "(Em)"A "N.C."B')
    assert score.chords == ((0, "Am7"), (36, "G/B"), (60, "Em"), (72, "N.C."))


def test_voices_become_parts():
    header = 'X:1\nL:1/4\nV:1 name="Fiddle"\nV:2 name="Bass"\nK:C\n'
    score = abc.read(header + "V:1\nCD|\nV:2\n%%MIDI program 32\nC,2|\n[V:1] E|")
    assert [(part.name, part.program) for part in score.parts] == [("Fiddle", 0), ("Bass", 32)]
    assert [[note.pitch for note in part.notes] for part in score.parts] == [[60, 62, 64], [48]]


def test_the_pickup_is_what_stands_before_the_first_bar_line():
    assert abc.read(HEADER + "C2 | C8 |").pickup == 24
    assert abc.read(HEADER + "|: C8 | C8 |").pickup == 0


def test_it_is_found_among_typed_notes():
    assert read_text("K:G\nF").notes[0].pitch == 66


def test_what_is_written():
    text = abc.write(abc.read('X:1\nT:Tune\nM:6/8\nL:1/8\nQ:1/4=90\nK:Ddor\n"Dm"d|def ^c2B-|B6|\n'))
    assert text == 'X:1\nT:Tune\nM:6/8\nL:1/8\nQ:1/4=90\nK:Ddor\n"Dm"d | def ^c2B- | B6 |]\n'


def test_names_can_not_break_out_of_their_line():
    score = Score((Part((Note(0, 24, 60),), 'a"b\nK:G'),), title="100 % C\nK:F\ud800")
    back = abc.read(abc.write(score))
    assert (back.title, back.parts[0].name, back.keys) == ("100 % C K:F", "a'b K:G", ())


@pytest.mark.parametrize("text, part_of_message", [
    ("", "not ABC"),
    ("just some text\nover two lines", "not ABC"),
    (b"\x89PNG\r\n\x1a\n" + bytes(100), "not ABC"),
    (HEADER + "C/0", "no length"),
    (HEADER + "C0", "no length"),
    (HEADER + "c''''''''", "out of range"),
    (HEADER + "Z999" * 9, "four thousand bars"),
    (HEADER + "C" * 100_000, "longer than 100,000"),
])
def test_mistakes_get_one_sentence(text, part_of_message):
    with pytest.raises(ScoreError) as caught:
        abc.read(text)
    assert part_of_message in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("music", [
    "{" * 19_000, '"' * 19_000, "[A" * 9_000, "C-" * 9_000, "[K:" * 6_000, "(3:2:99C" * 2_000, "C<<<" * 4_000,
    "!" * 19_000, ":" * 19_000 + "C", "C/997" * 3_000, "&C" * 9_000,
])
def test_no_text_hangs_or_breaks_the_reader(music):
    """A reader that looks at every pair of characters would run into the suite's time limit."""
    with contextlib.suppress(ScoreError):
        abc.read(HEADER + music)


def test_fields_run_nothing_and_open_nothing(tmp_path):
    evidence = tmp_path / "evidence"
    other = tmp_path / "other.abc"
    other.write_text("C D E F")
    metre = f"M:__import__('pathlib').Path({str(evidence)!r}).touch()/4"
    assert len(abc.read(f"X:1\n{metre}\n%%abc-include {other}\nK:C\nI:abc-include {other}\nC").notes) == 1
    assert not evidence.exists()


@settings(max_examples=300)
@given(st.text(alphabet="ABCdefgz^_=,'/0123456789|:[](){}<>-&\"!VKMLQ \n%~.", max_size=120) | st.text(max_size=60))
def test_only_zoo_errors_come_out(music):
    try:
        assert isinstance(abc.read(HEADER + music), Score)
    except ZooError as error:
        assert "\n" not in str(error)


@pytest.mark.skipif(not CORPUS.exists(), reason="the corpora are not here")
@pytest.mark.parametrize("name, at_least", [("session-tunes-cc", 1.0), ("tier2/oneills-1850", 0.99)])
def test_folk_tunes_read_to_the_notes_of_the_corpus(name, at_least):
    with gzip.open(CORPUS / f"{name}.jsonl.gz", "rt") as lines:
        records = [json.loads(line) for _, line in zip(range(300), lines)]
    same = sum(
        sorted((n.onset, n.duration, n.pitch) for n in abc.read(record["abc"]).notes)
        == sorted(tuple(note[:3]) for note in record["notes"])
        for record in records
    )
    assert same >= at_least * len(records)
