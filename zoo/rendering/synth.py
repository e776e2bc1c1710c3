"""MIDI file -> WAV file by FluidSynth, within a time limit."""

import os
import signal
import subprocess

import midi2audio

from zoo.errors import RenderError
from zoo.rendering.tools import find_fluidsynth, find_soundfont

RATE = 44100


class FluidSynth(midi2audio.FluidSynth):
    """midi2audio's FluidSynth with what that leaves out: settings, a time limit and the exit status.

    midi2audio calls the program without any of them and offers no place to add them, so its one method
    is replaced. Raises RenderError where fluidsynth or a SoundFont is missing.
    """

    def __init__(self, seconds: float):
        """seconds: how long the program may take before it is killed."""
        super().__init__(find_soundfont(), RATE)
        self.program = find_fluidsynth()
        self.seconds = seconds

    def midi_to_audio(self, midi_file: str, audio_file: str) -> None:
        """Write audio_file, stereo float32 WAV. Raises RenderError when FluidSynth fails or takes too long."""
        command = [
            self.program, "-ni", "-q", "-r", str(self.sample_rate),
            "-f", os.devnull,  # no settings from the user's home: the same score sounds the same everywhere
            "-o", "synth.default-soundfont=",  # else a broken SoundFont is quietly replaced by another
            "-o", "synth.dynamic-sample-loading=1",  # load the instruments in use, not all 148 MB: saves half the time
            "-C", "0",  # no chorus: it blurs solo instruments, and costs a quarter of the time
            "-O", "float", "-T", "wav", "-F", audio_file,
            self.sound_font, midi_file,
        ]
        # No pipes, and a process group of its own: nothing the program leaves behind can keep us waiting.
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            status = process.wait(self.seconds)
        except subprocess.TimeoutExpired:
            raise RenderError(f"The sound was not ready in {self.seconds:.0f} seconds; use a shorter piece.") from None
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        # FluidSynth also exits 0 on many errors: a missing output file is one sign of them, silence another.
        if status or not os.path.isfile(audio_file):
            raise RenderError(f"FluidSynth failed (status {status}) with '{self.sound_font}'; try another SoundFont.")
