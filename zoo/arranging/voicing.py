"""Chord tones as keys to press: each chord near the one before, below the melody."""

from collections.abc import Sequence

_LOWEST, _HIGHEST = 45, 69  # A2 to A4, the middle of the keyboard and the guitar
_CENTRE = 57
_BASS_LOWEST, _BASS_HIGHEST = 28, 46  # from the double bass's lowest string up, under the chords
_BASS_CENTRE = 38
_CLEAR = 3  # semitones between the chord and the melody above it, where there is room


def three_voices(tones: Sequence[int]) -> tuple[int, ...]:
    """Three pitch classes of a chord: of four tones the fifth is left out, or the root where the fifth is altered."""
    if len(tones) < 4:
        return tuple(tones)
    perfect = (tones[2] - tones[0]) % 12 == 7
    return tuple(tones[i] for i in ((0, 1, 3) if perfect else (1, 2, 3)))


def voice(tones: Sequence[int], before: tuple[int, ...], melody: int) -> tuple[int, ...]:
    """The chord's pitches, ascending and close together: the inversion nearest to the chord before.

    tones: pitch classes; before: the last chord's pitches, or () for none; melody: all pitches lie below it.
    () where nothing fits between A2 and the melody.
    """
    return _nearest(tones, before, melody - _CLEAR) or _nearest(tones, before, melody - 1)


def _nearest(tones: Sequence[int], before: tuple[int, ...], ceiling: int) -> tuple[int, ...]:
    ceiling = min(ceiling, _HIGHEST)
    best, least = (), float("inf")
    for bottom in range(_LOWEST, ceiling + 1):
        if bottom % 12 not in tones:
            continue
        pitches = tuple(sorted(bottom + (tone - bottom) % 12 for tone in tones))
        if pitches[-1] > ceiling:
            continue
        cost = 0.3 * abs(sum(pitches) / len(pitches) - _CENTRE)
        if len(before) == len(pitches):
            cost += sum(abs(a - b) for a, b in zip(before, pitches))
        if cost < least:
            best, least = pitches, cost
    return best


def bass(tone: int, before: int, melody: int) -> int | None:
    """The pitch of that class in the bass's range near to the one before; None where the melody leaves no room."""
    pitches = [p for p in range(_BASS_LOWEST, min(_BASS_HIGHEST, melody - 1) + 1) if p % 12 == tone]
    return min(pitches, key=lambda p: (abs(p - before) + abs(p - _BASS_CENTRE), p), default=None)


def octave(pitch: int, melody: int) -> tuple[int, ...]:
    """A bass note with its octave: the lower where it is in range, else the upper where it is clear of the melody."""
    other = pitch - 12 if pitch - 12 >= _BASS_LOWEST else pitch + 12
    return tuple(sorted((pitch, other))) if other < melody else (pitch,)
