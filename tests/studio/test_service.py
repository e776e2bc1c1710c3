"""Request -> result without Gradio."""

import io

import numpy as np
import pytest
import soundfile

import zoo
from studio import service


def test_the_piece_starts_with_the_given_notes_and_knows_how_many():
    piece = service.compose("walker", notes="C4 E4 G4", bars=4, seed=7)
    assert [note.pitch for note in piece.score.parts[0].notes[:3]] == [60, 64, 67]
    assert piece.prompt_notes == 3
    assert service.summary(piece) == {
        "model": "walker", "style": "folk", "key": "C major", "meter": "4/4", "tempo": 120, "bars": 4,
        "notes": len(piece.score.notes), "length": 8, "temperature": 0.9, "seed": 7, "seconds": round(piece.seconds, 2),
    }


def test_without_accompaniment_the_same_melody_stands_alone():
    full = service.compose("walker", notes="C4", bars=4, seed=7).score
    alone = service.compose("walker", accompaniment=False, notes="C4", bars=4, seed=7).score
    assert len(full.parts) > 1
    assert alone.parts == full.parts[:1]


def test_blank_fields_count_as_not_given():
    piece = service.compose("walker", notes=" ", seed="", key="", meter=None, mood="", tempo="  ", bars=2)
    assert piece.prompt.tempo is None and piece.prompt.mood is None
    assert piece.prompt_notes == 0


@pytest.mark.parametrize("wish", [
    {"notes": "H9"}, {"notes": "C4 " * 10_000}, {"temperature": -1}, {"temperature": float("nan")}, {"seed": "x"},
    {"tempo": "fast"}, {"bars": 1.5}, {"style": "polka"}, {"key": "H"}, {"meter": "5"}, {"mood": "blue"},
])
def test_a_bad_wish_gives_one_sentence(wish):
    with pytest.raises(zoo.ZooError) as error:
        service.compose("walker", **wish)
    assert 10 < len(str(error.value)) < 300 and "\n" not in str(error.value)


@pytest.mark.parametrize("name", ["../..", "/", "someone/some-model", "gpt9"])
def test_only_bundled_models_are_loaded_for_a_visitor(name):
    with pytest.raises(zoo.ModelNotFound, match="choose one of walker"):
        service.compose(name)


def test_files(tmp_path):
    piece = service.compose("walker", notes="C4 E4 G4", bars=4, seed=7)
    midi = zoo.read(service.write_notes(piece, tmp_path, "mid"))
    assert [note.pitch for note in midi.parts[0].notes[:3]] == [60, 64, 67]
    assert zoo.read(service.write_notes(piece, tmp_path, "musicxml")).bars == 4
    sounding = service.sound(piece)
    for ending in ("ogg", "mp3", "wav"):
        path = service.write_sound(piece, sounding, tmp_path, ending)
        samples, rate = soundfile.read(io.BytesIO(path.read_bytes()))
        assert 8 <= len(samples) / rate < 10 and np.abs(samples).max() > 0.05
    endings = ("mid", "mp3", "musicxml", "ogg", "wav")
    assert sorted(path.name for path in tmp_path.iterdir()) == [f"folk-7.{ending}" for ending in endings]


def test_without_fluidsynth_a_sentence_says_how_to_get_it(tmp_path, no_fluidsynth):
    piece = service.compose("walker", bars=2)
    service.write_notes(piece, tmp_path, "mid")
    with pytest.raises(zoo.RenderError, match="apt-get install fluidsynth"):
        service.sound(piece)
