"""ABC's information fields: what stands after M:, L:, Q:, K: and V:."""

import re
from dataclasses import dataclass
from fractions import Fraction

from zoo.theory import Key, Meter

_KEY = re.compile(r"([A-G])([#b]?)\s*(maj|min|mix|m|ion|dor|phr|lyd|aeo|loc)?[a-z]*(?=\s|$)", re.IGNORECASE)
_ACCIDENTALS = {"^^": 2, "^": 1, "=": 0, "_": -1, "__": -2}


@dataclass(frozen=True)
class Signature:
    """A key and the accidentals that it gives each letter, semitones by upper-case letter."""

    key: Key | None
    alterations: dict[str, int]


def accidental(sign: str) -> int:
    """'^' is 1 semitone up, '__' 2 down, '=' none. Quarter tones count as none."""
    return _ACCIDENTALS.get(sign, 0)


def meter(text: str) -> Meter | None:
    """'6/8', 'C', 'C|', '2+3/8'; None for free metre and for what is no metre."""
    text = {"C": "4/4", "C|": "2/2"}.get(text.strip(), text.strip())
    match = re.match(r"\(?([0-9]{1,2}(?:\+[0-9]{1,2}){0,8})\)?/([0-9]{1,2})", text)
    try:
        return Meter(sum(map(int, match[1].split("+"))), int(match[2])) if match else None
    except ValueError:
        return None


def unit_length(text: str) -> Fraction | None:
    """L:1/8 as quarter notes; None for what is no length."""
    match = re.match(r"([0-9]{1,2})(?:/([0-9]{1,3}))?", text.strip())
    if not match or not int(match[1]) or (match[2] and not int(match[2])):
        return None
    return Fraction(int(match[1]), int(match[2] or 1)) * 4


def default_unit(header_meter: Meter | None) -> Fraction:
    """The note length where no L: is given: a sixteenth in metres below 3/4, else an eighth; as quarter notes."""
    short = header_meter is not None and Fraction(header_meter.numerator, header_meter.denominator) < Fraction(3, 4)
    return Fraction(1, 4) if short else Fraction(1, 2)


def tempo(text: str, unit: Fraction) -> float | None:
    """'1/4=120', '\"Allegro\" 3/8=60', '120' (unit notes a minute): quarter notes a minute, None where none is told."""
    text = re.sub(r'"[^"]*"', "", text)
    match = re.search(r"([0-9/\sC]*=)?\s*([0-9]{1,4}(?:\.[0-9]{1,4})?)\s*$", text)
    if not match:
        return None
    beats = re.findall(r"([0-9]{1,2})/([0-9]{1,3})", match[1] or "")
    beat = sum(Fraction(int(a), int(b)) * 4 for a, b in beats if int(b)) or unit
    bpm = float(match[2]) * float(beat)
    return bpm if 4 <= bpm <= 1000 else None


def signature(text: str) -> Signature | None:
    """'G', 'Bb minor', 'Amix', 'D =c', 'HP', 'none'; None where the field names no key (K:clef=bass)."""
    text = text.strip()
    if text[:2].upper() == "HP":  # the Highland pipe's scale
        text = "A mixolydian"
    if text.lower().startswith("none") or not text:
        return Signature(None, {})
    match = _KEY.match(text)
    if not match or not text[0].isupper():
        return None
    mode = (match[3] or "major").lower()
    if mode == "loc":  # a mode that Key doesn't know: the major key with the same signature
        key = Key.from_fifths(Key(match[1] + match[2], "major").fifths - 5)
    else:
        key = Key.parse(f"{match[1]}{match[2]} {mode}")
    alterations = key.alterations
    for sign, letter in re.findall(r"(\^\^?|__?|=)([A-Ga-g])", text[match.end() :]):
        alterations[letter.upper()] = accidental(sign)
    return Signature(key, alterations)
