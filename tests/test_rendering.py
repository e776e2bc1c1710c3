"""Sound, on the real FluidSynth and SoundFont where they are installed."""

import io
import shutil
import stat
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import soundfile

import zoo
from zoo.arranging import arrange
from zoo.errors import RenderError
from zoo.rendering import encode, find_fluidsynth, find_soundfont, render
from zoo.rendering.loudness import measure, normalise
from zoo.rendering.synth import FluidSynth
from zoo.score import Note, Part, Score, melody_score
from zoo.theory import Meter


def _can_sound() -> bool:
    try:
        return bool(find_fluidsynth() and find_soundfont())
    except RenderError:
        return False


needs_sound = pytest.mark.skipif(not _can_sound(), reason="fluidsynth or a SoundFont is not installed")


def tune(pitches, program=0, ticks=24, **fields) -> Score:
    notes = tuple(Note(i * ticks, ticks, pitch) for i, pitch in enumerate(pitches))
    return Score(parts=(Part(notes, program=program),), **fields)


SCALE = (60, 62, 64, 65, 67, 69, 71, 72) * 4


def strongest_pitch(samples: np.ndarray, rate: int) -> float:
    """MIDI pitch of the strongest frequency."""
    spectrum = np.abs(np.fft.rfft(samples.sum(axis=1) * np.hanning(len(samples))))
    return 69 + 12 * np.log2(spectrum.argmax() * rate / len(samples) / 440)


@needs_sound
@pytest.mark.parametrize("program", [0, 19, 24, 40, 65, 73])
def test_length_and_loudness(program):
    score = tune(SCALE, program)
    samples, rate = render(score)
    assert rate == 44100 and samples.dtype == np.float32 and samples.ndim == 2 and samples.shape[1] == 2
    assert score.seconds <= len(samples) / rate <= score.seconds + 1.5
    assert abs(measure(samples, rate) + 16) < 0.5
    assert np.abs(samples).max() < 10 ** (-1 / 20)


@needs_sound
def test_onsets_are_the_scores():
    """A sparse melody's energy rises where its notes begin."""
    onsets = [0, 48, 120, 144, 240, 300]
    score = melody_score((Note(onset, 20, 72) for onset in onsets), tempos=((0, 100.0),))
    samples, rate = render(score)
    window = rate // 100
    energy = np.square(samples[: len(samples) // window * window]).reshape(-1, window * 2).sum(axis=1)
    rises = np.flatnonzero(np.diff(10 * np.log10(energy + 1e-9), prepend=-90) > 8) * window / rate
    found = [rises[0], *(b for a, b in pairwise(rises) if b - a > 0.1)]
    assert len(found) == len(onsets)
    assert np.allclose(found, [score.seconds_at(onset) for onset in onsets], atol=0.03)


@needs_sound
def test_the_same_score_gives_the_same_samples():
    assert np.array_equal(render(tune(SCALE))[0], render(tune(SCALE))[0])


@needs_sound
def test_parallel_renders_do_not_mix():
    pitches = [48, 55, 60, 67, 72, 79]
    with ThreadPoolExecutor(6) as pool:
        sounds = list(pool.map(lambda pitch: render(tune([pitch] * 4, program=73)), pitches))
    for pitch, (samples, rate) in zip(pitches, sounds):
        off = strongest_pitch(samples, rate) - pitch
        assert abs(off - 12 * round(off / 12)) < 0.3  # the note or its octave


@needs_sound
def test_nothing_is_left_behind(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    render(tune(SCALE))
    monkeypatch.setenv("ZOO_SOUNDFONT", "/nowhere.sf2")
    with pytest.raises(RenderError):
        render(tune(SCALE))
    assert list(tmp_path.iterdir()) == []


@needs_sound
def test_one_short_note_is_heard_and_rings_out():
    samples, rate = render(melody_score([Note(0, 1, 60)]))
    assert 0.2 < len(samples) / rate < 1.6
    assert np.abs(samples).max() > 0.05 and np.abs(samples[-100:]).max() < 0.01


@needs_sound
def test_a_tempo_change_long_after_the_end_does_not_lengthen_the_sound():
    late = 10**9
    score = tune(SCALE, tempos=((0, 120.0), (late, 60.0)), meters=((0, Meter(4, 4)), (late, Meter(3, 4))))
    samples, rate = render(score)
    assert len(samples) / rate < 18


@needs_sound
def test_drums_alone_sound():
    score = Score(parts=(Part(tuple(Note(i * 24, 6, 38) for i in range(8)), is_drum=True),))
    assert np.abs(render(score)[0]).max() > 0.05


def test_no_notes_is_a_short_silence():
    samples, rate = render(Score(parts=()))
    assert len(samples) == rate // 2 and not samples.any()


def test_too_long_is_refused_before_any_program_runs(monkeypatch):
    monkeypatch.setenv("PATH", "")
    with pytest.raises(RenderError, match="minutes"):
        render(melody_score([Note(0, 24, 60), Note(300_000, 24, 60)]))


def test_missing_soundfont(monkeypatch):
    monkeypatch.setenv("ZOO_SOUNDFONT", "/nowhere/at-all.sf2")
    with pytest.raises(RenderError, match=r"/nowhere/at-all\.sf2"):
        render(tune(SCALE))
    monkeypatch.delenv("ZOO_SOUNDFONT")
    monkeypatch.setattr("zoo.rendering.tools._FOLDERS", ("/nowhere",))
    with pytest.raises(RenderError, match="apt-get install fluidsynth fluid-soundfont-gm"):
        render(tune(SCALE))


CUT_SHORT = b"RIFF\xff\xff\xff\x00sfbk" + bytes(40)


@pytest.mark.parametrize("content", [b"", b"RIFF", b"\x89PNG\r\n\x1a\n" + bytes(40), CUT_SHORT])
def test_damaged_soundfont(monkeypatch, tmp_path, content):
    (tmp_path / "bad.sf2").write_bytes(content)
    monkeypatch.setenv("ZOO_SOUNDFONT", str(tmp_path / "bad.sf2"))
    with pytest.raises(RenderError, match="damaged"):
        render(tune(SCALE))


@needs_sound
def test_a_soundfont_without_instruments_is_noticed(monkeypatch, tmp_path):
    """FluidSynth exits 0 and writes silence, or fails: both are told."""
    (tmp_path / "empty.sf2").write_bytes(b"RIFF\x04\x00\x00\x00sfbk")
    monkeypatch.setenv("ZOO_SOUNDFONT", str(tmp_path / "empty.sf2"))
    with pytest.raises(RenderError, match="another"):
        render(tune(SCALE))


def test_missing_fluidsynth(monkeypatch, tmp_path):
    if not shutil.which("fluidsynth"):
        pytest.skip("fluidsynth is not installed")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(RenderError, match="apt-get install fluidsynth fluid-soundfont-gm"):
        render(tune(SCALE))


@needs_sound
def test_a_hanging_program_is_killed(monkeypatch, tmp_path):
    """Its children too: the stand-in starts one that would sleep on."""
    script = tmp_path / "fluidsynth"
    script.write_text(f"#!/bin/sh\n/bin/sleep 60 &\necho $! > {tmp_path}/child\nwait\n")
    script.chmod(script.stat().st_mode | stat.S_IEXEC)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(RenderError, match="not ready"):
        FluidSynth(seconds=1).midi_to_audio("in.mid", "out.wav")
    time.sleep(0.2)
    child = int((tmp_path / "child").read_text())
    state = Path(f"/proc/{child}/stat")
    assert not state.exists() or state.read_text().split()[2] == "Z"  # gone, or dead and not yet collected


@needs_sound
def test_a_failing_program_is_noticed(monkeypatch, tmp_path):
    script = tmp_path / "fluidsynth"
    script.write_text("#!/bin/sh\nexit 3\n")
    script.chmod(script.stat().st_mode | stat.S_IEXEC)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(RenderError, match="status 3"):
        render(tune(SCALE))


def noise(seconds: float, rate: int = 44100) -> np.ndarray:
    return np.random.default_rng(1).normal(0, 0.01, (int(seconds * rate), 2)).astype(np.float32)


def test_loudness_of_short_silent_and_peaky_sounds():
    assert abs(measure(normalise(noise(0.1), 44100), 44100) + 16) < 0.5
    assert not normalise(np.zeros((44100, 2), np.float32), 44100).any()
    peaky = noise(3)
    peaky[::22050] = 0.5  # clicks 34 dB above the rest
    loud = normalise(peaky, 44100)
    assert np.abs(loud).max() <= 10 ** (-1.4 / 20) and abs(measure(loud, 44100) + 16) < 0.5


@pytest.mark.parametrize("ending,kind", [("wav", "WAV"), ("flac", "FLAC"), ("ogg", "OGG"), ("mp3", "MP3")])
def test_encode(ending, kind):
    samples = normalise(noise(3), 44100)
    data = encode(samples, 44100, ending)
    info = soundfile.info(io.BytesIO(data))
    assert (info.format, info.samplerate, info.channels) == (kind, 44100, 2)
    back, _ = soundfile.read(io.BytesIO(data))
    assert abs(len(back) - len(samples)) < 3000 and np.abs(back).std() > 0.01


def test_a_long_piece_encodes_to_ogg():
    assert len(encode(noise(120), 44100, "ogg")) > 100_000


def test_unknown_ending():
    with pytest.raises(RenderError, match="mid"):
        encode(noise(1), 44100, "mid")


def test_the_verbs_stay_verbs():
    """A module named like its verb would take the verb's place once imported, as both rooms are here."""
    assert zoo.render is render and zoo.arrange is arrange
