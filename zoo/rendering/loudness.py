"""One loudness for every piece: ITU-R BS.1770, with a ceiling for the peaks."""

import numpy as np
import pyloudnorm
from scipy.ndimage import minimum_filter1d, uniform_filter1d

TARGET_LUFS = -16.0
CEILING = 10 ** (-1.5 / 20)  # sample peak; leaves the true peak, and what MP3 and OGG add to it, below 0 dBFS
_BLOCK_SECONDS = 0.4  # BS.1770 measures blocks of this length
_ATTACK_SECONDS = 0.005


def normalise(samples: np.ndarray, rate: int) -> np.ndarray:
    """Samples (frames, 2) brought to -16 LUFS and held under -1.5 dBFS. Silence stays silence.

    Where both can't be had (a few sharp plucks with silence between), the ceiling wins.
    """
    for _ in range(4):  # limiting takes a little loudness away: give it back, limit again
        loudness = measure(samples, rate)
        if not np.isfinite(loudness) or abs(loudness - TARGET_LUFS) < 0.1:
            return samples
        samples = samples * np.float32(10 ** ((TARGET_LUFS - loudness) / 20))
        if np.abs(samples).max() <= CEILING:
            return samples
        samples = _limit(samples, rate)
    return samples


def measure(samples: np.ndarray, rate: int) -> float:
    """Integrated loudness in LUFS; minus infinity for silence. Clips shorter than one block are repeated."""
    block = int(rate * _BLOCK_SECONDS) + 1
    if len(samples) < block:
        samples = np.resize(samples, (block, samples.shape[1]))
    with np.errstate(divide="ignore"):
        return float(pyloudnorm.Meter(rate).integrated_loudness(samples))


def _limit(samples: np.ndarray, rate: int) -> np.ndarray:
    """A look-ahead limiter: the gain is down before a peak arrives, and moves too slowly to be heard as distortion."""
    peaks = np.maximum(*np.abs(samples.T))
    width = 2 * int(rate * _ATTACK_SECONDS) + 1
    gain = np.minimum(1, CEILING / np.maximum(peaks, CEILING))
    # The lowest gain within reach, then its running mean over the same reach: never above what a peak allows.
    gain = uniform_filter1d(minimum_filter1d(gain, width), width)
    return samples * gain[:, None]
