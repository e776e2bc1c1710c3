"""MusicXML from elsewhere, and what is none."""

import re
import zipfile
from io import BytesIO

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from refusal import assert_refused

from zoo.errors import ScoreError, ZooError
from zoo.notation import musicxml
from zoo.score import Note, Part, Score
from zoo.theory import Key, Meter

SCORE = Score(
    (Part((Note(0, 24, 60), Note(24, 72, 66)), "Fiddle", 40), Part((Note(0, 96, 36),), "Kit", is_drum=True)),
    ((0, Meter(3, 4)),), ((0, Key("G")),), chords=((0, "G7/B"),), pickup=24, title="Tune",
)
VALID = musicxml.write(SCORE)
CONTAINER = '<container><rootfiles><rootfile full-path="{}"/></rootfiles></container>'


def zipped(**files):
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr({"container": "META-INF/container.xml", "score": "score.xml"}[name], content)
    return stream.getvalue()


def bar(content, attributes="<divisions>2</divisions>"):
    """One part of one bar, as a small program might write it."""
    return (
        '<score-partwise><part-list><score-part id="P1"><part-name>A</part-name></score-part></part-list>'
        f'<part id="P1"><measure number="1"><attributes>{attributes}</attributes>{content}</measure></part>'
        "</score-partwise>"
    ).encode()


def note(step="C", octave=4, duration=2, extra=""):
    pitch = f"<pitch><step>{step}</step><octave>{octave}</octave></pitch>"
    return f"<note>{extra}{pitch}<duration>{duration}</duration></note>"


def notes(data):
    return [(n.onset, n.duration, n.pitch) for n in musicxml.read(data).notes]


def test_zipped_is_the_same():
    assert musicxml.read(musicxml.write_compressed(SCORE)) == musicxml.read(VALID)


def test_drums_stay_drums():
    assert [part.is_drum for part in musicxml.read(VALID).parts] == [False, True]


def test_utf_16():
    text = VALID.decode().replace('encoding="utf-8"', 'encoding="utf-16"')
    assert musicxml.read(text.encode("utf-16")) == musicxml.read(VALID)


def test_grace_notes_are_left_out():
    grace = "<note><grace/><pitch><step>D</step><octave>5</octave></pitch></note>"
    assert notes(bar(grace + note())) == [(0, 24, 60)]


def test_backup_makes_voices():
    voices = note(duration=4) + "<backup><duration>4</duration></backup>" + note("E")
    assert notes(bar(voices)) == [(0, 24, 64), (0, 48, 60)]


def test_a_clarinet_sounds_lower_than_written():
    transpose = "<divisions>2</divisions><transpose><diatonic>-1</diatonic><chromatic>-2</chromatic></transpose>"
    assert notes(bar(note("D"), transpose)) == [(0, 24, 60)]


def test_a_signature_without_a_mode_is_minor_where_the_notes_say_so():
    key = "<divisions>2</divisions><key><fifths>0</fifths></key>"
    minor = note("A") + note("E") + note("A") + note("C") + note("E", 5) + note("A", 5, 8)
    assert musicxml.read(bar(minor, key)).keys == ((0, Key("A", "minor")),)
    major = note("C") + note("E") + note("G") + note("C", 5, 8)
    assert musicxml.read(bar(major, key)).keys == ((0, Key("C")),)


def test_the_form_is_written_as_rehearsal_marks():
    score = Score((Part((Note(0, 384, 60),)),), form=((0, "A"), (96, "A"), (192, "B & <b>")))
    assert musicxml.write(score).count(b"<rehearsal") == 3
    assert musicxml.read(musicxml.write(score)).form == score.form


def test_names_are_made_printable():
    part = Part((Note(0, 24, 60),), "Strings\x00")
    assert musicxml.read(musicxml.write(Score((part,)))).parts[0].name == "Strings"


HARMONY = (
    "<harmony><root><root-step>C</root-step></root><kind>major</kind><degree><degree-value>9</degree-value>"
    "<degree-alter>1</degree-alter><degree-type>add</degree-type></degree></harmony>"
)
ENTITIES = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><score-partwise>&b;</score-partwise>'


@pytest.mark.parametrize("data, part_of_message", [
    (b"", "not MusicXML"),
    (b"\x89PNG\r\n\x1a\n" + bytes(100), "MusicXML"),
    (b"<html/>", "not a MusicXML score"),
    (b"<score-timewise/>", "timewise"),
    (VALID[: len(VALID) // 2], "damaged"),
    (b"<a>" * 100_000, "damaged"),
    (ENTITIES.encode(), "entities"),
    (ENTITIES.encode("utf-16"), "entities"),
    (ENTITIES.encode("utf-16-be"), "encoding"),
    (bar("", "<divisions>0</divisions>").replace(b"</measure>", note().encode() + b"</measure>"), "damaged"),
    (bar(note(), "<divisions>2</divisions><time><beats>999999999</beats><beat-type>4</beat-type></time>"), "damaged"),
    (bar(note(), "<divisions>2</divisions><key><fifths>999999999</fifths></key>"), "damaged"),
    (bar(note(duration=10**9)), "four thousand bars"),
    (bar("<note/>" * (musicxml.MAX_NOTES + 1)), "20,000 notes"),
    (b" " * (musicxml.MAX_BYTES + 1), "larger than 10 MB"),
    (b"PK" + bytes(50), "damaged or holds no score"),
    (zipped(score=VALID), "damaged or holds no score"),
    (zipped(container=CONTAINER.format("../../etc/passwd")), "damaged or holds no score"),
    (zipped(container=CONTAINER.format("score.xml"), score=b" " * 50_000_000), "unzips to more than 10 MB"),
])
def test_bad_files_get_one_sentence(data, part_of_message):
    assert_refused(musicxml.read, data, part_of_message)


TIMES = "<divisions>2</divisions><time>" + "<beats>3</beats><beat-type>4</beat-type>" * 3000 + "</time>"


@pytest.mark.parametrize("data, part_of_message", [
    (bar(note()).replace(b"</measure>", b"</measure>" + b"<measure/>" * 20_000), "20,000 bars"),
    (bar("<harmony><root><root-step>C</root-step></root><kind>major</kind></harmony>" * 2001), "2,000 chord symbols"),
    (bar(note(), TIMES), "damaged"),
])
def test_too_much_of_anything_gets_one_sentence(data, part_of_message):
    with pytest.raises(ScoreError, match=part_of_message):
        musicxml.read(data)


@pytest.mark.parametrize("data", [
    bar(HARMONY.replace("<degree-alter>1<", "<degree-alter>999999999<") + note()),
    bar(re.sub("(<degree>.*</degree>)", r"\1" * 500, HARMONY) + note()),
    bar(note() + '<barline><ending number="1-99999999" type="start"/></barline>'),
    bar(note()).replace(
        b"<part-name>",
        b'<score-instrument id="I"><instrument-name>' + b"violin " * 20_000 + b"</instrument-name></score-instrument>"
        b"<part-name>",
    ),
])
def test_what_no_score_keeps_is_passed_over(data):
    assert notes(data) == [(0, 24, 60)]


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(st.tuples(st.integers(0, len(VALID) - 1), st.sampled_from(b"<>/0959ax \"&-\x00\xff")), max_size=4),
    st.integers(0, len(VALID)),
)
def test_only_zoo_errors_come_out(changes, cut):
    mutated = bytearray(VALID)
    for place, value in changes:
        mutated[place] = value
    for document in (bytes(mutated), bytes(mutated[:cut])):
        try:
            assert isinstance(musicxml.read(document), Score)
        except ZooError as error:
            assert "\n" not in str(error)


@settings(max_examples=100)
@given(st.binary(max_size=100))
def test_random_zip_files(tail):
    valid = musicxml.write_compressed(Score((Part((Note(0, 24, 60),)),)))
    for data in (tail, b"PK" + tail, valid[: -len(tail) or None], valid[:60] + tail + valid[60 + len(tail) :]):
        try:
            assert isinstance(musicxml.read(data), Score)
        except ZooError as error:
            assert "\n" not in str(error)
