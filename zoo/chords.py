"""Chord symbols: 'Am7', 'D7/F#', 'Bbm7b5' <-> root, tones and bass."""

import re

from zoo.theory import MINOR_MODES, Key, pitch_class

_NAMES = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
_SYMBOL = re.compile(r"([A-G][#b]*)([^/]*)(?:/([A-G][#b]*))?")

# Intervals above the root. Longest match first, so that 'm7b5' is not read as 'm'.
_QUALITIES = {
    "m7b5": (0, 3, 6, 10), "dim7": (0, 3, 6, 9), "maj7": (0, 4, 7, 11), "maj9": (0, 4, 7, 11), "M7": (0, 4, 7, 11),
    "min7": (0, 3, 7, 10), "7sus4": (0, 5, 7, 10), "sus4": (0, 5, 7), "sus2": (0, 2, 7), "sus": (0, 5, 7),
    "dim": (0, 3, 6), "aug": (0, 4, 8), "min": (0, 3, 7), "maj": (0, 4, 7), "m7": (0, 3, 7, 10), "m6": (0, 3, 7, 9),
    "m9": (0, 3, 7, 10), "7#5": (0, 4, 8, 10), "7b5": (0, 4, 6, 10), "+7": (0, 4, 8, 10), "ø": (0, 3, 6, 10),
    "o7": (0, 3, 6, 9), "m": (0, 3, 7), "-": (0, 3, 7), "+": (0, 4, 8), "o": (0, 3, 6), "°": (0, 3, 6),
    "6": (0, 4, 7, 9), "7": (0, 4, 7, 10), "9": (0, 4, 7, 10), "11": (0, 4, 7, 10), "13": (0, 4, 7, 10), "": (0, 4, 7),
}
# What models read and write; all others become one of them.
PLAIN_QUALITIES = ("", "m", "7", "m7", "maj7", "6", "m6", "dim", "dim7", "m7b5", "aug")
_PLAIN_OF = {_QUALITIES[quality]: quality for quality in PLAIN_QUALITIES}
_BY_LENGTH = sorted(_QUALITIES, key=len, reverse=True)


def chord_tones(symbol: str) -> tuple[int, tuple[int, ...], int] | None:
    """(root, tones, bass) as pitch classes 0 to 11, tones from the root up; None for 'N.C.' or an unreadable symbol."""
    match = _SYMBOL.fullmatch(symbol.strip())
    if not match:
        return None
    root = pitch_class(match[1])
    quality = next(q for q in _BY_LENGTH if match[2].startswith(q))
    tones = tuple((root + interval) % 12 for interval in _QUALITIES[quality])
    return root, tones, pitch_class(match[3]) if match[3] else root


def simplify(symbol: str) -> tuple[int, str] | None:
    """(root, one of PLAIN_QUALITIES), the nearest; None for 'N.C.' or an unreadable symbol. The bass is left out."""
    read = chord_tones(symbol)
    if read is None:
        return None
    root, tones, _ = read
    intervals = tuple((tone - root) % 12 for tone in tones)
    return root, _PLAIN_OF.get(intervals) or _PLAIN_OF.get(intervals[:3], "7" if 10 in intervals else "")


def transpose_symbol(symbol: str, semitones: int) -> str:
    """The symbol so many semitones higher; what is no chord stays as it is."""
    match = _SYMBOL.fullmatch(symbol)
    if not match:
        return symbol
    moved = [_NAMES[(pitch_class(name) + semitones) % 12] if name else "" for name in (match[1], match[3])]
    return moved[0] + match[2] + ("/" + moved[1] if moved[1] else "")


def chord_symbol(root: int, quality: str, key: Key) -> str:
    """The symbol of a chord on a pitch class (0 to 11), its root spelt as near as can be to the key's own notes."""
    # As a row of fifths: in major from the flat sixth to the sharp tonic, in minor from the flat second to the
    # leading tone.
    lowest = key.fifths - (3 if key.mode in MINOR_MODES else 4)
    fifths = lowest + (7 * root - lowest) % 12
    return Key.from_fifths(fifths).tonic + quality
