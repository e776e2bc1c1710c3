"""The corpus room, on small corpora that the tests make, and on the packaged ones where they are at hand."""

import gzip
import json
from pathlib import Path

import pytest

import zoo
from zoo.corpus import load
from zoo.corpus.folder import with_splits
from zoo.corpus.melody import melody, sections, skyline
from zoo.corpus.piece import Piece
from zoo.corpus.records import record_score
from zoo.errors import ScoreError
from zoo.score import Note, Part, Score
from zoo.theory import Meter

PACKAGED = Path(__file__).parents[2] / "shared" / "corpus"
needs_corpora = pytest.mark.skipif(not PACKAGED.exists(), reason="the packaged corpora are not on this machine")


def record(number: int, **changes) -> dict:
    notes = [[24 * i, 24, 60 + (i * (number + 2)) % 12, 0] for i in range(32)]
    return {
        "id": f"oneills-1850/{number}", "corpus": "oneills-1850", "title": f"Tune {number}", "source": "test",
        "licence": "public domain", "style": "folk", "kind": "melody", "split": "train", "family": f"f{number}",
        "parts": ["Melody"], "notes": notes, "chords": [], "meter": [[0, "4/4"]], "key": [[0, "D dorian"]],
        "tempo": [], "bars": list(range(0, 769, 96)), **changes,
    }


def packaged(folder: Path, *records: dict) -> Path:
    with gzip.open(folder / "oneills-1850.jsonl.gz", "wt") as file:
        file.writelines(json.dumps(r) + "\n" for r in records)
    return folder


def test_packaged_records_become_pieces(tmp_path):
    pieces, report = load([packaged(tmp_path, record(1), record(2, split="test"))])
    assert [p.split for p in pieces] == ["train", "test"] and {p.style for p in pieces} == {"folk"}
    assert str(pieces[0].score.key) == "D dorian" and pieces[0].score.bars == 8
    assert report.kept["folk", "train"] == 1


def test_what_is_dropped_is_counted_with_its_reason(tmp_path):
    transposed = record(3, notes=[[o, d, p + 5, 0] for o, d, p, _ in record(1)["notes"]])
    short = record(4, notes=record(4)["notes"][:10])
    irregular = record(5, bars=[0, 96, 180, 260, 340, 420, 500, 580, 660, 768])
    pieces, report = load([packaged(tmp_path, record(1), transposed, short, irregular, record(6, meter=[]))])
    assert len(pieces) == 1
    assert {why for _, why in report.dropped} == {"duplicate", "fewer than 16 notes", "irregular bars", "no metre"}


def test_pickup_comes_from_the_first_bar():
    score = record_score(record(1, bars=[24, *range(120, 800, 96)]) | {"bars": [0, 24, *range(120, 800, 96)]})
    assert score.pickup == 24 and score.barlines[:3] == (0, 24, 120)


def test_a_file_that_is_no_corpus_is_refused(tmp_path):
    (tmp_path / "oneills-1850.jsonl.gz").write_bytes(b"not gzip")
    with pytest.raises(ScoreError, match="not a packaged corpus"):
        load([tmp_path])


def test_missing_corpus_is_named(monkeypatch, tmp_path):
    monkeypatch.setenv("ZOO_CORPUS", str(tmp_path / "nowhere"))
    with pytest.raises(ScoreError, match="ZOO_CORPUS"):
        load()


def test_a_folder_of_files(tmp_path):
    for number in range(3):
        notes = tuple(Note(24 * i, 24, 60 + (i * (number + 3)) % 11) for i in range(32))
        zoo.write(Score(parts=(Part(notes),)), tmp_path / f"tune{number}.mid")
    (tmp_path / "broken.mid").write_bytes(b"\x89PNG")
    pieces, report = load([tmp_path])
    assert [p.source for p in pieces] == ["tune0.mid", "tune1.mid", "tune2.mid"]
    assert sum(report.dropped.values()) == 1
    assert {p.split for p in pieces} == {"train", "valid", "test"} and {p.style for p in pieces} == {"folk"}
    assert {p.style for p in load([tmp_path], only=["mine"])[0]} == {"mine"}


def test_a_tunebook_is_many_tunes(tmp_path):
    tunes = [f"X:{n}\nT:Tune {n}\nM:4/4\nL:1/8\nK:D\n|:{'DFAd fdAF|' * n}BAGF EDCD:|\n" for n in range(2, 7)]
    (tmp_path / "book.abc").write_text("% a book\n\n" + "\n".join(tunes))
    pieces, _ = load([tmp_path])
    assert [p.title for p in pieces] == [f"Tune {n}" for n in range(2, 7)]
    assert len({p.family for p in pieces}) == len({p.id for p in pieces}) == 5


@pytest.mark.parametrize(("count", "held_out"), [(2, 0), (3, 1), (9, 1), (10, 2), (50, 5), (1000, 100)])
def test_a_folder_of_any_size_has_something_held_out(count, held_out):
    pieces = [unsplit(f"tune {i}") for i in range(count)]
    splits = {p.family: p.split for p in with_splits(pieces)}
    counted = list(splits.values())
    assert counted.count("valid") == counted.count("test") == held_out
    assert splits == {p.family: p.split for p in with_splits(pieces[::-1])}, "in any order"


def test_variants_of_one_name_stay_together(tmp_path):
    for number, name in enumerate(["the_kesh", "The Kesh (2)", "the-kesh v2", "sub/The Kesh"]):
        path = tmp_path / f"{name}.mid"
        path.parent.mkdir(exist_ok=True)
        notes = tuple(Note(24 * i, 24, 60 + (i * (number + 3)) % 11) for i in range(32))
        zoo.write(Score(parts=(Part(notes),)), path)
    pieces, _ = load([tmp_path])
    assert {p.family for p in pieces} == {"the kesh"}


def unsplit(family: str) -> Piece:
    return Piece(family, "", "", "", "", "folk", "file", "", family, Score(parts=()))


def test_skyline_takes_the_top_and_cuts_overlaps():
    notes = (Note(0, 48, 60), Note(0, 48, 72), Note(24, 24, 67))
    assert skyline(notes) == (Note(0, 24, 72), Note(24, 24, 67))


def test_melody_is_the_first_part_with_pitches():
    score = Score(parts=(Part((Note(0, 24, 40),), is_drum=True), Part((Note(0, 24, 70),)), Part((Note(0, 24, 80),))))
    assert [n.pitch for n in melody(score).notes] == [70]


def test_sections_fall_apart_at_long_rests():
    bar = Meter(4, 4).bar_ticks
    notes = [Note(bar * b + 24 * i, 24, 60) for b in (0, 1, 2, 3, 4, 8, 9, 10, 11) for i in range(4)]
    first, second = sections(Score(parts=(Part(tuple(notes)),)))
    assert (first.bars, second.bars) == (5, 4) and second.notes[0].onset == 0


def test_a_late_entry_is_a_pickup():
    bar = Meter(4, 4).bar_ticks
    notes = [Note(72, 24, 60), *(Note(bar * b + 24 * i, 24, 62) for b in range(1, 5) for i in range(4))]
    (section,) = sections(Score(parts=(Part(tuple(notes)),)))
    assert section.pickup == 24 and section.notes[0].onset == 0 and section.bars == 4


@needs_corpora
def test_the_chorales_of_the_packaged_corpora():
    pieces, report = load([PACKAGED / "bach-chorales.jsonl.gz"])
    assert 320 < len(pieces) <= 344
    assert {p.split for p in pieces} == {"train", "valid", "test"}
    families = {}
    for p in pieces:
        assert families.setdefault(p.family, p.split) == p.split, "a family is never split"
    assert sum(report.dropped.values()) + len(pieces) == 344
