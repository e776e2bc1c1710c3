"""Score -> sound: FluidSynth plays it, BS.1770 sets its loudness, soundfile writes it."""

import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import soundfile

from zoo.errors import RenderError
from zoo.notation import midi
from zoo.rendering.encoding import encode
from zoo.rendering.loudness import normalise
from zoo.rendering.synth import RATE, FluidSynth
from zoo.rendering.tools import find_fluidsynth, find_soundfont
from zoo.score import Score

__all__ = ["encode", "find_fluidsynth", "find_soundfont", "render"]

MAX_SECONDS = 600
_RING_SECONDS = 1.5  # how long the last note may ring on
_FADE_SECONDS = 0.3
_SILENCE = 1e-4  # -80 dBFS: FluidSynth's own noise lies below, its softest note above


def render(score: Score) -> tuple[np.ndarray, int]:
    """(samples, 44100): float32 (frames, 2) from -1 to 1, at -16 LUFS; the same score gives the same samples.

    As long as the score, plus at most a second and a half for the last note to ring. A score without notes
    gives half a second of silence.
    Raises RenderError for more than ten minutes of music, where fluidsynth or a SoundFont is missing (the text
    says how to get it), and where FluidSynth fails, hangs or writes silence.
    """
    if score.seconds > MAX_SECONDS:
        minutes = f"{score.seconds / 60:.1f} minutes; sound is made for {MAX_SECONDS // 60} at most"
        raise RenderError(f"The piece lasts {minutes}: use a shorter one or a faster tempo.")
    if not score.notes:
        return np.zeros((RATE // 2, 2), np.float32), RATE
    samples = _synthesise(score)
    pitched = (note for part in score.parts if not part.is_drum for note in part.notes)
    if any(note.velocity for note in pitched) and np.abs(samples).max(initial=0) < _SILENCE:
        raise RenderError(f"FluidSynth wrote silence with the SoundFont '{find_soundfont()}'; try another SoundFont.")
    return normalise(_cut(samples, score.seconds), RATE), RATE


def _synthesise(score: Score) -> np.ndarray:
    """FluidSynth's samples, through files in a folder that only this call knows and that goes with it."""
    # Changes after the last note are not heard, but would keep FluidSynth playing until they came.
    heard = replace(
        score,
        chords=(),
        **{name: tuple(c for c in getattr(score, name) if c[0] <= score.end) for name in ("meters", "keys", "tempos")},
    )
    with tempfile.TemporaryDirectory(prefix="zoo-render-") as folder:
        source, target = Path(folder, "score.mid"), Path(folder, "sound.wav")
        source.write_bytes(midi.write(heard))
        # About a hundredth of the playing time on one free core: this only stops what hangs.
        FluidSynth(seconds=30 + score.seconds / 10).midi_to_audio(str(source), str(target))
        return soundfile.read(target, dtype="float32", always_2d=True)[0]


def _cut(samples: np.ndarray, seconds: float) -> np.ndarray:
    """Without the silence at the end: the music, and what still sounds of the last note, faded out."""
    music = int(seconds * RATE)
    samples = samples[: music + int(_RING_SECONDS * RATE)]
    audible = np.abs(samples).max(initial=0) / 1000  # -60 dB
    ringing = np.flatnonzero((np.abs(samples[music:]) > audible).any(axis=1))
    samples = samples[: music + (int(ringing[-1]) + 1 if len(ringing) else 0)].copy()
    fade = min(int(_FADE_SECONDS * RATE), len(samples) - music)
    if fade > 0:
        samples[len(samples) - fade :] *= np.linspace(1, 0, fade, dtype=np.float32)[:, None]
    return samples
