"""Through each format and back: notes, metre, key, tempo, chords, pickup, names and programs stay."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from score_strategies import melodies, scores

from zoo.notation import abc, midi, musicxml, note_names, read_text
from zoo.score import melody_score

quick = settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
slow = settings(max_examples=50, suppress_health_check=[HealthCheck.too_slow])


def plain(part):
    """A part's notes without velocity, which notation doesn't keep."""
    return sorted((note.onset, note.duration, note.pitch) for note in part.notes)


def assert_same(before, after):
    assert [plain(part) for part in after.parts] == [plain(part) for part in before.parts]
    for field in ("meters", "keys", "chords", "pickup", "title"):
        assert getattr(after, field) == getattr(before, field), field
    assert [tick for tick, _ in after.tempos] == [tick for tick, _ in before.tempos]
    assert [bpm for _, bpm in after.tempos] == pytest.approx([bpm for _, bpm in before.tempos], abs=0.001)
    assert [(part.name, part.program) for part in after.parts] == [(part.name, part.program) for part in before.parts]
    assert after.barlines == before.barlines


@quick
@given(scores())
def test_midi(score):
    assert_same(score, midi.read(midi.write(score)))


@quick
@given(scores())
def test_abc(score):
    assert_same(score, abc.read(abc.write(score)))


@slow
@given(scores())
def test_musicxml(score):
    assert_same(score, musicxml.read(musicxml.write(score)))


@quick
@given(melodies(192))
def test_note_names(notes):
    melody = melody_score(notes)
    assert read_text(note_names.write(melody)).parts == melody.parts


@settings(max_examples=20)
@given(scores(), st.integers(1, 127))
def test_midi_keeps_velocity_and_is_the_same_each_time(score, velocity):
    loud = score.with_parts(
        replace(part, notes=tuple(replace(note, velocity=velocity) for note in part.notes)) for part in score.parts
    )
    data = midi.write(loud)
    assert {note.velocity for note in midi.read(data).notes} == {velocity}
    assert midi.write(loud) == data
