"""The form of a piece: which sections it has, and which of them are the same music again."""

from dataclasses import dataclass

_QUARTERED = (4, 6, 8, 12, 16)  # bars of a section where the piece falls into four
_VERSES = ("song", "jazz")  # styles that return to their first section after another
_SECTION = 8  # bars, where it does not fall into four


@dataclass(frozen=True)
class Section:
    """label: 'A', 'B' ...; the same label is the same music again. start and bars in bars."""

    label: str
    start: int
    bars: int


def form(bars: int, style: str) -> tuple[Section, ...]:
    """The sections of a piece of so many bars, 1 or more, each of 16 bars or fewer.

    In four equal ones where that gives phrases: AABA in songs and jazz up to 32 bars (the popular song's chorus), ABAB
    above that (verse and chorus), AABB elsewhere (the dance's two strains, and the binary form). Other lengths have
    sections of eight bars, A and B in turn, the last of what is left over; up to eight bars are a single one.
    """
    if bars % 4 == 0 and bars // 4 in _QUARTERED:
        labels = "AABB" if style not in _VERSES else "AABA" if bars <= 32 else "ABAB"
        lengths = [bars // 4] * 4
    else:
        lengths = [min(_SECTION, bars - start) for start in range(0, bars, _SECTION)]
        labels = "AB" * len(lengths)
    starts = [sum(lengths[:i]) for i in range(len(lengths))]
    return tuple(Section(label, start, length) for label, start, length in zip(labels, starts, lengths))
