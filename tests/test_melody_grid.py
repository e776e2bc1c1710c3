"""The grid of the VAE: what it holds comes back, what it can't hold is moved or refused."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zoo.codecs.melody_grid import (
    FIRST_PITCH,
    HIGHEST,
    HOLD,
    LOWEST,
    METERS,
    NO_CHORD,
    PLAIN,
    REST,
    UNKNOWN_CHORD,
    MelodyGrid,
    from_grid,
    has_triplets,
    onsets,
    slot_ticks,
    slots,
    sounding,
    to_grid,
)
from zoo.corpus.melody import melody
from zoo.errors import ScoreError
from zoo.notation import read_text
from zoo.score import Note, Part, Score, melody_score
from zoo.theory import Key, Meter

C = ((0, Key("C")),)


def plain(score):
    return [(n.onset, n.duration, n.pitch) for n in score.notes]


def token(pitch):
    return FIRST_PITCH + pitch - LOWEST


def abc(meter, key, body):
    return read_text(f"X:1\nM:{meter}\nL:1/8\nK:{key}\n{body}")


@pytest.mark.parametrize(
    ("meter", "key", "body"),
    [  # eighth triplets, sixteenths, rests and ties over bar lines
        ("4/4", "G", "(3GAB c2 z2 d2-|d2 (3efg z2 G2-|G8|"),
        ("2/2", "C", "C4 (3EFG c2|z4 e/f/g a2-|a4 z4|C8|"),
        ("3/4", "Dm", "d2 (3fed z2|a4 g2-|g2 f>e d2|"),
        ("6/8", "A", "ABc d2e-|e3 z2 f|g/f/e d c3|"),
        ("2/4", "F", "f2 (3gab|c'2 z A-|A4|"),
        ("3/8", "Bb", "B/c/ d2|f3-|f z d|"),
    ],
)
def test_melodies_come_back_note_for_note(meter, key, body):
    score = abc(meter, key, body)
    grid = to_grid(score)
    assert grid.tokens.shape == (score.bars, slots(Meter.parse(meter)))
    back = from_grid(grid)
    assert plain(back) == plain(score)
    assert (back.meter, back.key, back.bars, back.pickup) == (score.meter, score.key, score.bars, 0)


def test_tokens_are_pitches_on_white_keys_holds_and_rests():
    grid = to_grid(abc("4/4", "D", "D2 (3FGA z4|"))  # D major goes down two semitones
    assert grid.tokens.tolist() == [[
        token(60), HOLD, HOLD, HOLD, token(64) + PLAIN, token(65), token(67), HOLD, REST, *[HOLD] * 7,
    ]]
    assert onsets(grid).sum() == 4
    assert sounding(grid)[0].tolist() == [*[60] * 4, 64, 65, 67, 67, *[0] * 8]
    assert slot_ticks(grid).tolist() == [0, 6, 12, 18, 24, 32, 40, -1, *range(48, 96, 6)]


def test_notes_off_the_grid_go_to_the_nearest_slot():
    score = melody_score([Note(2, 20, 60), Note(27, 20, 62), Note(47, 10, 64), Note(70, 9, 65)], keys=C)
    assert plain(from_grid(to_grid(score))) == [(0, 24, 60), (24, 24, 62), (48, 6, 64), (72, 6, 65)]


def test_a_beat_nearer_to_thirds_becomes_a_triplet():
    score = melody_score([Note(1, 8, 60), Note(9, 6, 62), Note(15, 8, 64), Note(24, 72, 65)], keys=C)
    assert plain(from_grid(to_grid(score))) == [(0, 8, 60), (8, 8, 62), (16, 8, 64), (24, 72, 65)]


def test_of_notes_in_one_slot_the_longest_is_left():
    score = melody_score([Note(0, 1, 60), Note(1, 22, 72), Note(24, 72, 64)], keys=C)
    assert plain(from_grid(to_grid(score))) == [(0, 24, 72), (24, 72, 64)]


def test_a_short_note_on_a_triplets_last_third_lasts_for_it():
    """A triplet's fourth slot is none: the rest that follows stands on the next beat."""
    score = melody_score([Note(0, 8, 60), Note(8, 8, 62), Note(16, 2, 64), Note(72, 24, 60)], keys=C)
    grid = to_grid(score)
    assert grid.tokens[0, :5].tolist() == [token(60) + PLAIN, token(62), token(64), HOLD, REST]
    assert plain(from_grid(grid)) == [(0, 8, 60), (8, 8, 62), (16, 8, 64), (72, 24, 60)]


def test_an_upbeat_is_left_out_with_what_is_tied_from_it():
    score = melody_score([Note(0, 12, 60), Note(12, 24, 62), Note(36, 72, 64)], pickup=24, keys=C)
    grid = to_grid(score)
    assert grid.bars == 1 and plain(from_grid(grid)) == [(12, 72, 64)]


def test_pitches_out_of_range_move_by_octaves():
    score = melody_score([Note(0, 24, 30), Note(24, 24, 100), Note(48, 48, LOWEST), Note(96, 96, HIGHEST)], keys=C)
    assert [n.pitch for n in from_grid(to_grid(score)).notes] == [54, 88, LOWEST, HIGHEST]


@pytest.mark.parametrize("key", ["Gb major", "F# major", "Eb minor", "B phrygian", "C# major"])
def test_every_key_comes_back(key):
    home = Key.parse(key)
    score = melody_score([Note(24 * i, 24, home.pitch_class + 60 + i) for i in range(4)], keys=((0, home),))
    assert plain(from_grid(to_grid(score))) == plain(score)
    assert {n.pitch % 12 for n in score.notes[:1]} == {home.pitch_class}


def test_bars_wanted_are_given():
    score = abc("4/4", "C", "C8|D8|E8|")
    assert to_grid(score, 5).bars == 5 and to_grid(score, 5).tokens[3, 0] == REST
    assert plain(from_grid(to_grid(score, 2))) == plain(score)[:2]


def test_chords_come_back_at_the_half_bars():
    chords = ((0, "Bm7"), (48, "E7"), (96, "A"), (144, "N.C."), (192, "F#dim"))
    score = replace(abc("4/4", "A", "A8|A8|A8|"), chords=chords)
    grid = to_grid(score)
    assert from_grid(grid).chords == chords
    moved = to_grid(score.transpose(3))
    assert (moved.chords == grid.chords).all() and (moved.tokens == grid.tokens).all(), "both stand on white keys"


def test_of_a_waltz_bar_the_first_and_third_beat_have_chords():
    score = replace(abc("3/4", "C", "c6|c6|"), chords=((48, "G7"), (72, "C")))
    grid = to_grid(score)
    assert grid.chords[0, 0] == NO_CHORD
    assert from_grid(grid).chords == ((0, "N.C."), (48, "G7"), (72, "C"))


def test_without_chord_symbols_all_are_unknown():
    assert (to_grid(abc("4/4", "C", "c8|")).chords == UNKNOWN_CHORD).all()


def test_bars_are_cut_out():
    grid = to_grid(abc("2/4", "C", "C4|D4|E4|F4|"))[1:3]
    assert grid.bars == 2 and [n.pitch for n in from_grid(grid).notes] == [62, 64]


@pytest.mark.parametrize(
    ("score", "sentence"),
    [
        (melody_score([Note(0, 24, 60)], meters=((0, Meter(5, 4)),)), "knows the metres 4/4"),
        (melody_score([Note(0, 300, 60)], meters=((0, Meter(4, 4)), (96, Meter(3, 4)))), "metre changes"),
        (melody_score([Note(0, 24, 60)], pickup=24), "no full bar"),
    ],
)
def test_what_the_grid_cannot_hold_is_refused(score, sentence):
    with pytest.raises(ScoreError, match=sentence):
        to_grid(score)


@st.composite
def lines(draw):
    """Any notes one after the other, in any of the metres, after any upbeat."""
    meter = Meter.parse(draw(st.sampled_from(METERS)))
    tick, notes = 0, []
    for gap, duration, pitch in draw(
        st.lists(st.tuples(st.integers(0, 30), st.integers(1, 60), st.integers(20, 110)), min_size=1, max_size=40)
    ):
        notes.append(Note(tick + gap, duration, pitch))
        tick += gap + duration
    pickup = draw(st.integers(0, min(tick - 1, meter.bar_ticks - 1)))
    return melody_score(notes, meters=((0, meter),), keys=((0, Key("C")),), pickup=pickup)


@settings(max_examples=60)
@given(lines())
def test_what_was_brought_to_the_grid_stays_as_it_is(line):
    grid = to_grid(line)
    again = to_grid(from_grid(grid), grid.bars)
    assert again.tokens.tolist() == grid.tokens.tolist()


@st.composite
def lines_on_the_grid(draw):
    """Onsets on sixteenths, or on thirds of a beat that has a note on its second or third; each up to the next."""
    meter = Meter.parse(draw(st.sampled_from(METERS)))
    end = meter.bar_ticks * draw(st.integers(1, 3))
    beats = [st.sets(st.sampled_from((0, 6, 12, 18)))]
    if has_triplets(meter):
        beats.append(st.sampled_from(((8,), (16,), (0, 8), (0, 16), (8, 16), (0, 8, 16))))
    ticks = [beat + t for beat in range(0, end, 24) for t in sorted(draw(st.one_of(beats))) if beat + t < end]
    pitches = draw(st.lists(st.integers(LOWEST, HIGHEST), min_size=len(ticks), max_size=len(ticks)))
    notes = [Note(on, off - on, pitch) for on, off, pitch in zip(ticks, [*ticks[1:], end], pitches)]
    return melody_score(notes, meters=((0, meter),), keys=((0, Key("C")),)), end // meter.bar_ticks


@settings(max_examples=60)
@given(lines_on_the_grid())
def test_what_is_on_the_grid_comes_back(drawn):
    score, bars = drawn
    assert plain(from_grid(to_grid(score, bars))) == plain(score)


@st.composite
def grids(draw):
    """Any tokens that make sense: rests end a note, and a triplet has a note on its second or third place."""
    meter = Meter.parse(draw(st.sampled_from(METERS)))
    bars, width = draw(st.integers(1, 3)), slots(meter)
    drawn = st.one_of(st.just(HOLD), st.just(REST), st.integers(FIRST_PITCH, PLAIN - 1))
    flat = draw(st.lists(drawn, min_size=bars * width, max_size=bars * width))
    if has_triplets(meter):
        for beat in draw(st.sets(st.sampled_from(range(0, len(flat), 4)))):
            if max(flat[beat + 1], flat[beat + 2]) >= FIRST_PITCH:
                flat[beat] += PLAIN
                flat[beat + 3] = HOLD
    sounds = False
    for index, value in enumerate(flat):
        if value % PLAIN == REST:
            flat[index] -= 0 if sounds else 1  # silence goes on
            sounds = False
        elif value % PLAIN >= FIRST_PITCH:
            sounds = True
    tokens = np.array(flat).reshape(bars, width)
    return MelodyGrid(meter, Key("E", "minor"), tokens, np.full((bars, 2), UNKNOWN_CHORD))


@settings(max_examples=60)
@given(grids())
def test_a_grid_comes_back_from_its_score(grid):
    assert to_grid(from_grid(grid), grid.bars).tokens.tolist() == grid.tokens.tolist()


def test_a_melody_among_chords_is_read_by_its_top():
    score = Score(parts=(Part((Note(0, 96, 60), Note(0, 24, 72), Note(24, 72, 74))),), keys=C)
    assert [n.pitch for n in from_grid(to_grid(melody(score))).notes] == [72, 74]
