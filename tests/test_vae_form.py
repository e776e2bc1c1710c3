"""The form of a piece."""

import pytest

from zoo.models._vae_form import form
from zoo.styles import styles


@pytest.mark.parametrize("style", styles())
def test_sections_cover_every_number_of_bars(style):
    for bars in range(1, 65):
        sections = form(bars, style)
        covered = [bar for s in sections for bar in range(s.start, s.start + s.bars)]
        assert covered == list(range(bars))
        assert all(1 <= s.bars <= 16 for s in sections) and sections[0].label == "A"
        lengths = {s.label: s.bars for s in reversed(sections)}  # of each label the first
        assert all(s.bars <= lengths[s.label] for s in sections), "what returns is no longer than it was"


@pytest.mark.parametrize(
    ("bars", "style", "expected"),
    [
        (16, "folk", "A4 A4 B4 B4"), (32, "song", "A8 A8 B8 A8"), (64, "song", "A16 B16 A16 B16"),
        (24, "jazz", "A6 A6 B6 A6"), (64, "classical", "A16 A16 B16 B16"), (8, "folk", "A8"), (5, "song", "A5"),
        (18, "folk", "A8 B8 A2"),
    ],
)
def test_forms_that_a_listener_knows(bars, style, expected):
    assert " ".join(f"{s.label}{s.bars}" for s in form(bars, style)) == expected
