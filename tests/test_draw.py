"""The piano roll: well-formed SVG, notes where they belong, and the files made from it."""

import xml.etree.ElementTree as ElementTree
from dataclasses import replace

import pytest

from zoo.draw import draw, piano_roll
from zoo.errors import ScoreError
from zoo.score import Note, Part, Score, melody_score
from zoo.theory import Meter

SVG = "{http://www.w3.org/2000/svg}"


def tune() -> Score:
    return melody_score([Note(index * 24, 24, pitch) for index, pitch in enumerate([60, 64, 67, 72] * 2)])


def notes_of(svg: str) -> list:
    return [r for r in ElementTree.fromstring(svg).iter(f"{SVG}rect") if "note" in r.get("class", "").split()]


def test_one_rectangle_a_note_higher_pitches_higher_up_later_notes_further_right():
    rects = notes_of(piano_roll(tune()))
    assert len(rects) == 8
    heights = [float(r.get("y")) for r in rects[:4]]
    places = [float(r.get("x")) for r in rects]
    assert heights == sorted(heights, reverse=True) and places == sorted(places)


def test_the_given_notes_are_marked():
    marked = [r for r in notes_of(piano_roll(tune(), prompt_notes=3)) if "given" in r.get("class").split()]
    assert len(marked) == 3


def test_bar_lines_carry_their_times():
    root = ElementTree.fromstring(piano_roll(tune()))
    assert root.get("data-seconds") == "0.000 2.000 4.000"
    assert len(root.get("data-x").split()) == 3


def test_the_form_stands_over_its_bars():
    bare, formed = tune(), replace(tune(), form=((0, "A"), (96, "<Verse & chorus>")))
    root = ElementTree.fromstring(piano_roll(formed))
    sections = [group for group in root.iter(f"{SVG}g") if group.get("class") == "section"]
    places = root.get("data-x").split()
    assert [float(group.find(f"{SVG}rect").get("x")) - 1 for group in sections] == [float(x) for x in places[:2]]
    assert [group.find(f"{SVG}text").text for group in sections] == ["A", "<Verse & chorus>"]
    assert "form: A <Verse" in root.get("aria-label")
    assert [r.attrib for r in notes_of(piano_roll(formed))] == [r.attrib for r in notes_of(piano_roll(bare))]
    assert draw(formed, "png").startswith(b"\x89PNG")


def test_a_section_behind_the_last_bar_is_left_out():
    svg = piano_roll(replace(tune(), form=((0, "A"), (10_000, "B"))))
    assert svg.count('class="section"') == 1


def test_part_names_are_escaped():
    score = Score(parts=(Part((Note(0, 24, 60),), name='<script>"&'),))
    assert "<script>" not in piano_roll(score)
    ElementTree.fromstring(piano_roll(score))


@pytest.mark.parametrize("score", [
    Score(parts=()),
    Score(parts=(Part((Note(0, 24, 36), Note(24, 24, 42)), is_drum=True),)),
    Score(parts=(Part((Note(0, 24, 0), Note(24, 24, 127)),),), meters=((0, Meter(6, 8)),), pickup=12),
])
def test_odd_scores_are_drawn(score):
    ElementTree.fromstring(piano_roll(score, prompt_notes=1))


def test_files():
    assert draw(tune(), "svg").startswith(b"<svg")
    assert draw(tune(), "png").startswith(b"\x89PNG")
    assert draw(tune(), "pdf").startswith(b"%PDF")
    with pytest.raises(ScoreError):
        draw(tune(), "bmp")
