"""Score -> piano roll: SVG text for the page, and SVG, PNG or PDF files."""

from collections.abc import Iterable, Sequence
from html import escape

from zoo.errors import RenderError, ScoreError
from zoo.score import Score
from zoo.theory import pitch_name

AXIS = 40  # pixels kept free on the left for the note names
HEAD = 22  # and at the top for the bar numbers
FORM = 22  # above them, where the form is known
MIN_WIDTH = 560  # pixels of the grid; long pieces get MIN_BAR pixels a bar instead
MIN_BAR = 35
BLACK_KEYS = {1, 3, 6, 8, 10}

# One colour a part, the melody's first; each has at least 3:1 against the paper. Further parts go round again.
COLOURS = ("#0b6e69", "#c2552d", "#5b5bb5", "#8a6d1d", "#a03c78", "#3d7a2e")

_STYLE = "text{font:11px system-ui,'DejaVu Sans',sans-serif}.section text{font-size:13px;font-weight:700}"


def piano_roll(score: Score, prompt_notes: int = 0, beside: Sequence[Score] = ()) -> str:
    """The score as one SVG element: pitch upwards, time to the right, a colour for each part.

    prompt_notes: how many of the first part's first notes the person gave; they are outlined, on a tinted ground.
    beside: scores whose pitches have their rows here too, so that one can compare their rolls with this one.
    Where the score's form is known, its sections stand above the bar numbers, the same label in the same tint.
    The element's data-seconds and data-x attributes list the time and the place of every bar line, for a playhead.
    Elements carry classes (paper, row, bar, axis, note, part-0 ..., given, section), so that a page may recolour them.
    """
    lanes = _lanes([score, *beside])
    row = max(6, min(14, 320 // max(1, len(lanes))))
    ticks = score.barlines[-1]
    scale = max(MIN_WIDTH, MIN_BAR * max(1, len(score.barlines) - 1)) / ticks
    width, height = AXIS + ticks * scale + 8, HEAD + len(lanes) * row + 8
    top = FORM if score.form else 0  # the form lies above the origin, so that nothing else has to move for it

    def x(tick: float) -> float:
        return round(AXIS + tick * scale, 2)

    given = score.parts[0].notes[:prompt_notes] if score.parts else ()
    seconds = " ".join(f"{score.seconds_at(tick):.3f}" for tick in score.barlines)
    places = " ".join(f"{x(tick):g}" for tick in score.barlines)
    return "".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 {-top} {width:.0f} {height + top}" '
        f'width="{width:.0f}" height="{height + top}" role="img" aria-label="{escape(_label(score))}" '
        f'data-seconds="{seconds}" data-x="{places}">',
        f"<style>{_STYLE}</style>",
        f'<rect class="paper" y="{-top}" width="100%" height="100%" fill="#ffffff"/>',
        *_rows(lanes, row, width),
        *_given_ground(given, x, height),
        *_bars(score, x, height),
        *_sections(score, x),
        *_notes(score, len(given), lanes, row, x),
        *_axis(score, lanes, row, height),
        "</svg>",
    ])


def draw(score: Score, ending: str) -> bytes:
    """The score's piano roll as a file's bytes; ending is 'svg', 'png' (twice the screen's resolution) or 'pdf'.

    Raises ScoreError for another ending, RenderError where the Cairo library is missing.
    """
    svg = piano_roll(score).encode()
    if ending == "svg":
        return svg
    if ending not in ("png", "pdf"):
        raise ScoreError(f"A piano roll can't be drawn as '{ending}'; use svg, png or pdf.")
    try:
        import cairosvg
    except OSError:  # the Python package is there, the C library is not
        raise RenderError("Drawing PNG and PDF needs the Cairo library; install the package libcairo2.") from None
    return cairosvg.svg2png(svg, scale=2) if ending == "png" else cairosvg.svg2pdf(svg)


def _lanes(scores: Sequence[Score]) -> dict[tuple[bool, int], int]:
    """The row, from the top, of each (is drum, pitch): every semitone of the range, then the drums that sound."""
    parts = [part for score in scores for part in score.parts]
    pitches = [note.pitch for part in parts if not part.is_drum for note in part.notes]
    drums = sorted({note.pitch for part in parts if part.is_drum for note in part.notes}, reverse=True)
    low, high = (min(pitches) - 1, max(pitches) + 1) if pitches else (59, 73)
    keys = [(False, pitch) for pitch in range(min(high, 127), max(low, 0) - 1, -1)] + [(True, drum) for drum in drums]
    return {key: index for index, key in enumerate(keys)}


def _label(score: Score) -> str:
    names = ", ".join(part.name for part in score.parts if part.name)
    form = " ".join(label for _, label in score.form)
    return (
        f"Piano roll: {score.bars} bars, {len(score.notes)} notes" + (f", parts: {names}" if names else "")
        + (f", form: {form}" if form else "")
    )


def _rows(lanes: dict, row: int, width: float) -> Iterable[str]:
    for (is_drum, pitch), index in lanes.items():
        if is_drum or pitch % 12 in BLACK_KEYS:
            yield (f'<rect class="row" x="{AXIS}" y="{HEAD + index * row}" width="{width - AXIS:.0f}" height="{row}" '
                   'fill="#f3f0ea"/>')


def _given_ground(given: tuple, x, height: int) -> Iterable[str]:
    if given:
        end = x(max(note.end for note in given))
        yield (f'<rect class="ground" x="{AXIS}" y="{HEAD}" width="{end - AXIS:.2f}" height="{height - HEAD - 8}" '
               'fill="#e9b44c" fill-opacity="0.22"/>')


def _bars(score: Score, x, height: int) -> Iterable[str]:
    lines = score.barlines
    every = 1 if len(lines) <= 33 else 4
    first = 0 if score.pickup else 1
    for index, tick in enumerate(lines):
        yield (f'<line class="bar" x1="{x(tick)}" x2="{x(tick)}" y1="{HEAD}" y2="{height - 8}" stroke="#c9c2b4" '
               'stroke-width="1"/>')
        if index < len(lines) - 1 and index % every == 0:
            yield f'<text class="number" x="{x(tick) + 3}" y="{HEAD - 7}" fill="#5f6b70">{index + first}</text>'


def _sections(score: Score, x) -> Iterable[str]:
    labels = list(dict.fromkeys(label for _, label in score.form))
    end = score.barlines[-1]
    for (start, label), (stop, _) in zip(score.form, [*score.form[1:], (end, "")]):
        width = x(min(stop, end)) - x(start) - 2
        if width <= 0:
            continue
        tint = (0.14, 0.34)[labels.index(label) % 2]
        shown = label[: max(1, int(width // 9))]  # a longer one would run into the next
        yield (f'<g class="section"><rect x="{x(start) + 1}" y="{2 - FORM}" width="{width:.2f}" height="{FORM - 3}" '
               f'rx="4" fill="#0b6e69" fill-opacity="{tint}"/>'
               f'<text x="{x(start) + 6}" y="-6" fill="#1f2a30">{escape(shown)}</text></g>')


def _notes(score: Score, given: int, lanes: dict, row: int, x) -> Iterable[str]:
    # The melody is drawn last, so that nothing covers it.
    for part_index, part in reversed(list(enumerate(score.parts))):
        colour = COLOURS[part_index % len(COLOURS)]
        yield f'<g class="part-{part_index % len(COLOURS)}" fill="{colour}">'
        for index, note in enumerate(part.notes):
            mark = part_index == 0 and index < given
            y = HEAD + lanes[part.is_drum, note.pitch] * row
            # A sliver of air after each note keeps repeated notes apart.
            length = max(2.0, x(note.end) - x(note.onset) - 1)
            yield (f'<rect class="note{" given" if mark else ""}" x="{x(note.onset)}" y="{y + 0.5}" '
                   f'width="{length:.2f}" height="{row - 1}" rx="2" fill-opacity="{0.6 + note.velocity / 320:.2f}"'
                   + (' stroke="#1f2a30" stroke-width="1.5"' if mark else "") + "/>")
        yield "</g>"


def _axis(score: Score, lanes: dict, row: int, height: int) -> Iterable[str]:
    """The note names, in one group that a page can hold in place while the roll scrolls under it."""
    yield (f'<g class="axis"><rect class="paper" y="{-FORM}" width="{AXIS - 2}" height="{height + FORM}" '
           'fill="#ffffff"/>')
    named = {0, 2, 4, 5, 7, 9, 11} if row >= 12 else {0, 4, 7} if row >= 8 else {0}
    for (is_drum, pitch), index in lanes.items():
        if not is_drum and pitch % 12 in named:
            yield (f'<text class="name" x="{AXIS - 8}" y="{HEAD + index * row + row / 2 + 4:g}" text-anchor="end" '
                   f'fill="#5f6b70">{pitch_name(pitch, score.key)}</text>')
    yield "</g>"
