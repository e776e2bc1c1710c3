"""The event codec: what goes in comes out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zoo.codecs.events import TEXTURES, EventCodec, Losses, Walk, texture
from zoo.codecs.grid import DURATIONS, POSITIONS, nearest_duration, nearest_position
from zoo.codecs.sequences import contexts
from zoo.errors import ScoreError
from zoo.score import Note, Part, Score
from zoo.theory import Key, Meter

CODEC = EventCodec(("folk", "jazz"))
METERS = st.sampled_from([Meter.parse(text) for text in ("2/4", "3/4", "4/4", "6/8", "9/8", "3/8", "5/4")])
KEYS = st.builds(Key, st.sampled_from(["C", "D", "Bb", "F#", "E"]), st.sampled_from(["major", "minor", "dorian"]))


@st.composite
def scores(draw) -> Score:
    """Several parts on the grid, with rests, chords, ties over bar lines and perhaps a pickup."""
    meter = draw(METERS)
    pickup = draw(st.sampled_from([0, 12, 24])) % meter.bar_ticks
    parts = []
    for number in range(draw(st.integers(1, 3))):
        notes = [Note(0, 12, 60)] if number == 0 else []  # the piece begins where the pickup does
        for _ in range(draw(st.integers(1, 12))):
            bar = draw(st.integers(0, 3))
            place = draw(st.sampled_from([p for p in POSITIONS if p < meter.bar_ticks]))
            notes.append(Note(
                pickup + bar * meter.bar_ticks + place, draw(st.sampled_from(DURATIONS)), draw(st.integers(40, 90))
            ))
        parts.append(Part(tuple({(n.onset, n.duration, n.pitch): n for n in notes}.values())))
    return Score(parts=tuple(parts), meters=((0, meter),), keys=((0, draw(KEYS)),), pickup=pickup)


@given(scores())
def test_round_trip_keeps_everything_on_the_grid(score):
    losses = Losses()
    decoded = CODEC.decode(CODEC.encode(score, "folk", losses), score.key, score.tempo)
    assert decoded.parts == tuple(Part(p.notes) for p in score.parts)
    assert (decoded.meters, decoded.keys, decoded.pickup) == (score.meters, score.keys, score.pickup)
    assert losses.counts["moved"] == losses.counts["lengthened_or_shortened"] == losses.counts["octave_shifted"] == 0


@given(scores())
def test_tokens_do_not_depend_on_the_key(score):
    shift = -score.key.to_white_keys
    white = score.transpose(score.key.to_white_keys)
    assert CODEC.encode(score, "folk") == CODEC.encode(white, "folk")
    assert white.transpose(shift).parts == score.parts


def test_a_melody_note_costs_two_tokens():
    score = Score(parts=(Part((Note(0, 24, 62), Note(24, 12, 64), Note(36, 60, 66))),), keys=((0, Key("D")),))
    words = [CODEC.words[t] for t in CODEC.encode(score, "folk")]
    assert words == [
        "style_folk", "meter_4/4", "mode_major", "density_1", "length_1",
        "bar", "dur_24", "pitch_60", "dur_12", "pitch_62", "dur_60", "pitch_64", "end",
    ]


def test_metre_changes_are_kept():
    meters = ((0, Meter(4, 4)), (96, Meter(3, 4)))
    score = Score(parts=(Part((Note(0, 96, 60), Note(96, 72, 62), Note(168, 72, 64))),), meters=meters)
    assert CODEC.decode(CODEC.encode(score, "folk")).meters == meters


def test_a_metre_change_inside_a_bar_holds_from_the_next():
    score = Score(
        parts=(Part((Note(0, 96, 60), Note(96, 72, 62), Note(168, 72, 64))),),
        meters=((0, Meter(4, 4)), (48, Meter(3, 4))),
    )
    decoded = CODEC.decode(CODEC.encode(score, "folk"), score.key)
    assert decoded.notes == score.notes and decoded.meters == ((0, Meter(4, 4)), (96, Meter(3, 4)))


def test_what_is_lost_is_counted():
    notes = (Note(1, 7, 60), Note(24, 24, 127), Note(48, 12, 60), Note(48, 12, 60))
    losses = Losses()
    CODEC.encode(Score(parts=(Part(notes), Part(notes, is_drum=True)), keys=((0, Key("C")),)), "folk", losses)
    assert losses.counts["notes"] == 8 and losses.counts["drums"] == 4
    assert losses.counts["moved"] == 1 and losses.counts["lengthened_or_shortened"] == 1
    assert losses.counts["octave_shifted"] == 1 and losses.counts["doubled"] == 1


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["style_folk", "bar"], "before the header's metre"),
        (["style_folk", "meter_4/4", "mode_major", "density_1", "length_1", "bar", "pitch_60"], "without a duration"),
        (["style_folk", "meter_4/4", "mode_major", "density_1", "length_1", "bar"], "no end"),
    ],
)
def test_malformed_sequences_are_refused(words, reason):
    with pytest.raises(ScoreError, match=reason):
        CODEC.decode([CODEC.ids[word] for word in words])


def test_unknown_metre_is_refused_in_one_sentence():
    with pytest.raises(ScoreError, match="11/16"):
        CODEC.encode(Score(parts=(Part((Note(0, 24, 60),)),), meters=((0, Meter(11, 16)),)), "folk")


@given(scores())
def test_contexts_stay_within_their_sizes(score):
    rows = contexts(CODEC, CODEC.encode(score, "folk"))
    assert (rows < CODEC.context_sizes()).all()


def test_lookback_shows_the_note_one_bar_earlier():
    bar = (Note(0, 48, 60), Note(48, 48, 67))
    score = Score(parts=(Part(bar + tuple(Note(n.onset + 96, n.duration, n.pitch + 2) for n in bar)),))
    walk = Walk(CODEC)
    seen = {}
    for token in CODEC.encode(score, "folk"):
        walk.step(token)
        if walk.kind == "dur":
            place, lookback_pitch = walk.context()[0], walk.context()[5]
            seen[walk.bar, POSITIONS[place]] = lookback_pitch
    white = score.key.to_white_keys
    assert seen == {(1, 0): 0, (1, 48): 0, (2, 0): 60 + white - 20, (2, 48): 67 + white - 20}


@given(st.integers(0, 10_000))
def test_quantising_moves_by_one_tick_at_most(ticks):
    assert abs(nearest_position(ticks) - ticks) <= 1
    assert nearest_duration(ticks) in DURATIONS


POLYPHONIC = EventCodec(("folk", "jazz"), polyphonic=True)


@given(scores())
def test_the_polyphonic_codec_keeps_everything_too(score):
    decoded = POLYPHONIC.decode(POLYPHONIC.encode(score, "folk"), score.key, score.tempo)
    assert decoded.parts == tuple(Part(p.notes) for p in score.parts)


def test_a_lead_sheet_keeps_its_chords():
    notes = tuple(Note(24 * i, 24, 62 + i) for i in range(8))
    chords = ((0, "D"), (48, "A7/C#"), (96, "Bm7"), (144, "Gsus4"))
    score = Score(parts=(Part(notes),), keys=((0, Key("D")),), chords=chords)
    losses = Losses()
    tokens = POLYPHONIC.encode(score, "folk", losses)
    words = [POLYPHONIC.words[t] for t in tokens]
    assert words[5] == "texture_chords"
    first = words.index("harmony")
    assert words[first : first + 4] == ["harmony", "chord_0:", "pos_48", "chord_7:7"]
    decoded = POLYPHONIC.decode(tokens, score.key)
    assert decoded.chords == ((0, "D"), (48, "A7"), (96, "Bm7"), (144, "G"))
    assert losses.counts["chords_without_bass"] == 1


@pytest.mark.parametrize(
    ("parts", "chords", "expected"),
    [
        ([[(0, 24, 60), (24, 24, 62)]], (), "melody"),
        ([[(0, 24, 60), (24, 24, 62)]], ((0, "C"),), "chords"),
        ([[(0, 24, 60), (0, 24, 64)]], (), "1"),
        ([[(0, 25, 60), (24, 24, 64)]], (), "1"),
        ([[(0, 24, 60)], [(0, 24, 48)], []], ((0, "C"),), "2"),
    ],
)
def test_textures(parts, chords, expected):
    score = Score(parts=tuple(Part(tuple(Note(*n) for n in notes)) for notes in parts), chords=chords)
    assert texture(score) == expected


def test_the_other_parts_are_shown():
    walk = Walk(POLYPHONIC)
    head = ["style_folk", "meter_4/4", "mode_major", "density_3", "length_2", "texture_2"]
    for word in [*head, "bar", "dur_48", "pitch_72", "dur_48", "pitch_74", "part_1", "dur_24", "pitch_48"]:
        walk.step(POLYPHONIC.ids[word])
    part, texture_, bar, tokens, pitch, duration, *sounding = walk.context()[-12:-2]
    low = 21
    assert (part, bar, tokens) == (1, 1, 7) and TEXTURES[texture_ - 1] == "2"
    assert pitch == 48 - low + 1 and DURATIONS[duration - 1] == 24
    assert sounding == [72 - low + 1, 0, 0, 72 - low + 1], "at the second beat the half note still sounds"
    assert len(walk.context()) == len(POLYPHONIC.context_sizes())
    assert all(value < size for value, size in zip(walk.context(), POLYPHONIC.context_sizes(), strict=True))
