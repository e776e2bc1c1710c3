"""evaluate: every model is handed the same music, beside baselines on its own tokens."""

import json
import math

import pytest

import zoo
from zoo.cli import main
from zoo.composer import Likelihood, ModelCard, SequenceComposer, Supports
from zoo.corpus.piece import Piece
from zoo.evaluation.likelihood import evaluate, table
from zoo.evaluation.markov import Markov
from zoo.score import Note, Part, Score


class Fair(SequenceComposer):
    """Every note costs 2 nats; a score's tokens are 0 and its pitches."""

    vocabulary = 128

    def __init__(self, polyphony: bool = False):
        supports = Supports(styles=("folk", "jazz"), meters=("4/4",), polyphony=polyphony)
        self.card = ModelCard("fair", "Fair", "fair", 0, "mit", supports)
        self.seen: list[Score] = []

    from_checkpoint = compose = None

    def log_likelihood(self, score, style):
        self.seen.append(score)
        return Likelihood(2.0 * len(score.notes), len(score.notes))

    def tokens(self, score, style):
        return [[0, *(note.pitch for note in score.notes)]]


def piece(split: str, voices: int = 2, pause: int = 0, step: int = 2) -> Piece:
    """Sixteen bars in voices; after eight of them the first one rests for some."""
    parts = [
        Part(tuple(Note(96 * bar + (96 * pause if bar >= 8 and not voice else 0), 96, 60 - 12 * voice + bar % 5 * step)
                   for bar in range(16)))
        for voice in range(voices)
    ]
    return Piece("x", "x", "", "", "made", "folk", "score", split, split, Score(parts=tuple(parts)))


PIECES = [piece("train"), piece("train", step=1), piece("test"), piece("test", pause=3), piece("valid")]


def test_models_are_handed_melodies_cut_where_they_pause():
    model = Fair()
    result = evaluate(model, PIECES)
    assert [len(score.notes) for score in model.seen] == [16, 8, 8]
    assert all(len(score.parts) == 1 for score in model.seen)
    row = result["styles"]["folk"]
    assert result.keys() == {"model", "split", "styles"} and result["styles"].keys() == {"folk"}
    assert (row["pieces"], row["notes"], row["nats_per_note"]) == (2, 32, 2.0)


def test_polyphonic_models_get_whole_scores_too():
    result = evaluate(Fair(polyphony=True), PIECES)
    assert result["styles"] == evaluate(Fair(), PIECES)["styles"]
    assert (result["scores"]["folk"]["pieces"], result["scores"]["folk"]["notes"]) == (2, 64)
    assert result["scores"]["folk"]["markov3"] > result["styles"]["folk"]["markov3"]


def test_baselines_learn_from_the_train_split_alone():
    row = evaluate(Fair(), PIECES)["styles"]["folk"]
    known = [Fair().tokens(p.score.with_parts(p.score.parts[:1]), "folk")[0] for p in PIECES[:2]]
    line = known[0]
    test = [line, [0, *line[1:9]], [0, *line[9:]]]
    for name, order in (("unigram", 0), ("markov3", 3)):
        model = Markov(order, 128).fit(known)
        assert row[name] == pytest.approx(sum(model.nats(tokens) for tokens in test) / 32)


def figures(nats: float, notes: int = 10, markov: float = 4.0) -> dict:
    return {"nats_per_note": nats, "notes": notes, "pieces": 1, "unigram": 5.0, "markov3": markov}


def test_one_table_for_many_models():
    lines = table([
        {"model": "a", "split": "test", "styles": {"folk": figures(2.0)}, "scores": {"folk": figures(3.0, 20)}},
        {"model": "b", "split": "test", "styles": {"folk": figures(1.0, markov=5.0), "jazz": figures(2.5)}},
    ]).splitlines()
    assert lines[2].split() == ["melodies", "pieces", "notes", "unigram", "markov3", "a", "b"]
    assert lines[3].split() == ["folk", "1", "10", "5.000", "4.000", "2.000", "(50.0%)", "1.000", "(75.0%)"]
    assert lines[4].split() == ["jazz", "1", "10", "5.000", "4.000", "–", "2.500", "(37.5%)"]
    assert lines[6].split()[:2] == ["whole", "scores"]
    assert lines[7].split()[-3:] == ["3.000", "(25.0%)", "–"]


def test_what_was_measured_on_other_notes_is_not_in_the_same_row():
    text = table([
        {"model": "a", "split": "test", "styles": {"folk": figures(2.0)}},
        {"model": "b", "split": "test", "styles": {"folk": figures(1.0, notes=9)}},
    ])
    rows = [line.split() for line in text.splitlines() if line.startswith("folk")]
    assert [row[2] for row in rows] == ["10", "9"] and rows[0][-1] == rows[1][-3] == "–"


@pytest.fixture
def tunes(tmp_path, monkeypatch):
    """A folder of tunes, and lstm as the only bundled model."""
    monkeypatch.setattr("zoo.registry.list_models", lambda: ["lstm"])
    for seed in range(20):
        notes = tuple(Note(24 * i, 24, 60 + (seed * i) % 12) for i in range(32))
        zoo.write(Score(parts=(Part(notes),)), tmp_path / f"tune{seed}.abc")
    return tmp_path


def test_all_is_a_list_of_what_one_model_gives(tunes, capsys):
    assert main(["evaluate", "lstm", "--corpus", str(tunes), "--json"]) == 0
    one = json.loads(capsys.readouterr().out)
    assert main(["evaluate", "--all", "--corpus", str(tunes), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == [one]
    assert one["model"] == "lstm" and math.isfinite(one["styles"]["folk"]["markov3"])
    assert main(["evaluate", "--all", "--corpus", str(tunes)]) == 0
    assert f"{one['styles']['folk']['nats_per_note']:.3f}" in capsys.readouterr().out


@pytest.mark.parametrize("arguments", [[], ["lstm", "--all"]])
def test_a_model_or_all_of_them(arguments, capsys):
    assert main(["evaluate", *arguments]) == 2
    assert capsys.readouterr().err == "zoo: Name a model or give --all, one of the two.\n"
