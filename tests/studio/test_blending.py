"""Blends and variations without Gradio."""

from dataclasses import replace

import pytest

import zoo
from studio import blending, service
from zoo.score import Note, Part, Score, melody_score
from zoo.theory import Key, Meter


def tune(step: int, bars: int = 4, meter: str = "4/4", **fields) -> Score:
    quarters = bars * Meter.parse(meter).bar_ticks // 24
    return melody_score(
        [Note(24 * i, 24, 60 + step * i % 12) for i in range(quarters)],
        meters=((0, Meter.parse(meter)),), keys=((0, Key.parse("C major")),), **fields,
    )


def pitches(score: Score) -> list[int]:
    return [note.pitch for note in score.parts[0].notes]


def test_there_is_a_model_that_blends_or_there_is_none(vae, monkeypatch):
    assert blending.model() == "vae"
    monkeypatch.setattr(zoo, "list_models", lambda: ["walker"])
    assert blending.model() is None
    with pytest.raises(zoo.ModelNotFound, match="there is none here"):
        blending.blend(tune(1), tune(5), "folk")


def test_seven_arranged_tunes_from_the_first_to_the_second(vae):
    tunes = blending.blend(tune(1, bars=6), tune(5), "folk")
    assert [t.name for t in tunes] == [f"blend-{n}-of-7" for n in range(1, 8)]
    assert pitches(tunes[0].score) == pitches(tune(1)) and pitches(tunes[-1].score) == pitches(tune(5))
    assert all(t.score.bars == 4 and len(t.score.parts) == 3 for t in tunes)


def test_a_style_that_the_model_does_not_know_dresses_the_blend_all_the_same(vae):
    chorale = blending.blend(tune(1), tune(5), "chorale")[0].score
    assert [part.name for part in chorale.parts] == ["Melody", "Alto", "Tenor", "Bass"]


def test_files_are_read(vae, tmp_path):
    for ending in ("mid", "musicxml", "abc"):
        zoo.write(tune(1), tmp_path / f"tune.{ending}")
        tunes = blending.blend(tmp_path / f"tune.{ending}", tune(5), "folk")
        assert pitches(tunes[0].score) == pitches(tune(1))


@pytest.mark.parametrize(("second", "words"), [
    (tune(5, meter="3/4"), ("4/4", "3/4")),
    (tune(5, meter="5/4"), ("The second tune", "5/4")),
    (replace(tune(5), meters=((0, Meter(4, 4)), (96, Meter(3, 4)))), ("The second tune", "changes")),
    (tune(5, bars=65), ("The second tune", "65 bars")),
    (Score((Part(()),)), ("The second tune", "no notes")),
    (Score((Part((Note(0, 96, 36),), is_drum=True),)), ("The second tune", "no notes")),
])
def test_what_cannot_be_blended_gets_one_sentence(vae, second, words):
    with pytest.raises(zoo.ZooError) as error:
        blending.blend(tune(1), second, "folk")
    assert all(word in str(error.value) for word in words) and "\n" not in str(error.value)


def test_a_file_that_is_none_gets_one_sentence(vae, tmp_path):
    path = tmp_path / "photo.mid"
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(64))
    with pytest.raises(zoo.ScoreError, match="The first tune: This is not a MIDI file"):
        blending.blend(path, tune(5), "folk")


def test_every_example_can_be_blended(vae):
    examples = blending.examples()
    assert len(examples) >= 10 and next(iter(examples)).startswith("folk")
    for score in examples.values():
        assert len(blending.blend(score, score, "folk")) == blending.STOPS


def test_a_variation_is_arranged_as_its_piece_was(vae):
    piece = service.compose("walker", notes="C4 E4 G4", bars=4, seed=7)
    varied = blending.vary(piece, 0.5)
    assert pitches(varied.score) != pitches(piece.score) and varied.score.bars == 4
    assert [part.name for part in varied.score.parts] == [part.name for part in piece.score.parts]
    assert (varied.varied, varied.prompt_notes, varied.name) == ((0.5,), 0, "folk-7-varied-1")
    alone = service.compose("walker", accompaniment=False, notes="C4 E4 G4", bars=4, seed=7)
    assert len(blending.vary(alone, 0.5).score.parts) == 1


def test_each_variation_is_another(vae):
    piece = service.compose("walker", bars=8, seed=7)
    assert len({tuple(pitches(blending.vary(piece, 1.0).score)) for _ in range(4)}) > 1
