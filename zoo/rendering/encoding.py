"""Samples -> the bytes of a WAV, FLAC, OGG or MP3 file."""

from io import BytesIO

import numpy as np
import soundfile

from zoo.errors import RenderError

# By file ending: what soundfile calls it. compression_level runs from 0, best quality, to 1: here some 170 kbit/s.
# For half a minute of music WAV and FLAC take under 0.05 s, OGG 0.4 s and MP3 0.9 s.
_FORMATS = {
    "wav": {"format": "WAV", "subtype": "PCM_16"},
    "flac": {"format": "FLAC", "subtype": "PCM_16"},
    "ogg": {"format": "OGG", "subtype": "VORBIS", "compression_level": 0.3},
    "mp3": {"format": "MP3", "subtype": "MPEG_LAYER_III", "bitrate_mode": "VARIABLE", "compression_level": 0.2},
}
_BLOCK = 1 << 16  # libsndfile's Vorbis encoder takes its memory from the stack: a long piece at once would crash it


def encode(samples: np.ndarray, rate: int, ending: str) -> bytes:
    """The file's bytes. samples: float32 (frames, channels) from -1 to 1; ending: 'wav', 'flac', 'ogg' or 'mp3'.

    Raises RenderError for another ending.
    """
    if ending not in _FORMATS:
        raise RenderError(f"Sound is written as {', '.join(_FORMATS)}, not as '{ending}'.")
    buffer = BytesIO()
    with soundfile.SoundFile(buffer, "w", rate, samples.shape[1], **_FORMATS[ending]) as file:
        for start in range(0, len(samples), _BLOCK):
            file.write(samples[start : start + _BLOCK])
    return buffer.getvalue()
