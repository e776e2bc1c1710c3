"""Every bundled model, by being bundled: what the interface promises, on the trained weights."""

import os
import random
import subprocess
import sys
from functools import cache

import pytest

import zoo
from zoo.score import Note, Part, Score

MODELS = zoo.list_models()
STYLES = [(model, style) for model in MODELS for style in zoo.card(model).supports.styles]


@cache
def composer(model: str):
    return zoo.load(model)


def test_the_families_are_bundled():
    assert {"gpt2", "lstm"} <= set(MODELS)


@pytest.mark.parametrize(("model", "style"), STYLES)
def test_a_piece_begins_with_the_prompt_and_has_the_bars_asked_for(model, style):
    prompt = zoo.Prompt(notes="C4 E4:0.5 [G4 C5]:1.5", style=style, bars=8, seed=1)
    score = composer(model).compose(prompt)
    first = score.parts[0].notes
    assert [(n.onset, n.duration, n.pitch) for n in first[:4]] == [
        (0, 24, 60), (24, 12, 64), (36, 36, 67), (36, 36, 72)
    ]
    assert score.bars == 8 and score.end <= score.barlines[-1]
    last = max(first, key=lambda n: (n.onset, n.pitch))
    assert last.end > score.barlines[-2], "the last bar sounds"
    assert last.pitch % 12 == score.key.pitch_class, "it comes home"


@pytest.mark.parametrize(("model", "style"), STYLES)
def test_same_seed_same_piece_other_seed_other_piece(model, style):
    pieces = [composer(model).compose(zoo.Prompt(style=style, bars=4, seed=seed)) for seed in (1, 2, 3, 1)]
    assert pieces[0] == pieces[3]
    assert len({p.notes for p in pieces}) == 3


@pytest.mark.parametrize("model", MODELS)
def test_ten_seeds_ten_tunes(model):
    prompts = [zoo.Prompt(notes="C4 E4 G4", bars=8, seed=seed) for seed in range(10)]
    assert len({score.notes for score in composer(model).compose_batch(prompts)}) == 10


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("notes", ["", "C4 E4 G4"])
def test_streaming_gives_the_same_notes_as_they_come(model, notes):
    prompt = zoo.Prompt(notes=notes, bars=4, seed=4)
    assert tuple(composer(model).stream(prompt)) == composer(model).compose(prompt).notes


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("threads", ["1", "2"])
def test_the_piece_does_not_depend_on_threads(model, threads):
    program = (
        f"import torch; torch.set_num_threads({threads}); import zoo;"
        f"score = zoo.load('{model}').compose(zoo.Prompt(notes='D4 F4 A4', bars=8, seed=5));"
        "print([(n.onset, n.duration, n.pitch) for n in score.notes])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, env=os.environ)
    here = composer(model).compose(zoo.Prompt(notes="D4 F4 A4", bars=8, seed=5))
    assert done.stdout.strip() == str([(n.onset, n.duration, n.pitch) for n in here.notes])


@pytest.mark.parametrize("model", MODELS)
def test_wishes_are_honoured(model):
    prompt = zoo.Prompt(style="folk", key="E minor", meter="6/8", tempo=100, bars=8, seed=3)
    score = composer(model).compose(prompt)
    assert (str(score.key), str(score.meter), score.tempo) == ("E minor", "6/8", 100)
    scale = {(score.key.pitch_class + step) % 12 for step in (0, 2, 3, 5, 7, 8, 9, 10, 11)}
    assert sum(n.pitch % 12 in scale for n in score.notes) > 0.9 * len(score.notes)


@pytest.mark.parametrize("model", MODELS)
def test_a_mood_sets_mode_and_tempo(model):
    sad = composer(model).compose(zoo.Prompt(style="classical", mood="sad", meter="4/4", bars=4, seed=1))
    happy = composer(model).compose(zoo.Prompt(style="classical", mood="happy", meter="4/4", bars=4, seed=1))
    assert (sad.key.mode, happy.key.mode) == ("minor", "major") and sad.tempo < happy.tempo


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("key", ["C major", "F# major", "Db major", "B minor"])
def test_the_key_is_only_a_transposition(model, key):
    """The model sees every piece on white keys, so a prompt and its transposition go on alike."""
    home = composer(model).compose(zoo.Prompt(notes="", key="C major" if "major" in key else "A minor", bars=4, seed=9))
    moved = composer(model).compose(zoo.Prompt(notes="", key=key, bars=4, seed=9))
    shift = moved.notes[0].pitch - home.notes[0].pitch
    assert [n.pitch - shift for n in moved.notes] == [n.pitch for n in home.notes]


@pytest.mark.parametrize("model", MODELS)
def test_a_prompt_may_bring_its_own_bars(model):
    abc = "X:1\nT:t\nM:6/8\nL:1/8\nQ:3/8=90\nK:D\nA|dfa afd|gbe dcB|"
    prompt = zoo.Prompt(notes=abc, bars=8, seed=2)
    score = composer(model).compose(prompt)
    assert str(score.meter) == "6/8" and str(score.key) == "D major" and score.pickup == 12 and score.bars == 8
    opening = prompt.score.notes
    assert [(n.onset, n.pitch) for n in score.notes[: len(opening)]] == [(n.onset, n.pitch) for n in opening]


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize(
    ("wish", "sentence"),
    [
        ({"meter": "11/16"}, "does not know the metre 11/16"),
        ({"key": "F phrygian", "style": "classical"}, "does not know the mode"),
        ({"notes": " ".join(["C4"] * 40), "bars": 2, "meter": "4/4"}, "fill 10 bars"),
    ],
)
def test_what_cannot_be_honoured_is_said_in_one_sentence(model, wish, sentence):
    loaded = composer(model)
    with pytest.raises(zoo.PromptError, match=sentence) as caught:
        loaded.compose(zoo.Prompt(seed=1, **wish))
    assert str(caught.value).count(".") == 1


@pytest.mark.parametrize("model", MODELS)
def test_real_music_is_likelier_than_noise(model):
    washerwoman = (  # The Irish Washerwoman, traditional
        "X:1\nM:6/8\nL:1/8\nK:G\ndc|BGG DGG|BGB dcB|cAA EAA|cAc edc|BGG DGG|BGB dcB|cBc Adc|BGG G|"
    )
    tune = zoo.Prompt(notes=washerwoman).score
    shuffled = random.Random(0).sample([n.pitch for n in tune.notes], len(tune.notes))
    noise = tune.with_parts([Part(tuple(Note(n.onset, n.duration, p) for n, p in zip(tune.notes, shuffled)))])
    real, worse = composer(model).log_likelihood_batch([tune, noise], "folk")
    after_upbeat = sum(note.onset >= tune.pickup for note in tune.notes)
    assert real.notes == worse.notes and real.notes in (len(tune.notes), after_upbeat)  # the VAE leaves an upbeat out
    assert 0.5 < real.nats_per_note < 4 and real.nats_per_note < worse.nats_per_note - 0.3


@pytest.mark.parametrize("model", MODELS)
def test_checkpoints_are_small_and_described(model):
    from zoo.registry import CHECKPOINTS

    folder = CHECKPOINTS / model
    assert sum(f.stat().st_size for f in folder.glob("*.safetensors")) <= 30_000_000
    text = (folder / "README.md").read_text()
    card = zoo.card(model)
    assert all(style in text for style in card.supports.styles) and card.training["test"]
    assert not list(folder.glob("*.bin")) and not list(folder.glob("*.pt"))


def test_unknown_models_get_the_nearest_names():
    with pytest.raises(zoo.ModelNotFound, match="lstm"):
        zoo.load("lstn")


def test_empty_scores_have_no_likelihood():
    assert composer("lstm").log_likelihood(Score(parts=()), "folk").notes == 0


@pytest.mark.parametrize("model", MODELS)
def test_without_an_upbeat_the_last_note_reaches_the_last_bar_line(model):
    for seed in range(5):
        score = composer(model).compose(zoo.Prompt(notes="C4 E4 G4", bars=4, seed=seed))
        assert score.pickup == 0 and score.end == score.barlines[-1]


@pytest.mark.parametrize("model", MODELS)
def test_a_long_low_note_counts_towards_the_bars(model):
    notes = (Note(0, 24, 60), Note(0, 24 * 120, 36))
    with pytest.raises(zoo.PromptError, match="fill"):
        composer(model).compose(zoo.Prompt(notes=Score(parts=(Part(notes),)), bars=8))


@pytest.mark.parametrize("model", MODELS)
def test_styles_that_the_model_lacks_are_refused(model):
    with pytest.raises(zoo.PromptError, match="does not know the style 'polka'"):
        composer(model).log_likelihood(Score(parts=(Part((Note(0, 24, 60),)),)), "polka")


POLYPHONIC = [model for model in MODELS if zoo.card(model).supports.polyphony]


@pytest.mark.parametrize("model", POLYPHONIC)
def test_styles_with_many_parts_get_them(model):
    parts = {}
    for style in ("folk", "classical", "chorale", "song", "jazz"):
        score = composer(model).compose(zoo.Prompt(style=style, bars=4, seed=6))
        parts[style] = len(score.parts), bool(score.chords)
    assert parts == {
        "folk": (1, False), "classical": (2, False), "chorale": (4, False), "song": (1, True), "jazz": (2, False)
    }


@pytest.mark.parametrize("model", POLYPHONIC)
def test_a_prompt_of_several_parts_stays_in_them(model):
    right, left = (Note(0, 24, 72), Note(24, 24, 74)), (Note(0, 96, 48), Note(96, 48, 43))
    prompt = zoo.Prompt(notes=Score(parts=(Part(right), Part(left))), style="classical", bars=6, seed=1)
    score = composer(model).compose(prompt)
    for given, part in zip((right, left), score.parts, strict=True):
        assert [(n.onset, n.duration, n.pitch) for n in part.notes[:2]] == [
            (n.onset, n.duration, n.pitch) for n in given
        ]
        assert len(part.notes) > 4


@pytest.mark.parametrize("model", POLYPHONIC)
def test_a_tune_given_to_a_choir_gets_the_other_voices_from_its_beginning(model):
    score = composer(model).compose(zoo.Prompt(notes="G4 A4 B4 C5 D5:2 C5:2", style="chorale", bars=4, seed=2))
    assert [part.notes[0].onset for part in score.parts] == [0, 0, 0, 0]
    assert [n.pitch for n in score.parts[0].notes[:6]] == [67, 69, 71, 72, 74, 72]
