"""Hypothesis strategies for music as people write it."""

from hypothesis import strategies as st

from zoo.score import Note, Part, Score
from zoo.theory import MODES, Key, Meter

METERS = [Meter(4, 4), Meter(3, 4), Meter(2, 4), Meter(6, 8), Meter(9, 8), Meter(2, 2)]
KEYS = [Key.from_fifths(fifths, mode) for fifths in range(-7, 8) for mode in MODES]
CHORDS = ["C", "Am", "G7", "Bbmaj7", "F#m7b5", "D7/F#", "Edim7", "Gsus4", "N.C."]

# Ways to fill two quarter notes: (ticks, sounds).
_PATTERNS = [
    [(48, True)], [(24, True), (24, True)], [(24, True), (24, False)], [(12, True)] * 4, [(36, True), (12, True)],
    [(12, False), (24, True), (12, True)], [(8, True)] * 3 + [(24, True)], [(16, True)] * 3,
    [(6, True)] * 4 + [(24, True)], [(24, True), (8, True), (16, True)],
    [(18, True), (6, True), (24, True)],
    [(4, True)] * 6 + [(24, False)],
    [(3, True), (9, True), (12, True), (24, True)],
]

_PITCHES = st.integers(40, 90)


@st.composite
def melodies(draw, ticks: int, chords: bool = False, pitches=_PITCHES):
    """Notes that fill the ticks, some lengthened over what follows: ties over beats and bar lines come of that."""
    notes, tick = [], 0
    while tick < ticks:
        for duration, sounds in draw(st.sampled_from(_PATTERNS)):
            if sounds:
                size = draw(st.integers(1, 3)) if chords else 1
                together = draw(st.lists(pitches, min_size=size, max_size=size, unique=True))
                notes += [(tick, duration, pitch) for pitch in together]
            tick += duration
        if notes and draw(st.booleans()):  # the last chord lasts on
            longer = draw(st.sampled_from([12, 24, 48, 96]))
            last = notes[-1][0]
            notes = [(o, d + longer if o == last else d, p) for o, d, p in notes]
            tick = max(tick, max(o + d for o, d, _ in notes))
    return tuple(Note(*note) for note in notes)


@st.composite
def two_voices(draw, ticks: int):
    """Voices that cross and overlap but never sound the same pitch, which MIDI could not tell apart."""
    even, odd = _PITCHES.filter(lambda pitch: pitch % 2 == 0), _PITCHES.filter(lambda pitch: pitch % 2)
    return draw(melodies(ticks, chords=True, pitches=even)) + draw(melodies(ticks, pitches=odd))


@st.composite
def scores(draw):
    meter = draw(st.sampled_from(METERS))
    pickup = draw(st.sampled_from([0, 0, 12, 24]))
    bars = draw(st.integers(1, 3))
    ticks = pickup + bars * meter.bar_ticks
    parts = tuple(
        Part(draw(two_voices(ticks) if number else melodies(ticks)), draw(st.sampled_from(["", "Fiddle", "Left hand"])),
             draw(st.integers(0, 127)))
        for number in range(draw(st.integers(1, 3)))
    )
    end = max(note.end for part in parts for note in part.notes)
    meters, keys = [(0, meter)], [(0, draw(st.sampled_from(KEYS)))]
    tempos = [(0, draw(st.sampled_from([60, 93.5, 120])))]
    change = pickup + meter.bar_ticks  # at the first bar line
    if change < end and draw(st.booleans()):
        meters.append((change, draw(st.sampled_from([m for m in METERS if m != meter]))))
    if change < end and draw(st.booleans()):
        keys.append((change, draw(st.sampled_from([key for key in KEYS if key != keys[0][1]]))))
    if change < end and draw(st.booleans()):
        tempos.append((change, 77))
    chords = [(tick, draw(st.sampled_from(CHORDS))) for tick in range(pickup, end, 48)] if draw(st.booleans()) else []
    return Score(parts, meters, keys, tempos, chords, pickup, draw(st.sampled_from(["", "A tune", "小星星"])))
