"""Metre and key: the little music theory that every room shares."""

import re
from dataclasses import dataclass

TICKS_PER_QUARTER = 24  # carries 32nds (3 ticks) and sixteenth triplets (4 ticks)

STEPS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}  # semitones above C
_FIFTHS = {"F": -1, "C": 0, "G": 1, "D": 2, "A": 3, "E": 4, "B": 5}

# How many fifths a mode's signature lies from the major one on the same tonic.
MODES = {"major": 0, "minor": -3, "dorian": -2, "mixolydian": -1, "lydian": 1, "phrygian": -4}
MINOR_MODES = ("minor", "dorian", "phrygian")
_MODE_NAMES = {
    "": "major", "maj": "major", "major": "major", "ionian": "major", "ion": "major",
    "m": "minor", "min": "minor", "minor": "minor", "aeolian": "minor", "aeo": "minor",
    "dor": "dorian", "dorian": "dorian", "mix": "mixolydian", "mixolydian": "mixolydian",
    "lyd": "lydian", "lydian": "lydian", "phr": "phrygian", "phrygian": "phrygian",
}


def pitch_class(name: str) -> int:
    """'C' is 0, 'F#' 6, 'Bb' 10, 'B##' 1."""
    return (STEPS[name[0]] + name.count("#") - name.count("b")) % 12


@dataclass(frozen=True)
class Meter:
    """A time signature: numerator 1 to 32, denominator a power of two from 1 to 32.

    Raises ValueError for anything else.
    """

    numerator: int
    denominator: int

    def __post_init__(self):
        if not 1 <= self.numerator <= 32 or self.denominator not in (1, 2, 4, 8, 16, 32):
            raise ValueError(f"{self} is not a metre; write one like 4/4, 3/4 or 6/8.")

    @classmethod
    def parse(cls, text: str) -> "Meter":
        """Read '6/8' and the like."""
        match = re.fullmatch(r"\s*(\d{1,2})\s*/\s*(\d{1,2})\s*", str(text))
        if not match:
            raise ValueError(f"'{str(text)[:20]}' is not a metre; write one like 4/4, 3/4 or 6/8.")
        return cls(int(match[1]), int(match[2]))

    @property
    def bar_ticks(self) -> int:
        return self.numerator * 4 * TICKS_PER_QUARTER // self.denominator

    @property
    def is_compound(self) -> bool:
        """6/8, 9/8, 12/8, 6/4 and the like: beats that divide into three."""
        return self.denominator >= 4 and self.numerator % 3 == 0 and self.numerator > 3

    @property
    def beat_ticks(self) -> int:
        """The felt beat: a dotted quarter in 6/8, a quarter in 4/4, a half in 2/2."""
        unit = 4 * TICKS_PER_QUARTER // self.denominator
        return 3 * unit if self.is_compound else unit

    def __str__(self):
        return f"{self.numerator}/{self.denominator}"


@dataclass(frozen=True)
class Key:
    """A tonic as it is spelt ('C', 'F#', 'Bb') and a mode of MODES.

    Raises ValueError for an unknown tonic or mode.
    """

    tonic: str
    mode: str = "major"

    def __post_init__(self):
        if not re.fullmatch(r"[A-G](#|b)?", self.tonic) or self.mode not in MODES:
            raise ValueError(f"'{self.tonic} {self.mode}' is not a key; write one like 'D minor' or 'Bb major'.")

    @classmethod
    def parse(cls, text: str) -> "Key":
        """Read 'D minor', 'Dm', 'Bb', 'F# major', 'A dorian', 'Amix'; case of the mode is free."""
        match = re.fullmatch(r"\s*([A-Ga-g])\s*([#b♯♭]?)[\s_-]*([A-Za-z]*)\s*", str(text))
        mode = match and (_MODE_NAMES.get(match[3]) or _MODE_NAMES.get(match[3].lower()))
        if match and match[3] == "M":  # 'CM' is C major, though 'Cm' is C minor
            mode = "major"
        if not mode:
            raise ValueError(f"'{str(text)[:20]}' is not a key; write one like 'D minor' or 'Bb major'.")
        return cls(match[1].upper() + match[2].replace("♯", "#").replace("♭", "b"), mode)

    @classmethod
    def from_fifths(cls, fifths: int, mode: str = "major") -> "Key":
        """The key of that mode with so many sharps (negative: flats), -7 to 7."""
        tonic_fifths = fifths - MODES[mode]
        letter = "FCGDAEB"[(tonic_fifths + 1) % 7]
        accidentals = (tonic_fifths + 1) // 7
        if abs(accidentals) > 1:  # beyond seven sharps or flats: take the enharmonic neighbour
            return cls.from_fifths(fifths - 12 if fifths > 0 else fifths + 12, mode)
        return cls(letter + {1: "#", -1: "b", 0: ""}[accidentals], mode)

    @property
    def pitch_class(self) -> int:
        return pitch_class(self.tonic)

    @property
    def fifths(self) -> int:
        """Sharps of the key signature; flats count as negative."""
        alterations = self.tonic.count("#") - self.tonic.count("b")
        return _FIFTHS[self.tonic[0]] + 7 * alterations + MODES[self.mode]

    @property
    def alterations(self) -> dict[str, int]:
        """What the key signature does to each letter, in semitones: F is 1 in G major."""
        return {letter: (self.fifths - place + 6) // 7 for place, letter in enumerate("FCGDAEB")}

    @property
    def to_white_keys(self) -> int:
        """Semitones, -6 to 5, that bring the key to no sharps or flats (C major, A minor, D dorian ...)."""
        return (-7 * self.fifths + 6) % 12 - 6

    def transpose(self, semitones: int) -> "Key":
        """The key so many semitones higher, spelt with the fewest accidentals."""
        fifths = (self.fifths + 7 * semitones + 5) % 12 - 5  # -5 to 6
        return Key.from_fifths(fifths, self.mode)

    def __str__(self):
        return f"{self.tonic} {self.mode}"


def pitch_name(pitch: int, key: Key | None = None) -> str:
    """MIDI pitch 0 to 127 as a note name, middle C = 60 = 'C4'; spelt as the key has it (F# in G minor), else sharp."""
    # Twelve neighbours on the line of fifths (F -1, C 0, G 1 ...): from three left of the key's signature, or from F.
    first = max(-8, min(key.fifths - 3, 1)) if key else -1
    place = first + (7 * pitch - first) % 12
    accidentals = (place + 1) // 7
    return f"{'FCGDAEB'[(place + 1) % 7]}{'#' * accidentals}{'b' * -accidentals}{(pitch - accidentals) // 12 - 1}"


# Krumhansl and Kessler (1982), probe-tone profiles.
_PROFILES = {
    "major": (6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88),
    "minor": (6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17),
}


def estimate_key(weights: list[float]) -> Key:
    """The major or minor key whose profile correlates best with twelve pitch-class weights.

    Source: the Krumhansl-Schmuckler algorithm (Krumhansl 1990). All-equal weights give C major.
    """
    def correlation(xs, ys):
        mx, my = sum(xs) / 12, sum(ys) / 12
        cov = sum((x - mx) * (y - my) for x, y in zip(xs, ys))
        var = sum((x - mx) ** 2 for x in xs) * sum((y - my) ** 2 for y in ys)
        return cov / var**0.5 if var else 0.0

    best = max(
        ((mode, tonic) for mode in _PROFILES for tonic in range(12)),
        key=lambda mt: correlation(weights, [_PROFILES[mt[0]][(pc - mt[1]) % 12] for pc in range(12)]),
    )
    base = Key("C", "major") if best[0] == "major" else Key("A", "minor")
    return base.transpose((best[1] - base.pitch_class) % 12)
