"""The arranger's promises, for every style in every metre, and its music on held-out tunes."""

import gzip
import json
import os
import random
from itertools import pairwise
from pathlib import Path

import pytest

from zoo.arranging import arrange, perform
from zoo.arranging.accompaniment import plain
from zoo.arranging.harmony import spell
from zoo.chords import chord_tones
from zoo.errors import PromptError
from zoo.score import Note, Part, Score, melody_score
from zoo.styles import styles
from zoo.theory import MODES, Key, Meter

METERS = ("2/4", "3/4", "4/4", "6/8", "9/8", "12/8", "2/2", "3/8", "3/2", "5/4", "7/8", "1/4", "4/2")
CORPUS = Path(os.environ.get("ZOO_CORPUS", Path(__file__).parents[2] / "shared" / "corpus"))


def tune(meter="4/4", bars=9, pickup=False, key="D major", seed=1, last=62) -> Score:
    """A random walk over the key's scale, ending on D."""
    meter, rng = Meter.parse(meter), random.Random(seed)
    start = meter.beat_ticks if pickup and meter.numerator > 1 else 0
    end = start + bars * meter.bar_ticks
    scale = [p for p in range(58, 85) if (p - 62) % 12 in (0, 2, 4, 5, 7, 9, 11)]
    at, notes, tick = 8, [], 0
    step = max(3, meter.beat_ticks // 2)
    while tick < end - meter.bar_ticks:
        notes.append(Note(tick, step, scale[at]))
        at = min(max(at + rng.choice((-2, -1, 1, 2)), 0), len(scale) - 1)
        tick += step
    notes.append(Note(end - meter.bar_ticks, meter.bar_ticks, last))
    return melody_score(notes, meters=((0, meter),), keys=((0, Key.parse(key)),), pickup=start)


def part(score: Score, name: str) -> Part:
    return next(p for p in score.parts if p.name == name)


def shape(notes) -> list[tuple[int, int, int]]:
    return [(n.onset, n.duration, n.pitch) for n in notes]


@pytest.mark.parametrize("pickup", [False, True])
@pytest.mark.parametrize("meter", METERS)
@pytest.mark.parametrize("style", styles())
def test_every_style_in_every_metre(style, meter, pickup):
    score = tune(meter, pickup=pickup)
    result = arrange(score, style, seed=3)
    melody, *others = result.parts
    assert shape(melody.notes) == shape(score.parts[0].notes)
    names = ["Melody", "Alto", "Tenor", "Bass"] if style == "chorale" else ["Melody", "Chords", "Bass"]
    assert [p.name for p in result.parts] == names
    first, last = score.pickup, score.end
    for other in others:
        assert other.notes, other.name
        assert min(n.onset for n in other.notes) >= first
        assert max(n.end for n in other.notes) <= last
        assert all(24 <= n.pitch <= 76 for n in other.notes)
        for note in other.notes:  # never above the melody, nor on its note
            under = [m.pitch for m in melody.notes if m.onset < note.end and m.end > note.onset]
            assert not under or note.pitch < min(under)
    assert result.chords[0][0] == first
    assert result.chords[-1][1] == "D"
    assert part(result, "Bass").notes[-1].pitch % 12 == 2
    assert part(result, "Bass").notes[-1].end == last
    assert len({n.velocity for n in melody.notes}) > 3
    assert (result.meters, result.keys, result.tempos, result.pickup) == (
        score.meters, score.keys, score.tempos, score.pickup)


@pytest.mark.parametrize("style", styles())
def test_deterministic_by_seed(style):
    score = tune(bars=24)
    assert arrange(score, style, 5) == arrange(score, style, 5)
    assert arrange(score, style, 5) != arrange(score, style, 6)


def test_no_global_random_state():
    random.seed(1)
    arrange(tune(), "folk")
    first = random.random()
    random.seed(1)
    assert random.random() == first


def test_jig_waltz_rag_and_chorale_differ():
    def rhythm(style, meter):
        result = arrange(tune(meter), style)
        bar = Meter.parse(meter).bar_ticks
        return [sorted({n.onset % bar / bar for n in p.notes if n.onset < 2 * bar}) for p in result.parts[1:3]]

    jig, waltz, rag = rhythm("folk", "6/8"), rhythm("folk", "3/4"), rhythm("jazz", "2/4")
    assert jig != waltz and waltz != rag and jig != rag
    assert rhythm("folk", "4/4") != rhythm("classical", "4/4") != rhythm("jazz", "4/4") != rhythm("chorale", "4/4")


def test_every_pattern_fits_its_bar():
    for style in styles().values():
        for meter, patterns in style.patterns.items():
            for pattern in patterns:
                assert set(pattern) == {"bass", "chords"}
                assert set(pattern["bass"]) <= set("158-.") and set(pattern["chords"]) <= set("x123-.")
                for line in pattern.values():
                    assert Meter.parse(meter).bar_ticks % len(line) == 0
                    assert line[0] != "-"


@pytest.mark.parametrize("meter", ["1/4", "5/4", "7/8", "5/8", "15/8", "11/16", "32/4", "1/32"])
def test_plain_pattern(meter):
    pattern = plain(Meter.parse(meter))
    assert Meter.parse(meter).bar_ticks % len(pattern["bass"]) == 0
    assert pattern["bass"][0] == "1"


def test_ends_on_another_chord_when_the_melody_does():
    assert arrange(tune(last=64), "folk").chords[-1][1] != "D"


def test_the_last_chord_is_held_from_the_last_note():
    result = arrange(tune("4/4", bars=4), "jazz")
    for other in result.parts[1:]:
        assert {(n.onset, n.end) for n in other.notes if n.onset >= 3 * 96} == {(3 * 96, 4 * 96)}


def test_given_chords_are_kept_and_played():
    score = tune(bars=4)
    given = ((0, "D"), (96, "Gm/Bb"), (192, "N.C."), (288, "D"))
    result = arrange(Score(**{**vars_of(score), "chords": given}), "song")
    assert result.chords == given
    bass = part(result, "Bass").notes
    assert next(n for n in bass if n.onset == 96).pitch % 12 == 10
    assert not [n for n in bass if 192 <= n.onset < 288]


def vars_of(score: Score) -> dict:
    return {name: getattr(score, name) for name in ("parts", "meters", "keys", "tempos", "chords", "pickup", "title")}


@pytest.mark.parametrize("style", styles())
@pytest.mark.parametrize("low", [0, 20, 36, 48, 60, 90, 115])
def test_very_low_and_very_high_melodies(style, low):
    score = melody_score(Note(i * 24, 24, low + i % 12) for i in range(32))
    result = arrange(score, style)
    assert shape(result.parts[0].notes) == shape(score.parts[0].notes)


def test_nothing_to_arrange():
    empty = Score(parts=())
    assert arrange(empty, "folk") == empty
    only_pickup = melody_score([Note(0, 12, 60)], pickup=24)
    assert len(arrange(only_pickup, "folk").parts) == 1


def test_one_note_and_rests():
    assert len(arrange(melody_score([Note(0, 1, 60)]), "folk").parts) == 3
    late = melody_score([Note(960, 24, 60), Note(2000, 24, 67)])
    for style in styles():
        assert arrange(late, style).end == late.end


def test_several_parts_are_only_performed():
    score = Score(parts=(Part((Note(0, 24, 72), Note(24, 24, 74))), Part((Note(0, 48, 48),))))
    result = arrange(score, "classical")
    assert [shape(p.notes) for p in result.parts] == [shape(p.notes) for p in score.parts]


def test_piano_chords_in_one_part_are_only_performed():
    score = Score(parts=(Part(tuple(Note(i * 24, 24, p) for i in range(8) for p in (48, 64, 67))),))
    assert len(arrange(score, "classical").parts) == 1


def test_drums_stay():
    drums = Part((Note(0, 6, 36), Note(24, 6, 38)), is_drum=True)
    score = tune()
    result = arrange(score.with_parts([*score.parts, drums]), "song")
    assert shape(result.parts[-1].notes) == shape(drums.notes) and result.parts[-1].is_drum


@pytest.mark.parametrize("style", ["folk", "chorale"])
def test_enormous_melodies_are_only_performed(style):
    score = melody_score(Note(i * 7, 7, 60 + i % 20) for i in range(49_000))
    assert len(arrange(score, style).parts) == 1


@pytest.mark.parametrize("meter", ["1/32", "32/32", "32/1", "13/16", "24/8", "1/1"])
@pytest.mark.parametrize("style", styles())
def test_strange_metres(style, meter):
    notes = [Note(i * 12, 12, 64 + i % 9) for i in range(200)]
    score = melody_score(notes, meters=((0, Meter.parse(meter)),))
    result = arrange(score, style)
    assert shape(result.parts[0].notes) == shape(score.parts[0].notes) and result.end == score.end


def test_unknown_style():
    with pytest.raises(PromptError, match="polka"):
        arrange(tune(), "polka")


def test_changing_metre():
    notes = [Note(i * 24, 24, 62 + (0, 4, 7)[i % 3]) for i in range(24)]
    score = melody_score(notes, meters=((0, Meter(4, 4)), (192, Meter(3, 4)), (336, Meter(6, 8))))
    result = arrange(score, "song")
    assert {0, 96, 192, 264, 336, 408} <= {n.onset for n in part(result, "Bass").notes}


def test_perform_keeps_notes_and_accents_the_bar():
    score = tune(bars=32)
    played = perform(score, seed=2)
    assert shape(played.notes) == shape(score.notes)
    on, off = [], []
    for note in played.notes:
        (on if note.onset % 96 == 0 else off if note.onset % 24 else []).append(note.velocity)
    assert sum(on) / len(on) > sum(off) / len(off) + 4
    assert all(24 <= n.velocity <= 118 for n in played.notes)
    assert perform(score, 2) == played != perform(score, 3)
    assert perform(played, 9) == played  # what has been played stays as it is


def test_a_played_beginning_is_played_on():
    played = tuple(Note(24 * i, 24, 60 + i, 100 + i) for i in range(4))
    written = tuple(Note(24 * i, 24, 60 + i % 5) for i in range(4, 20))
    notes = perform(Score(parts=(Part(played + written),)), seed=1).parts[0].notes
    assert notes[:4] == played
    assert len({note.velocity for note in notes[4:]}) > 5
    assert abs(sum(note.velocity for note in notes[4:]) / 16 - 101.5) < 6


def test_melody_above_accompaniment():
    result = arrange(tune(bars=16), "song")
    loud = [sum(n.velocity for n in p.notes) / len(p.notes) for p in result.parts]
    assert loud[0] > max(loud[1:]) + 10


def test_chorale_voice_leading():
    """Voices in order, and hardly any parallel fifths or octaves from chord to chord."""
    faults = chords = 0
    for seed in range(6):
        result = arrange(tune("4/4", bars=12, seed=seed), "chorale")
        grid = [[next((n.pitch for n in p.notes if n.onset <= t < n.end), None) for p in result.parts]
                for t in range(0, result.end, 24)]
        for before, now in pairwise(grid):
            chords += 1
            assert now == sorted(now, reverse=True)
            for i in range(1, 4):
                for j in range(i + 1, 4):
                    gap = (before[i] - before[j]) % 12
                    moved = before[i] != now[i] and before[j] != now[j]
                    faults += moved and gap in (0, 7) and (now[i] - now[j]) % 12 == gap
    assert faults <= chords // 100


def test_spelling():
    assert spell(Key("C"), (10, "")) == "Bb" and spell(Key("C"), (2, "7")) == "D7"
    assert spell(Key("A", "minor"), (11, "dim")) == "G#dim" and spell(Key("Eb"), (0, "")) == "Eb"
    assert spell(Key("E"), (4, "m")) == "G#m" and spell(Key("E", "dorian"), (10, "")) == "D"


@pytest.mark.parametrize("mode", MODES)
def test_spelling_is_right_in_every_key(mode):
    for letter in "CDEFGAB":
        for accidental in ("", "#", "b"):
            key = Key(letter + accidental, mode)
            for above in range(12):
                for quality in ("", "7", "m", "dim"):
                    assert chord_tones(spell(key, (above, quality)))[0] == (key.pitch_class + above) % 12


@pytest.mark.skipif(not (CORPUS / "openewld.jsonl.gz").exists(), reason="the corpora are not here (ZOO_CORPUS)")
def test_strong_notes_of_real_tunes_lie_in_their_chords():
    """On held-out songs, nearly as often as under the chords that people wrote."""
    mine = theirs = total = 0
    with gzip.open(CORPUS / "openewld.jsonl.gz", "rt", encoding="utf-8") as file:
        records = [r for r in map(json.loads, file) if r["split"] == "test" and "main_key" in r and "main_meter" in r]
    for record in records:
        notes = [Note(on, max(1, length), pitch) for on, length, pitch, _ in record["notes"]]
        meter, bars = Meter.parse(record["main_meter"]), record["bars"]
        pickup = bars[1] if bars[1] < meter.bar_ticks else 0
        score = melody_score(notes, meters=((0, meter),), keys=((0, Key.parse(record["main_key"])),), pickup=pickup)
        result = arrange(score, "song")
        for note in notes:
            if note.onset in score.barlines and note.onset >= record["chords"][0][0]:
                found = [chord_tones([s for t, s in chords if t <= note.onset][-1:][0])
                         for chords in (result.chords, sorted(record["chords"])) if chords[0][0] <= note.onset]
                if len(found) == 2 and all(found):
                    total += 1
                    mine += note.pitch % 12 in found[0][1]
                    theirs += note.pitch % 12 in found[1][1]
    print(f"strong notes in the chord: arranger {mine / total:.1%}, people {theirs / total:.1%}")
    assert total > 200 and mine / total > theirs / total - 0.1
