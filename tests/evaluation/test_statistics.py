"""Musical statistics: every metric and histogram by hand, the likeness of two sets, and the whole on a tiny corpus."""

import json
import math
import xml.etree.ElementTree as ElementTree
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

import zoo
from zoo.cli import main
from zoo.composer import Supports
from zoo.corpus.piece import Piece
from zoo.errors import ScoreError
from zoo.evaluation.statistics import compare, likenesses, measure, summary, table
from zoo.evaluation.statistics_likeness import densities, likeness
from zoo.evaluation.statistics_metrics import (
    HISTOGRAMS,
    INTERVALS,
    METRICS,
    NOTE_VALUES,
    duration_histogram,
    groove_consistency,
    interval_histogram,
    note_density,
    pitch_class_entropy,
    scale_consistency,
)
from zoo.evaluation.statistics_openings import openings
from zoo.evaluation.statistics_picture import picture, svg
from zoo.score import Note, Part, Score, melody_score
from zoo.theory import Meter

EMPTY = Score(parts=())
DRUMS = Part((Note(0, 24, 42), Note(24, 24, 43)), is_drum=True)


def row(pitches, duration: int = 24) -> Score:
    """Notes of one length, one after the other."""
    return melody_score(Note(index * duration, duration, pitch) for index, pitch in enumerate(pitches))


def rhythm(onsets, **fields) -> Score:
    return melody_score((Note(onset, 3, 60) for onset in onsets), **fields)


def test_pitch_class_entropy_by_hand():
    """C C C G: 3/4 log2 4/3 + 1/4 log2 4."""
    assert pitch_class_entropy(row([60, 72, 48, 67])) == pytest.approx(0.75 * math.log2(4 / 3) + 0.5)
    assert pitch_class_entropy(row([60, 72])) == 0
    assert pitch_class_entropy(row(range(60, 72))) == pytest.approx(math.log2(12))


def test_scale_consistency_by_hand():
    assert scale_consistency(row([62, 64, 66, 67, 69, 71, 73])) == 1, "D major"
    assert scale_consistency(row([57, 59, 60, 62, 64, 65, 67])) == 1, "A natural minor"
    assert scale_consistency(row([57, 59, 60, 62, 64, 65, 68])) == pytest.approx(6 / 7), "harmonic minor's seventh"
    assert scale_consistency(row(range(60, 72))) == pytest.approx(7 / 12)


def test_notes_count_once_however_long():
    score = melody_score([Note(0, 96, 60), Note(96, 3, 61), Note(99, 3, 62), Note(102, 3, 63)])
    assert pitch_class_entropy(score) == pytest.approx(2) and scale_consistency(score) == 0.75


def test_groove_consistency_by_hand():
    """Bars of 4/4 with onsets {0, 48}, {0, 24, 48}, {0}: distances 1 and 2 of 96 ticks."""
    assert groove_consistency(rhythm([0, 48, 96, 120, 144, 192])) == pytest.approx(1 - (1 + 2) / 2 / 96)


def test_an_onset_on_the_bar_line_begins_the_next_bar():
    assert groove_consistency(rhythm([0, 96])) == 1
    assert groove_consistency(rhythm([0, 95])) == pytest.approx(1 - 2 / 96), "the last note reaches into a second bar"
    assert math.isnan(groove_consistency(rhythm([0, 93]))), "one bar"


def test_notes_together_are_one_onset_and_drums_have_a_groove():
    chords = Score(parts=(Part((Note(0, 24, 60), Note(0, 24, 64), Note(96, 24, 60))),))
    assert groove_consistency(chords) == 1
    assert groove_consistency(Score(parts=(*chords.parts, DRUMS))) == pytest.approx(1 - 1 / 96)


def test_the_pickup_is_no_bar():
    """A quarter of pickup, then two bars alike."""
    assert groove_consistency(rhythm([0, 12, 24, 120], pickup=24)) == 1


def test_bars_of_unlike_length_are_not_compared():
    """4/4 {0}, 4/4 {0, 48}, 3/4 {0}, 3/4 {0, 24, 48}: 1 of 96 and 2 of 72 ticks, nothing across the change."""
    score = rhythm([0, 96, 144, 192, 264, 288, 312], meters=((0, Meter(4, 4)), (192, Meter(3, 4))))
    assert groove_consistency(score) == pytest.approx(1 - (1 / 96 + 2 / 72) / 2)


def test_note_density_by_hand():
    """Three notes in five quarters, counted from the first onset; a note more in another part counts too."""
    notes = (Note(48, 24, 60), Note(96, 24, 62), Note(144, 24, 64))
    assert note_density(melody_score(notes)) == pytest.approx(3 / 5)
    assert note_density(Score(parts=(Part(notes), Part((Note(48, 120, 40),))))) == pytest.approx(4 / 5)


def test_an_octave_has_its_bin_and_a_semitone_more_has_not():
    steps = dict(zip(INTERVALS, interval_histogram(row([60, 72, 60, 73, 60, 60, 99]))))
    assert {name: share for name, share in steps.items() if share} == pytest.approx(
        {"+12": 1 / 6, "-12": 1 / 6, "> 12": 2 / 6, "< -12": 1 / 6, "0": 1 / 6}
    )


def test_intervals_are_the_first_parts_upper_line():
    upper = Part((Note(0, 24, 60), Note(0, 24, 67), Note(24, 24, 69)))
    steps = interval_histogram(Score(parts=(DRUMS, upper, Part((Note(0, 24, 90), Note(24, 24, 30))))))
    assert dict(zip(INTERVALS, steps))["+2"] == 1


@pytest.mark.parametrize(
    ("ticks", "value"),
    [(1, "1/32"), (3, "1/32"), (4, "1/16t"), (10, "1/16."), (11, "1/8"), (12, "1/8"), (13, "1/8"), (14, "1/4t"),
     (24, "1/4"), (27, "1/4"), (28, "1/2t"), (36, "1/4."), (83, "1/2."), (84, "1/1"), (400, "1/1")],
)
def test_each_length_counts_for_the_nearest_note_value(ticks, value):
    assert dict(zip(NOTE_VALUES, duration_histogram(row([60], ticks))))[value] == 1


@pytest.mark.parametrize("name", METRICS)
def test_metrics_of_silence_are_nan(name):
    assert math.isnan(METRICS[name](EMPTY))


@pytest.mark.parametrize("name", HISTOGRAMS)
def test_histograms_sum_to_one_or_are_empty(name):
    histogram, bins = HISTOGRAMS[name]
    assert histogram(row([60, 62, 59])).sum() == pytest.approx(1) and len(histogram(row([60, 62]))) == len(bins)
    assert not histogram(EMPTY).any() and not histogram(Score(parts=(DRUMS,))).any()


def test_drums_have_no_pitch():
    score = row([60, 67])
    assert pitch_class_entropy(score.with_parts([*score.parts, DRUMS])) == 1
    assert math.isnan(scale_consistency(Score(parts=(DRUMS,))))


def test_likeness_by_hand():
    """(1/2, 1/2) and (1/4, 3/4): 1/4 + 1/2 in common; 1/2 log 2 + 1/2 log 2/3, but for the thousandth spread."""
    found = likeness(np.array([0.5, 0.5]), np.array([0.25, 0.75]))
    assert found.overlap == pytest.approx(0.75)
    assert found.kl == pytest.approx(0.5 * math.log(2) + 0.5 * math.log(2 / 3), rel=0.01)
    back = likeness(np.array([0.25, 0.75]), np.array([0.5, 0.5]))
    assert back.kl == pytest.approx(0.25 * math.log(1 / 2) + 0.75 * math.log(3 / 2), rel=0.01), "real comes first"


def test_likeness_at_its_ends():
    p, q = np.array([1.0, 0.0]), np.array([0.0, 1.0])
    assert likeness(p, p).overlap == 1 and likeness(p, p).kl == 0
    assert likeness(p, q).overlap == 0 and 7 < likeness(p, q).kl < 8, "log 1999, not infinite"
    assert math.isnan(likeness(p, np.zeros(2)).overlap)


def test_densities_are_on_one_grid_and_overlap_as_normal_curves_do():
    """Two normal curves a deviation d apart share 2 * Phi(-d / 2), and differ by d * d / 2 nats."""
    values = np.random.default_rng(0).normal(0, 1, 4000)
    grid, real, other = densities(values, values + 1)
    assert grid[0] < values.min() and grid[-1] > values.max() + 1
    assert real.sum() == pytest.approx(1) and other.sum() == pytest.approx(1)
    assert likeness(real, other).overlap == pytest.approx(0.617, abs=0.02)
    assert likeness(real, other).kl == pytest.approx(0.5, abs=0.05)


def test_the_same_music_in_a_smaller_set_is_as_much_alike():
    values = np.repeat([1.0, 1.0, 1.0, 0.9], 50)
    assert likeness(*densities(values, values[::10])[1:]).overlap == pytest.approx(1, abs=0.02)


def test_sets_of_one_value():
    ones = np.ones(5)
    assert likeness(*densities(ones, ones)[1:]).overlap == pytest.approx(1)
    assert likeness(*densities(ones, 2 * ones)[1:]).overlap == pytest.approx(0, abs=1e-6)
    assert likeness(*densities(ones, np.array([1.0]))[1:]).kl == pytest.approx(0)
    assert math.isnan(likeness(*densities(ones, np.zeros(0))[1:]).kl)


def test_an_opening_has_sixteen_bars_and_ends_at_the_bar_line():
    long = melody_score([Note(index * 72 + 24, 90, 60) for index in range(40)], pickup=24)
    whole, = openings([long], polyphony=True)
    assert whole.bars == 16 and whole.pickup == 24 and whole.end == 24 + 16 * 96
    assert max(note.onset for note in whole.notes) < 24 + 16 * 96
    line, = openings([long], polyphony=False)
    assert line.bars == 16 and all(a.end <= b.onset for a, b in zip(line.notes, line.notes[1:])), "the skyline"


def test_a_note_on_the_last_bar_line_is_outside():
    inside, outside = Note(16 * 96 - 1, 24, 60), Note(16 * 96, 24, 62)
    opening, = openings([melody_score([Note(0, 24, 64), inside, outside])], polyphony=True)
    assert [(note.onset, note.duration) for note in opening.notes] == [(0, 24), (16 * 96 - 1, 1)]


def test_pieces_without_a_section_have_no_melody_opening():
    short = row([60, 62, 64])
    assert not list(openings([short, EMPTY], polyphony=False)) and len(list(openings([short], polyphony=True))) == 1


def tune(seed: int, bars: int = 8) -> Score:
    return row(np.random.default_rng(seed).choice([60, 62, 64, 65, 67, 69, 71], 4 * bars).tolist())


class Scales:
    """A composer that knows one tune a seed and remembers what it was asked for."""

    def __init__(self, polyphony: bool = False):
        self.card = SimpleNamespace(name="scales", supports=Supports(("folk", "jazz"), ("4/4",), polyphony=polyphony))
        self.asked = []

    def compose_batch(self, prompts):
        self.asked += prompts
        return [tune(prompt.seed, prompt.bars) for prompt in prompts]


def corpus(test: int, valid: int = 4, train: int = 6) -> list[Piece]:
    splits = ["test"] * test + ["valid"] * valid + ["train"] * train
    return [
        Piece(id=str(i), corpus="c", title="", source="", licence="", style="folk", kind="", split=split,
              family=str(i), score=tune(1000 + i, 4 if i % 2 else 20))
        for i, split in enumerate(splits)
    ]


def test_the_model_is_asked_for_lengths_as_the_held_out_pieces_have_them():
    composer = Scales()
    found = compare(composer, corpus(test=30), 25)
    assert list(found) == ["folk"], "a style without held-out pieces is left out"
    assert [prompt.seed for prompt in composer.asked] == list(range(25))
    assert {prompt.temperature for prompt in composer.asked} == {1.0}
    assert [prompt.bars for prompt in composer.asked] == [4] * 12 + [16] * 13
    assert found["folk"].generated.pieces == 25 and found["folk"].train.pieces == 6


@pytest.mark.parametrize(("test", "split", "held_out"), [(30, "test", 30), (29, "test+valid", 33)])
def test_a_small_test_split_is_helped_out(test, split, held_out):
    found = compare(Scales(), corpus(test), 3)["folk"]
    assert found.split == split and found.held_out.pieces == held_out and found.train.pieces == 3


@pytest.mark.parametrize(("polyphony", "notes_a_quarter"), [(False, 1), (True, 2)])
def test_whole_scores_are_measured_where_the_model_writes_them(polyphony, notes_a_quarter):
    pieces = [replace(p, score=p.score.with_parts([*p.score.parts, *p.score.parts])) for p in corpus(test=30)]
    found = compare(Scales(polyphony), pieces, 2)["folk"]
    assert set(found.held_out.values["note density"]) == set(found.train.values["note density"]) == {notes_a_quarter}


def test_nothing_held_out_is_said_in_a_sentence():
    with pytest.raises(ScoreError, match="no held-out piece"):
        compare(Scales(), corpus(test=0, valid=0), 3)


def test_a_set_is_like_itself():
    scores = [tune(seed) for seed in range(5)]
    for found in likenesses(measure(scores), measure(scores)).values():
        assert found.overlap == pytest.approx(1) and found.kl == pytest.approx(0)


def test_a_piece_without_a_value_has_none():
    measured = measure([tune(1), EMPTY])
    assert measured.pieces == 2 and all(len(values) == 1 for values in measured.values.values())
    assert all(histogram.sum() == pytest.approx(1) for histogram in measured.histograms.values())


@pytest.mark.parametrize("train", [0, 6])
def test_summary_table_and_picture(train):
    found = compare(Scales(), corpus(test=3, train=train), 4)
    result = json.loads(json.dumps(summary("scales", found), allow_nan=False))
    figures = result["styles"]["folk"]["metrics"]
    assert list(figures) == [*METRICS, *HISTOGRAMS]
    assert figures["intervals"]["held_out"] is None and 0 < figures["intervals"]["overlap"] < 1
    assert (figures["note density"]["train_overlap"] is None) == (train == 0)
    lines = table(result).splitlines()
    assert len(lines) == 2 + len(figures) and all("7 test+valid" in line for line in lines[2:])
    drawn = ElementTree.fromstring(svg("scales", "folk", found["folk"]))
    words = {element.text for element in drawn.iter("{http://www.w3.org/2000/svg}text")}
    assert {*figures, *INTERVALS, *NOTE_VALUES, "bits", "density", "share"} <= words
    assert picture("scales", "folk", found["folk"]).startswith(b"\x89PNG")


def test_a_picture_of_nothing_generated():
    found = compare(Scales(), corpus(test=3), 1)["folk"]
    nothing = type(found)(found.split, measure([]), measure([]), found.train)
    ElementTree.fromstring(svg("scales", "folk", nothing))


@pytest.mark.parametrize(
    ("arguments", "word"),
    [(["--pieces", "0"], "--pieces"), (["--pieces", "x"], "--pieces"), (["--out", "no/such"], "no"),
     (["--corpus", "nowhere"], "nowhere")],
)
def test_mistakes_get_one_line(tmp_path, monkeypatch, capsys, arguments, word):
    monkeypatch.chdir(tmp_path)
    assert main(["statistics", "lstm", *arguments]) == 2
    shown = capsys.readouterr()
    assert shown.out == "" and shown.err.count("\n") == 1 and word in shown.err


def test_the_command_on_a_folder_of_tunes(tmp_path, monkeypatch, capsys):
    (tmp_path / "tunes").mkdir()
    for seed in range(4):
        zoo.write(tune(seed), tmp_path / "tunes" / f"tune{seed}.abc")
    command = ["statistics", "lstm", "--corpus", str(tmp_path / "tunes"), "--pieces", "2"]
    assert main([*command, "--json", "--out", str(tmp_path / "pictures")]) == 0
    assert json.loads(capsys.readouterr().out)["styles"]["folk"]["generated"] == 2
    assert [path.name for path in (tmp_path / "pictures").iterdir()] == ["folk.png"]
