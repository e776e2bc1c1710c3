import pytest

from zoo.chords import chord_tones, transpose_symbol
from zoo.theory import Key, Meter, estimate_key, pitch_name


@pytest.mark.parametrize(
    ("text", "name", "fifths", "pitch_class"),
    [
        ("C", "C major", 0, 0), ("Am", "A minor", 0, 9), ("d minor", "D minor", -1, 2), ("Bb", "Bb major", -2, 10),
        ("F# major", "F# major", 6, 6), ("E dorian", "E dorian", 2, 4), ("Amix", "A mixolydian", 2, 9),
        ("Cm", "C minor", -3, 0), ("CM", "C major", 0, 0), ("C♯ minor", "C# minor", 4, 1),
        ("G phrygian", "G phrygian", -3, 7),
    ],
)
def test_keys_are_read_as_people_write_them(text, name, fifths, pitch_class):
    key = Key.parse(text)
    assert (str(key), key.fifths, key.pitch_class) == (name, fifths, pitch_class)


@pytest.mark.parametrize("text", ["", "H", "C blues", "Cmajorr", "C##", "12", "C major D"])
def test_what_is_no_key_is_refused(text):
    with pytest.raises(ValueError, match="is not a key"):
        Key.parse(text)


@pytest.mark.parametrize(
    ("key", "altered"),
    [("C", {}), ("D", {"F": 1, "C": 1}), ("G minor", {"B": -1, "E": -1}), ("E dorian", {"F": 1, "C": 1}),
     ("C# major", dict.fromkeys("FCGDAEB", 1)), ("G# major", {**dict.fromkeys("FCGDAEB", 1), "F": 2})],
)
def test_a_key_alters_its_letters(key, altered):
    assert Key.parse(key).alterations == {**dict.fromkeys("FCGDAEB", 0), **altered}


@pytest.mark.parametrize("tonic", ["C", "F#", "Bb", "E", "Ab"])
@pytest.mark.parametrize("mode", ["major", "minor", "dorian", "mixolydian"])
def test_to_white_keys_leaves_no_accidentals(tonic, mode):
    key = Key(tonic, mode)
    white = key.transpose(key.to_white_keys)
    assert white.fifths == 0 and white.mode == mode
    assert white.pitch_class == (key.pitch_class + key.to_white_keys) % 12
    assert -6 <= key.to_white_keys <= 5


@pytest.mark.parametrize(
    ("meter", "bar", "beat"),
    [("4/4", 96, 24), ("6/8", 72, 36), ("3/8", 36, 12), ("2/2", 96, 48), ("9/8", 108, 36), ("6/4", 144, 72)],
)
def test_bars_and_beats(meter, bar, beat):
    assert (Meter.parse(meter).bar_ticks, Meter.parse(meter).beat_ticks) == (bar, beat)


@pytest.mark.parametrize("text", ["", "4", "4/3", "0/4", "99/4", "4/4/4", "a/b"])
def test_what_is_no_metre_is_refused(text):
    with pytest.raises(ValueError, match="metre"):
        Meter.parse(text)


def test_key_is_estimated_from_weights():
    weights = [0.0] * 12
    for pitch_class in (2, 4, 6, 7, 9, 11, 1):  # D major scale
        weights[pitch_class] = 1
    weights[2] = weights[9] = 3
    assert str(estimate_key(weights)) == "D major"


def test_pitch_names():
    assert pitch_name(60) == "C4"
    assert pitch_name(70, Key("F")) == "Bb4"
    assert pitch_name(70, Key("G")) == "Bb4"


@pytest.mark.parametrize(
    ("symbol", "root", "tones", "bass"),
    [
        ("Am7", 9, (9, 0, 4, 7), 9), ("D7/F#", 2, (2, 6, 9, 0), 6),
        ("Bbm7b5", 10, (10, 1, 4, 8), 10), ("C", 0, (0, 4, 7), 0),
    ],
)
def test_chord_symbols(symbol, root, tones, bass):
    assert chord_tones(symbol) == (root, tones, bass)


def test_no_chord_has_no_tones():
    assert chord_tones("N.C.") is None


def test_transposing_a_symbol():
    assert transpose_symbol("D7/F#", 3) == "F7/A"
    assert transpose_symbol("N.C.", 3) == "N.C."
