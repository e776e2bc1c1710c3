"""Composing with the VAE, on a tiny network that has learned nothing: what it promises whatever its notes are."""

import pytest
import torch
from tiny_vae import save_tiny_vae

import zoo
from zoo.codecs.melody_grid import HOLD, METERS
from zoo.score import Note, Part, Score
from zoo.theory import Key, Meter


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return zoo.load(str(save_tiny_vae(tmp_path_factory.mktemp("models") / "tiny")))


@pytest.mark.parametrize("bars", [1, 2, 3, 5, 8, 10, 16, 17, 24, 64])
def test_the_bars_asked_for_come_and_the_last_note_comes_home(model, bars):
    score = model.compose(zoo.Prompt(style="song", bars=bars, seed=1))
    assert score.bars == bars and score.end == score.barlines[-1]
    assert score.notes[-1].pitch % 12 == score.key.pitch_class and score.notes[-1].onset >= score.barlines[-2]
    assert score.form[0] == (0, "A") and all(tick in score.barlines for tick, _ in score.form)
    assert all(a.end <= b.onset for a, b in zip(score.notes, score.notes[1:])), "one line"


@pytest.mark.parametrize("meter", METERS)
def test_every_metre_is_written(model, meter):
    score = model.compose(zoo.Prompt(style="folk", bars=8, seed=2, meter=meter, key="E minor"))
    assert (str(score.meter), str(score.key), score.bars) == (meter, "E minor", 8)


def abc(meter, body):
    return f"X:1\nM:{meter}\nL:1/8\nK:D\n{body}"


PROMPTS = {
    "three notes": ("C4 E4 G4", 8),
    "off the grid": (Score(parts=(Part((Note(1, 22, 60), Note(23, 20, 64), Note(47, 14, 67))),)), 4),
    "an upbeat": (abc("3/4", "A>A|d2 f2"), 6),
    "an upbeat alone": (abc("4/4", "A|"), 4),
    "a tie from the upbeat": (abc("4/4", "A-|A4"), 4),
    "a triplet": (abc("2/4", "d2 (3efg"), 8),
    "two thirds of a triplet": (abc("2/4", "d2 (3efz"), 8),
    "a rest first": (abc("6/8", "z3 def|"), 8),
    "all bars": (abc("4/4", "d8|e8|f4 g4|a8|"), 4),
    "all bars but a sixteenth": (abc("4/4", "d8|e4 f3 g/"), 2),
    "more than a section": (abc("4/4", "dfaf dfaf|(3efg e2 g4|" * 3), 8),
    "more than sixteen bars": (abc("2/4", "d2 e2|f2 g2|" * 9), 24),
    "two hands": (
        Score(parts=(Part((Note(0, 24, 72), Note(24, 12, 74))), Part((Note(0, 90, 40), Note(0, 90, 43))))), 4
    ),
    "beyond the range": (Score(parts=(Part((Note(0, 24, 20), Note(24, 24, 110))),)), 4),
}


@pytest.mark.parametrize("prompt", PROMPTS)
def test_a_piece_begins_with_its_prompt(model, prompt):
    notes, bars = PROMPTS[prompt]
    wish = zoo.Prompt(notes=notes, style="folk", bars=bars, seed=3)
    score = model.compose(wish)
    given, end = wish.score.notes, wish.score.end
    assert tuple(n for n in score.notes if n.onset < end) == given
    assert score.pickup == wish.score.pickup and score.bars == bars and score.end <= score.barlines[-1]


@pytest.mark.parametrize("prompt", [prompt for prompt in PROMPTS if "all bars" not in prompt])
def test_a_piece_goes_on_at_once(model, prompt, monkeypatch):
    """Also where the model would rather hold the last note or its silence for ever."""
    bias = model.networks["sixteen"].head.bias
    monkeypatch.setattr(bias, "data", bias.data + torch.nn.functional.one_hot(torch.tensor(HOLD), len(bias)) * 1000)
    notes, bars = PROMPTS[prompt]
    wish = zoo.Prompt(notes=notes, style="folk", bars=bars, seed=3)
    score = model.compose(wish)
    own = [n.onset for n in score.notes if n.onset >= wish.score.end]
    assert own[0] - wish.score.end < 12
    assert score.barlines[-2] in own and score.end == score.barlines[-1], "a note begins with the last bar"


def test_what_was_given_returns_where_its_section_does(model):
    notes = abc("4/4", "d2 (3efg a4|")
    score = model.compose(zoo.Prompt(notes=notes, style="folk", bars=16, seed=5))
    again = score.form[1][0]
    assert score.form[1][1] == "A"
    assert [(n.onset - again, n.duration, n.pitch) for n in score.notes if again <= n.onset < again + 96] == [
        (n.onset, n.duration, n.pitch) for n in score.notes if n.onset < 96
    ]


@pytest.mark.parametrize("wish", [{}, {"notes": "C4 E4 G4"}, {"temperature": 0}, {"top_k": 3, "top_p": 0.8}])
def test_same_seed_same_piece_other_seed_other_piece(model, wish):
    pieces = [model.compose(zoo.Prompt(style="folk", bars=4, seed=seed, **wish)) for seed in (1, 2, 1)]
    assert pieces[0] == pieces[2] and pieces[0].notes != pieces[1].notes


def test_at_temperature_0_no_dice_are_thrown_for_notes(model):
    wish = {"notes": abc("4/4", "d8|e8|f4 g4|a8|b8|"), "style": "folk", "bars": 8, "temperature": 0}
    cold = {model.compose(zoo.Prompt(seed=4, top_k=k, top_p=p, **wish)).notes for k, p in ((0, 1), (1, 0.1), (9, 0.5))}
    assert len(cold) == 1


@pytest.mark.parametrize(
    ("mood", "mode"), [("happy", "major"), ("sad", "minor"), ("calm", "major"), ("tense", "minor")]
)
def test_a_mood_sets_the_mode(model, mood, mode):
    assert model.compose(zoo.Prompt(style="folk", bars=4, seed=1, mood=mood)).key.mode == mode


def test_a_mood_with_notes_and_a_key_is_honoured_as_far_as_can_be(model):
    wish = zoo.Prompt(notes="E4 F#4 G4", style="folk", bars=4, seed=1, mood="sad", key="E minor", tempo=77)
    score = model.compose(wish)
    assert score.notes[:3] == wish.score.notes and (score.key, score.tempo) == (Key("E", "minor"), 77)


def test_the_key_is_only_a_transposition(model):
    home = model.compose(zoo.Prompt(style="folk", key="C major", meter="4/4", bars=4, seed=9))
    moved = model.compose(zoo.Prompt(style="folk", key="Bb major", meter="4/4", bars=4, seed=9))
    assert {b.pitch - a.pitch for a, b in zip(home.notes, moved.notes, strict=True)} in ({-2}, {10})


def test_the_metre_suits_the_notes_that_are_given(model, monkeypatch):
    suits = {"3/4": 0.0}
    monkeypatch.setattr(model, "nats_of_opening", lambda line, style: suits.get(str(line.meter), 50.0))
    assert {
        str(model.compose(zoo.Prompt(notes="C4 E4 G4", style="folk", bars=4, seed=seed)).meter) for seed in range(5)
    } == {"3/4"}


def test_chords_come_where_the_style_has_them(model, monkeypatch):
    monkeypatch.setitem(model.known["song"], "chords", True)
    with_chords = model.compose(zoo.Prompt(notes=abc("4/4", "A|d8"), style="song", bars=8, seed=1))
    assert with_chords.chords and all(
        (tick - with_chords.pickup) % 48 == 0 and tick < with_chords.end for tick, _ in with_chords.chords
    )
    assert not model.compose(zoo.Prompt(style="folk", bars=8, seed=1)).chords


@pytest.mark.parametrize(
    ("wish", "sentence"),
    [
        ({"style": "jazz"}, "does not know the style 'jazz'; it knows folk, song"),
        ({"meter": "5/4"}, "does not know the metre"),
        ({"key": "F phrygian"}, "does not know the mode"),
        ({"notes": abc("4/4", "d8|e8|f8|"), "bars": 2}, "fill 3 bars"),
    ],
)
def test_what_cannot_be_honoured_is_said(model, wish, sentence):
    with pytest.raises(zoo.PromptError, match=sentence):
        model.compose(zoo.Prompt(**{"style": "folk", "seed": 1, **wish}))


def test_a_mere_upbeat_tells_nothing_of_the_metre(model):
    wish = zoo.Prompt(notes=abc("4/4", "A|"), style="folk")
    assert wish.score.bars == 0 and model.nats_of_opening(wish.score, "folk") == 0
    line = Score(parts=(Part((Note(0, 24, 60),)),), meters=((0, Meter(4, 4)),))
    assert model.nats_of_opening(line, "folk") > 0
