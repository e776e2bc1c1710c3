"""Prompt: every field has a range, and what lies outside gets one sentence."""


import pytest

from zoo import Note, Part, Prompt, PromptError, Score, write
from zoo.notation import read_text
from zoo.styles import styles


@pytest.mark.parametrize("fields, part_of_message", [
    ({"style": "polka"}, "There is no style 'polka'; choose one of folk"),
    ({"style": "x" * 1000}, "..."),
    ({"style": None}, "There is no style"),
    ({"style": ["folk"]}, "There is no style"),
    ({"mood": "hungry"}, "There is no mood 'hungry'; choose one of happy"),
    ({"mood": ["sad"]}, "There is no mood"),
    ({"temperature": -1}, "temperature is -1; it must be a number from 0 to 2."),
    ({"temperature": float("nan")}, "temperature is nan"),
    ({"temperature": float("inf")}, "temperature is inf"),
    ({"temperature": "warm"}, "temperature is warm"),
    ({"temperature": None}, "temperature is None"),
    ({"temperature": True}, "temperature is True"),
    ({"temperature": 10**400}, "temperature is 1000"),
    ({"top_k": -1}, "top_k"),
    ({"top_k": 1.5}, "a whole number from 0 to 1000"),
    ({"top_p": 0}, "top_p must be above 0"),
    ({"top_p": 1.1}, "top_p is 1.1"),
    ({"bars": 0}, "bars is 0; it must be a whole number from 1 to 64."),
    ({"bars": 65}, "bars is 65"),
    ({"bars": True}, "bars is True"),
    ({"bars": float("nan")}, "bars is nan"),
    ({"seed": -1}, "seed is -1"),
    ({"seed": 2**32}, "seed is 4294967296"),
    ({"seed": False}, "seed is False"),
    ({"tempo": 19}, "tempo is 19"),
    ({"tempo": float("inf")}, "tempo is inf"),
    ({"key": "H major"}, "'H major' is not a key; write one like 'D minor' or 'Bb major'."),
    ({"key": 5}, "is not a key"),
    ({"meter": "4/5"}, "is not a metre; write one like 4/4, 3/4 or 6/8."),
    ({"meter": "quick"}, "'quick' is not a metre"),
    ({"notes": "H9"}, "'H9' is not a note"),
    ({"notes": "C4 " * 600}, "512"),
    ({"notes": "C4 " * 10_000}, "give at most"),
    ({"notes": 7}, "Notes are text"),
    ({"notes": "X:1\nK:C\nC0"}, "has no length"),
])
def test_what_is_refused(fields, part_of_message):
    with pytest.raises(PromptError) as caught:
        Prompt(**fields)
    assert part_of_message in str(caught.value)
    assert "\n" not in str(caught.value) and len(str(caught.value)) < 200


def test_files_are_read_and_their_faults_told(tmp_path):
    write(read_text("C4 E4"), tmp_path / "tune.mid")
    assert [note.pitch for note in Prompt(notes=tmp_path / "tune.mid").score.notes] == [60, 64]
    (tmp_path / "picture.mid").write_bytes(b"\x89PNG\r\n\x1a\n")
    with pytest.raises(PromptError, match="not a MIDI file"):
        Prompt(notes=tmp_path / "picture.mid")
    with pytest.raises(PromptError, match="There is no file"):
        Prompt(notes=tmp_path / "missing.mid")


def test_a_score_of_too_many_notes_is_refused(tmp_path):
    long = Score([part for _ in range(2) for part in read_text("C4 " * 300).parts])
    with pytest.raises(PromptError, match="600 notes; give at most 512"):
        Prompt(notes=long)


def test_empty_is_fine():
    prompt = Prompt()
    assert prompt.score.notes == ()
    assert prompt.style == next(iter(styles()))


def test_no_seed_draws_one_and_keeps_it():
    seeds = {Prompt().seed for _ in range(5)}
    assert len(seeds) == 5
    assert all(0 <= seed < 2**32 for seed in seeds)
    assert Prompt(seed=7).seed == 7


def test_numbers_and_names_are_brought_to_one_form():
    prompt = Prompt(temperature="0.5", bars=8.0, key="dm", meter=" 6/8 ", tempo=90)
    assert (prompt.temperature, prompt.bars, prompt.key, prompt.meter) == (0.5, 8, "D minor", "6/8")
    assert isinstance(prompt.bars, int)
    assert (str(prompt.score.key), str(prompt.score.meter)) == ("D minor", "6/8")


def test_the_ends_of_each_range_are_inside():
    Prompt(temperature=0, top_k=0, top_p=1, bars=1, seed=0, tempo=20)
    Prompt(temperature=2, top_k=1000, top_p=0.001, bars=64, seed=2**32 - 1, tempo=400)


def test_it_can_not_be_changed():
    with pytest.raises(AttributeError):
        Prompt().temperature = 1


DRUMS = Part((Note(0, 24, 38),), is_drum=True)


@pytest.mark.parametrize("notes", [Score(parts=()), Score(parts=(DRUMS,)), "X:1\nK:C\n"])
def test_a_score_without_pitched_notes_is_refused(notes):
    with pytest.raises(PromptError, match="no pitched notes"):
        Prompt(notes=notes)
