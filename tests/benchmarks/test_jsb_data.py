"""The chorales as arrays, tokens and splits, on chorales that the test makes."""

import numpy as np

from benchmarks.jsb_data import (
    BEGIN,
    CONTEXT_SIZES,
    REST,
    STAYS,
    VOCABULARY,
    Chorale,
    chorale,
    divide,
    transpositions,
)

RECORD = {
    "length_ticks": 48,
    "bars": [0, 24, 48],
    "meter": [[0, "3/4"]],
    "split": "train",
    "family": "f",
    # The soprano's second note cuts its first one short; the tenor begins off the grid; the bass rests at the end.
    "notes": [[0, 30, 72, 0], [0, 48, 67, 1], [3, 45, 60, 2], [0, 24, 48, 3], [24, 24, 74, 0]],
}


def made(number: int, family: str = "f", split: str = "train", count: int = 40) -> Chorale:
    """Four voices that step up and down a scale at random, a quarter note each."""
    rng = np.random.default_rng(number)
    moves = rng.choice([-2, 0, 2], size=(count // 4, 4))
    steps = np.repeat(np.array([70, 65, 58, 50]) + moves, 4, axis=0)
    return Chorale(steps, np.arange(count) % 16, np.full(count, 16), split, family)


def pitches(tokens: np.ndarray) -> list[list[int]]:
    """The tokens read back, without looking at how they were made."""
    last, steps = [69, 64, 57, 50], []
    for i, token in enumerate(tokens[1:]):
        if token != REST:
            last[i % 4] += token - STAYS
        if i % 4 == 0:
            steps.append([])
        steps[-1].append(REST if token == REST else last[i % 4])
    return steps


def test_a_record_on_the_grid():
    piece = chorale(RECORD)
    assert piece.steps.T.tolist() == [
        [72] * 4 + [74] * 4, [67] * 8, [REST] + [60] * 7, [48] * 4 + [REST] * 4,
    ]
    assert piece.place.tolist() == [8, 9, 10, 11, 0, 1, 2, 3], "the upbeat is the end of a bar"
    assert set(piece.bar) == {12}


def test_tokens_give_the_pitches_back():
    assert chorale(RECORD).tokens[:5].tolist() == [BEGIN, STAYS + 3, STAYS + 3, REST, STAYS - 2]
    for piece in (chorale(RECORD), made(1), made(2)):
        assert pitches(piece.tokens) == piece.steps.tolist()
        assert piece.tokens.max() < VOCABULARY and (piece.context() < CONTEXT_SIZES).all()


def test_context_by_hand():
    """Fifth step, alto: the soprano has just gone to 74, the others are as they were in the fourth step."""
    row = chorale(RECORD).context()[4 * 4 + 1].tolist()
    voice, place, bar, pitch, *distances = row[:7]
    assert (voice, place, bar, pitch) == (1, 0, 0, 67)
    assert distances == [STAYS + 74 - 67, STAYS + 48 - 67, STAYS + 60 - 67], "soprano, bass, tenor"
    assert row[7:11] == [4, 1, 4, 3]
    assert row[11] == 1, "the upbeat is in bar 0"


def test_context_does_not_look_ahead():
    piece = made(3)
    for t, voice in [(0, 0), (5, 2), (20, 3)]:
        steps = piece.steps.copy()
        steps[t, voice:] = 80  # this pitch, and all that comes after it
        steps[t + 1 :] = 81
        shorter = Chorale(steps[:30], piece.place[:30], piece.bar[:30], "train", "f")
        known = t * 4 + voice + 1
        assert (shorter.context()[:known] == piece.context()[:known]).all()


def test_families_stay_together_and_what_was_held_out_stays_held_out():
    pieces = [made(i, family=f"f{i // 3}") for i in range(60)] + [made(60, "v", "valid"), made(61, "t", "test")]
    split = divide(pieces, held_out=10)
    families = {side: {piece.family for piece in split[side]} for side in split}
    assert sum(len(side) for side in split.values()) == len(pieces)
    assert 10 <= len(split["valid"]) < 13 and 10 <= len(split["test"]) < 13
    assert not families["train"] & families["valid"] | families["train"] & families["test"]
    assert not families["valid"] & families["test"]
    assert "v" in families["valid"] and "t" in families["test"]
    again = divide(pieces[::-1], held_out=10)
    assert {side: {piece.family for piece in again[side]} for side in again} == families


def test_transpositions_stay_in_range_and_move_alike():
    low, high = made(1), made(1).transpose(4)
    keys = transpositions([low, high])
    assert [len(k) for k in keys] == [5, 5]
    assert {tuple(piece.steps[0]) for piece in keys[0]} == {tuple(low.steps[0] + k) for k in range(5)}
    assert all((piece.tokens[5:] == low.tokens[5:]).all() for piece in keys[0])
    rests = Chorale(np.where(np.arange(40)[:, None] < 4, REST, low.steps), low.place, low.bar, "train", "f")
    assert (rests.transpose(3).steps[:4] == REST).all()
