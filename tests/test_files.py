"""Files by their ending: what comes back, and the one sentence for each thing that can't be done."""

import os
import subprocess
import sys

import pytest

from zoo import files
from zoo.errors import RenderError, ScoreError
from zoo.notation import read_text

SCORE = read_text("C4 E4:0.5 G4:0.5 [C4 E4 G4]:2")
PNG = b"\x89PNG\r\n\x1a\n" + bytes(100)


def plain(score):
    return [(note.onset, note.duration, note.pitch) for note in score.notes]


@pytest.mark.parametrize("ending", [".mid", ".midi", ".MID", ".abc", ".musicxml", ".xml", ".mxl"])
def test_what_is_written_can_be_read(tmp_path, ending):
    path = tmp_path / f"tune{ending}"
    files.write(SCORE, path)
    assert plain(files.read(path)) == plain(SCORE)
    assert os.listdir(tmp_path) == [path.name]


def test_a_path_may_be_text_and_a_file_is_replaced(tmp_path):
    path = str(tmp_path / "tune.mid")
    files.write(read_text("C4"), path)
    files.write(SCORE, path)
    assert plain(files.read(path)) == plain(SCORE)


@pytest.mark.parametrize("ending, magic", [
    (".wav", b"RIFF"), (".ogg", b"OggS"), (".svg", b"<"), (".png", b"\x89PNG"), (".pdf", b"%PDF"),
])
def test_sound_and_pictures(tmp_path, ending, magic):
    try:
        files.write(SCORE, tmp_path / f"tune{ending}")
    except RenderError as error:
        if "install" not in str(error):
            raise
        pytest.skip(str(error))  # the machine lacks FluidSynth or Cairo
    assert (tmp_path / f"tune{ending}").read_bytes().startswith(magic)


@pytest.mark.parametrize("name, part_of_message", [
    ("missing.mid", "There is no file"),
    ("folder.mid", "is a folder"),
    ("tune.docx", ".mid, .midi, .abc, .musicxml, .xml, .mxl"),
    ("tune", "ending that can't be read"),
    ("tune.wav", "ending that can't be read"),
    ("picture.mid", "not a MIDI file"),
    ("picture.abc", "not ABC"),
    ("picture.musicxml", "MusicXML"),
    ("large.mid", "larger than 10 MB"),
    ("x" * 300 + ".mid", "can't be read"),
    ("a\0b.mid", "There is no file"),
])
def test_what_can_not_be_read(tmp_path, name, part_of_message):
    (tmp_path / "folder.mid").mkdir()
    for picture in ("picture.mid", "picture.abc", "picture.musicxml"):
        (tmp_path / picture).write_bytes(PNG)
    with open(tmp_path / "large.mid", "wb") as large:
        large.truncate(files.MAX_BYTES + 1)
    with pytest.raises(ScoreError) as caught:
        files.read(tmp_path / name)
    assert part_of_message in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name, part_of_message", [
    ("missing/tune.mid", "There is no folder"),
    ("folder.mid", "is a folder"),
    ("tune.docx", ".wav, .flac, .ogg, .mp3, .svg, .png, .pdf"),
    ("tune", "ending that can't be written"),
    ("file.mid/tune.mid", "There is no folder"),
    ("x" * 300 + ".mid", "can't be written"),
    ("a\0b.mid", "can't be written"),
])
def test_what_can_not_be_written(tmp_path, name, part_of_message):
    (tmp_path / "folder.mid").mkdir()
    (tmp_path / "file.mid").write_bytes(b"")
    with pytest.raises(ScoreError) as caught:
        files.write(SCORE, tmp_path / name)
    assert part_of_message in str(caught.value)
    assert "\n" not in str(caught.value)
    assert sorted(os.listdir(tmp_path)) == ["file.mid", "folder.mid"]


def test_a_failed_write_leaves_the_old_file_whole(tmp_path, monkeypatch):
    path = tmp_path / "tune.mid"
    files.write(SCORE, path)
    before = path.read_bytes()

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(ScoreError, match="No space left on device"):
        files.write(read_text("D4"), path)
    assert path.read_bytes() == before
    assert os.listdir(tmp_path) == ["tune.mid"]


def test_importing_it_loads_no_notation_library():
    heavy = "import sys, zoo.files, zoo.notation; sys.exit(any(m in sys.modules for m in ('music21', 'mido', 'numpy')))"
    assert subprocess.run([sys.executable, "-c", heavy], check=False).returncode == 0
