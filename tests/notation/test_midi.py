"""MIDI files from elsewhere, and damaged ones."""

import struct
from io import BytesIO

import mido
import pretty_midi
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from refusal import assert_refused

from zoo.errors import ZooError
from zoo.notation import midi, read_text
from zoo.score import Note, Part, Score
from zoo.theory import MODES, Key, Meter

NOTE = b"\x00\x90\x3c\x40\x60\x80\x3c\x00"
END = b"\x00\xff\x2f\x00"


def midi_file(track=NOTE + END, kind=1, division=96):
    return b"MThd" + struct.pack(">LHHH", 6, kind, 1, division) + b"MTrk" + struct.pack(">L", len(track)) + track


# 44 bytes whose one delta time lasts 1,700 days: the slowest tempo, the longest delta.
LONGEST_DELTA = midi_file(b"\x00\xff\x51\x03\xff\xff\xff\xff\xff\xff\x7f" + NOTE[1:] + END, division=30)
assert len(LONGEST_DELTA) == 44


def test_a_note():
    assert midi.read(midi_file()).notes == (Note(0, 24, 60, 64),)


def test_times_are_rounded_to_the_grid():
    assert midi.read(midi_file(b"\x01\x90\x3c\x40\x01\x80\x3c\x00" + END)).notes == (Note(0, 1, 60, 64),)


def test_a_note_without_an_end_lasts_until_its_track_ends():
    assert midi.read(midi_file(b"\x00\x90\x3c\x40\x83\x00\xff\x2f\x00")).notes == (Note(0, 96, 60, 64),)


def test_pitch_bends_and_controllers_are_passed_over():
    noise = b"\x00\xe0\x00\x50\x00\xb0\x40\x7f\x00\xa0\x3c\x10\x00\xd0\x10"
    assert midi.read(midi_file(noise + NOTE + END)).notes == (Note(0, 24, 60, 64),)


def test_impossible_tempo_and_metre_leave_a_score():
    score = midi.read(midi_file(b"\x00\xff\x51\x03\x00\x00\x00\x00\xff\x58\x04\x63\x09\x18\x08" + NOTE + END))
    assert score.tempo == 1000
    assert score.meter == Meter(4, 4)


def test_drums_are_on_channel_ten():
    score = Score((Part((Note(0, 24, 38),), "Drums", is_drum=True), Part((Note(0, 24, 60),), "Piano")))
    assert midi.read(midi.write(score)).parts == score.parts


def test_a_pickup_is_a_short_first_bar_for_other_programs():
    score = Score((Part((Note(0, 24, 60), Note(24, 72, 62))),), ((0, Meter(3, 4)),), pickup=24)
    signatures = [m for m in mido.MidiFile(file=BytesIO(midi.write(score))) if m.type == "time_signature"]
    assert [(m.numerator, m.denominator) for m in signatures] == [(1, 4), (3, 4)]
    assert midi.read(midi.write(score)).pickup == 24


def test_a_short_first_bar_from_elsewhere_is_a_pickup():
    signatures = b"\x00\xff\x58\x04\x01\x02\x18\x08\x60\xff\x58\x04\x03\x02\x18\x08"
    score = midi.read(midi_file(signatures + NOTE + END))
    assert (score.pickup, score.meters) == (24, ((0, Meter(3, 4)),))


def test_a_short_first_bar_of_ours_that_is_no_pickup_stays():
    meters = ((0, Meter(2, 4)), (48, Meter(3, 4)))
    back = midi.read(midi.write(Score((Part((Note(0, 120, 60),)),), meters)))
    assert (back.pickup, back.meters) == (0, meters)


def test_the_form_is_kept_beside_the_chords():
    form, chords = ((0, "A"), (96, "A"), (192, "B"), (288, "Coda 尾")), ((0, "Am"), (96, "Form: C"))
    score = Score((Part((Note(0, 384, 60),)),), chords=chords, form=form)
    assert (midi.read(midi.write(score)).form, midi.read(midi.write(score)).chords) == (form, chords)
    markers = [m.text for m in mido.MidiFile(file=BytesIO(midi.write(score))) if m.type == "marker"]
    assert "Form: A" in markers


def test_other_programs_see_the_key_signature_of_a_dorian_piece():
    score = read_text("D4 E4", key=Key("D", "dorian"))
    signatures = [m.key for m in mido.MidiFile(file=BytesIO(midi.write(score))) if m.type == "key_signature"]
    assert signatures == ["Am"]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("tonic", [letter + sign for letter in "CDEFGAB" for sign in ("", "#", "b")])
def test_every_key_can_be_written(tonic, mode):
    score = read_text("D4 E4", key=Key(tonic, mode))
    assert midi.read(midi.write(score)).key == Key(tonic, mode)


def test_more_parts_than_channels_share_them_by_program():
    parts = tuple(Part((Note(0, 24, 60),), f"Part {n}", program=n % 4) for n in range(20))
    assert midi.read(midi.write(Score(parts))).parts == parts


@pytest.mark.parametrize("data, part_of_message", [
    (b"", "not a MIDI file"),
    (b"\x89PNG\r\n\x1a\n" + bytes(100), "not a MIDI file"),
    (b"MThd", "damaged or cut off"),
    (midi_file()[:-6], "damaged or cut off"),
    (midi_file(division=0), "film frames"),
    (midi_file(division=0xE728), "film frames"),
    (midi_file(kind=2), "type 2"),
    (LONGEST_DELTA, "four thousand bars"),
    (midi_file(b"\x80" * 400_000), "damaged or cut off"),  # a number of 400,000 digits
    (midi_file(b"\x00\x90\x3c\x40" + b"\x00\x3c\x40" * 160_000 + END), "events"),
    (midi_file() + bytes(midi.MAX_BYTES), "larger than"),
    (midi_file(b"\x00\xff\x59\x02\x63\x07" + NOTE + END), "damaged"),
])
def test_bad_files_get_one_sentence(data, part_of_message):
    assert_refused(midi.read, data, part_of_message)


VALID = midi.write(
    Score((Part((Note(0, 24, 60), Note(24, 12, 64)), "Fiddle", 40), Part((Note(0, 48, 36),), is_drum=True)),
          ((0, Meter(3, 4)),), ((0, Key("D", "dorian")),), chords=((0, "Dm7"),), title="Tune", pickup=24)
)


@settings(max_examples=300)
@given(st.binary(max_size=200), st.lists(st.tuples(st.integers(0, len(VALID) - 1), st.integers(0, 255)), max_size=5))
def test_only_zoo_errors_come_out(tail, changes):
    mutated = bytearray(VALID)
    for place, value in changes:
        mutated[place] = value
    for data in (bytes(mutated), VALID[: len(tail)] + tail, midi_file(tail)):
        try:
            assert isinstance(midi.read(data), Score)
        except ZooError as error:
            assert "\n" not in str(error)


def test_another_library_reads_the_same_notes():
    score = read_text("C4 E4:0.5 [G4 C5]:1.5 F#4:2", meter=Meter(3, 4))
    other = pretty_midi.PrettyMIDI(BytesIO(midi.write(score)))
    heard = sorted((round(n.start, 3), round(n.end, 3), n.pitch) for part in other.instruments for n in part.notes)
    seconds = [(round(score.seconds_at(n.onset), 3), round(score.seconds_at(n.end), 3), n.pitch) for n in score.notes]
    assert heard == sorted(seconds)
    change = other.time_signature_changes[0]
    assert (change.numerator, change.denominator) == (3, 4)
