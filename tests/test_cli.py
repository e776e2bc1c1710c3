"""The command line: the verbs, their files, and one line for every mistake."""

import json

import pytest
from tiny_vae import save_tiny_vae

import zoo
from zoo.cli import main

pytestmark = pytest.mark.usefixtures("here")


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def test_list_json_is_json_and_nothing_else(capsys):
    assert main(["list", "--json"]) == 0
    assert "lstm" in [card["name"] for card in json.loads(capsys.readouterr().out)]


def test_generate_twice_gives_the_same_bytes(tmp_path):
    command = ["generate", "lstm", "--style", "folk", "--notes", "C4 E4 G4", "--seed", "7", "--bars", "4", "--out"]
    assert main([*command, "a.mid"]) == main([*command, "b.mid"]) == 0
    assert (tmp_path / "a.mid").read_bytes() == (tmp_path / "b.mid").read_bytes()
    score = zoo.read("a.mid")
    assert [n.pitch for n in score.parts[0].notes[:3]] == [60, 64, 67] and len(score.parts) > 1
    assert len({n.velocity for n in score.notes}) > 5, "no typewriter"


def test_notes_longer_than_a_file_name():
    notes = " ".join(["C4 E4 G4 E4"] * 25)
    assert main(["generate", "lstm", "--notes", notes, "--seed", "7", "--bars", "64", "--out", "a.mid"]) == 0
    assert [n.pitch for n in zoo.read("a.mid").parts[0].notes[:100]] == [60, 64, 67, 64] * 25


def test_generate_without_accompaniment():
    assert main(["generate", "lstm", "--seed", "7", "--bars", "4", "--no-accompaniment", "--out", "a.mid"]) == 0
    assert len(zoo.read("a.mid").parts) == 1


def test_generate_goes_on_from_a_file():
    assert main(["generate", "lstm", "--seed", "7", "--bars", "4", "--no-accompaniment", "--out", "a.abc"]) == 0
    assert main(["generate", "lstm", "--notes", "a.abc", "--seed", "8", "--bars", "8", "--out", "b.mid"]) == 0
    first, second = zoo.read("a.abc"), zoo.read("b.mid")
    assert [n.pitch for n in second.parts[0].notes[: len(first.notes)]] == [n.pitch for n in first.notes]


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["generate", "lstm", "--notes", "H9"], "H9"),
        (["generate", "lstm", "--notes", " ".join(["C4"] * 10_000)], "notes"),
        (["generate", "lstm", "--temperature", "-1"], "temperature"),
        (["generate", "lstm", "--temperature", "nan"], "temperature"),
        (["generate", "lstm", "--bars", "3.5"], "bars"),
        (["generate", "lstm", "--style", "polka"], "polka"),
        (["generate", "lstm", "--notes", "missing.mid"], "missing.mid"),
        (["generate", "lstm", "--notes", "png.mid"], "MIDI"),
        (["generate", "lstm", "--notes", "long.mid"], "long"),
        (["generate", "gpt9"], "gpt9"),
        (["generate"], "model"),
        (["train", "nothing", "--out", "x"], "nothing"),
        (["train", "lstm", "--corpus", "nowhere", "--out", "x"], "nowhere"),
        (["train", "lstm", "--out", "png.mid"], "is a file"),
        (["generate", "m" * 5000], "mmm"),
        (["train", "lstm", "--seed", "-1", "--out", "x"], "--seed"),
        (["train", "lstm", "--out", "no/such/folder/run"], "folder"),
        (["frobnicate"], "frobnicate"),
        ([], "VERB"),
    ],
)
def test_every_mistake_gets_one_line_and_status_2(tmp_path, capsys, arguments, word):
    (tmp_path / "png.mid").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(40))
    (tmp_path / "long.mid").write_bytes(
        b"MThd\x00\x00\x00\x06\x00\x00\x00\x01\x00\x01MTrk\x00\x00\x00\x16"
        b"\x00\xff\x51\x03\xff\xff\xff"  # the slowest tempo: 17 s a quarter note
        b"\x00\x90\x3c\x40\xff\xff\xff\x7f\x80\x3c\x00\x00\xff\x2f\x00"  # one note of 2**28 - 1 quarter notes
    )
    assert (tmp_path / "long.mid").stat().st_size == 44
    out = ["--out", "a.mid"] if arguments[:1] == ["generate"] else []
    assert main([*arguments, *out]) == 2
    shown = capsys.readouterr()
    assert shown.out == "" and shown.err.count("\n") == 1 and word in shown.err
    assert not (tmp_path / "a.mid").exists()


@pytest.fixture
def vae(tmp_path):
    """The name of an untrained VAE, and two tunes: in G with an upbeat, and in C, both in 4/4."""
    (tmp_path / "a.abc").write_text("X:1\nM:4/4\nL:1/8\nK:G\nD|G2 B2 d2 B2|c2 A2 F2 A2|G6|")
    (tmp_path / "b.abc").write_text("X:1\nM:4/4\nL:1/8\nK:C\nc4 e2 d2|c8|g8|")
    return str(save_tiny_vae(tmp_path / "tiny"))


def pitches(path):
    return [n.pitch for n in zoo.read(path).parts[0].notes]


def test_interpolate_writes_the_steps_from_one_tune_to_the_other(vae, tmp_path):
    command = ["interpolate", "a.abc", "b.abc", "--model", vae, "--style", "song", "--out", "way"]
    assert main(command) == 0
    assert sorted(path.name for path in (tmp_path / "way").iterdir()) == [f"{number}.mid" for number in range(1, 8)]
    assert pitches("way/1.mid") == [67, 71, 74, 71, 72, 69, 66, 69, 67]
    assert pitches("way/7.mid") == [n - 5 for n in (72, 76, 74, 72, 79)], "in G"
    assert len(zoo.read("way/4.mid").parts) > 1
    assert main([*command, "--steps", "3", "--no-accompaniment"]) == 0
    assert len(zoo.read("way/3.mid").parts) == 1


def test_variations_go_their_own_ways(vae, tmp_path):
    command = ["variations", "a.abc", "--model", vae, "-n", "2", "--seed", "3", "--no-accompaniment", "--distance"]
    assert main([*command, "0", "--out", "same"]) == main([*command, "0.8", "--out", "far"]) == 0
    tune = [62, 67, 71, 74, 71, 72, 69, 66, 69, 67]
    assert pitches("same/1.mid") == pitches("same/2.mid") == tune
    assert tune != pitches("far/1.mid") != pitches("far/2.mid") != tune and not (tmp_path / "far" / "3.mid").exists()
    assert main([*command, "0.8", "--out", "again"]) == 0
    assert (tmp_path / "far" / "2.mid").read_bytes() == (tmp_path / "again" / "2.mid").read_bytes()


def test_attributes_are_measured_or_moved(vae, capsys):
    assert main(["attributes", "b.abc", "--model", vae]) == 0
    assert [line.split()[:2] for line in capsys.readouterr().out.splitlines()] == [
        ["density", "0.42"], ["height", "74.60"], ["syncopation", "0.00"]
    ]
    command = ["attributes", "a.abc", "--model", vae, "--no-accompaniment", "--density", "3", "--height", "-1", "--out"]
    assert main([*command, "c.mid", "--out", "c.abc"]) == 0
    assert pitches("c.mid") == pitches("c.abc") != pitches("a.abc")
    assert "c.abc: density +3, height -1, 3 bars" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["interpolate", "a.abc"], "B"),
        (["interpolate", "a.abc", "missing.mid"], "missing.mid"),
        (["interpolate", "a.abc", "b.abc", "--steps", "1"], "2 to 33"),
        (["interpolate", "a.abc", "waltz.abc"], "in 3/4"),
        (["interpolate", "a.abc", "b.abc", "--style", "polka"], "polka"),
        (["interpolate", "a.abc", "b.abc", "--model", "lstm"], "family is lstm"),
        (["interpolate", "a.abc", "b.abc", "--model", "vea"], "vea"),
        (["interpolate", "a.abc", "b.abc", "--out", "a.abc"], "no folder"),
        (["variations", "a.abc"], "--distance"),
        (["variations", "a.abc", "--distance", "2"], "0 (the tune itself) to 1"),
        (["variations", "a.abc", "--distance", "0.5", "-n", "0"], "1 to 32"),
        (["variations", "a.abc", "--distance", "0.5", "--seed", "-1"], "--seed"),
        (["attributes", "a.abc", "--density", "much", "--out", "c.mid"], "much"),
        (["attributes", "a.abc", "--density", "9", "--out", "c.mid"], "-3 to 3"),
        (["attributes", "a.abc", "--density", "1"], "--out"),
        (["attributes", "a.abc", "--out", "c.mid"], "--density"),
        (["attributes", "a.abc", "--density", "1", "--out", "c.xyz"], "c.xyz"),
    ],
)
def test_mistakes_about_places_get_one_line_and_status_2(vae, tmp_path, capsys, arguments, word):
    (tmp_path / "waltz.abc").write_text("X:1\nM:3/4\nL:1/8\nK:C\nc6|")
    out = ["--out", "way"] if arguments[0] != "attributes" and "--out" not in arguments else []
    model = [] if "--model" in arguments else ["--model", vae]
    assert main([*arguments, *model, *out]) == 2
    shown = capsys.readouterr()
    assert shown.out == "" and shown.err.count("\n") == 1 and word in shown.err
    assert not list(tmp_path.glob("**/*.mid"))


@pytest.mark.parametrize("path", ["a.xyz", "no/such/a.mid", "."])
def test_bad_outputs_are_refused_before_any_work(capsys, path):
    assert main(["generate", "lstm", "--out", path]) == 2
    assert capsys.readouterr().err.count("\n") == 1
