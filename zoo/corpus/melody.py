"""The melody of a piece: the one line that a melody model learns from."""

from dataclasses import replace

from zoo.score import Note, Part, Score

_LONG_REST_BARS = 2  # a singer's rest while the piano plays alone: the line falls into sections there
_SHORTEST_BARS = 4


def skyline(notes: tuple[Note, ...]) -> tuple[Note, ...]:
    """The highest note at each onset, cut where the next one begins (Uitdenbogerd and Zobel 1999)."""
    highest: dict[int, Note] = {}
    for note in notes:
        if note.onset not in highest or note.pitch > highest[note.onset].pitch:
            highest[note.onset] = note
    line = [highest[onset] for onset in sorted(highest)]
    following = [note.onset for note in line[1:]]
    return tuple(
        replace(note, duration=min(note.duration, nxt - note.onset)) if nxt is not None else note
        for note, nxt in zip(line, [*following, None])
    )


def melody(score: Score) -> Score:
    """The skyline of the first part that has pitched notes: voice, soprano, first violin or right hand."""
    part = next((part for part in score.parts if part.notes and not part.is_drum), None)
    return replace(score, parts=(Part(skyline(part.notes), name="Melody", program=part.program),) if part else ())


def sections(score: Score, with_chords: bool = False) -> list[Score]:
    """A melody cut where it is silent for two bars or more, each section on its own bar lines from tick 0.

    Sections shorter than four bars, and those in which the metre changes, are left out; chord symbols too where they
    are not asked for.
    """
    if not score.notes:
        return []
    lines = score.barlines
    first_full = 1 if score.pickup else 0
    sounding = [False] * (len(lines) - 1)
    bar = 0
    for note in score.notes:
        while bar + 1 < len(lines) - 1 and note.onset >= lines[bar + 1]:
            bar += 1
        sounding[bar] = True
    spans, start, silent = [], None, 0
    for index, sounds in enumerate(sounding):
        if sounds:
            start = index if start is None else start
            silent = 0
        elif start is not None:
            silent += 1
            if silent == _LONG_REST_BARS:
                spans.append((start, index + 1 - silent))
                start = None
    if start is not None:
        spans.append((start, len(sounding) - silent))

    result = []
    for begin, end in spans:
        section = _section(score, lines, begin, end, first_full)
        if section and section.bars >= _SHORTEST_BARS:
            result.append(section if with_chords else replace(section, chords=()))
    return result


def _section(score: Score, lines: tuple[int, ...], begin: int, end: int, first_full: int) -> Score | None:
    """Bars begin to end - 1; a first bar that is silent until its second half becomes a pickup."""
    start, stop = lines[begin], lines[end]
    meter = [m for tick, m in score.meters if tick <= max(start, score.pickup)][-1]
    if any(start < tick < stop and m != meter for tick, m in score.meters if tick > score.pickup):
        return None
    notes = [note for note in score.notes if start <= note.onset < stop]
    pickup = score.pickup if begin < first_full else 0
    if not pickup and notes[0].onset - start >= meter.bar_ticks / 2:
        pickup = meter.bar_ticks
    if pickup:  # silence before the first note is no music
        pickup -= notes[0].onset - start
        start = notes[0].onset
    key = [k for tick, k in score.keys if tick <= start]
    return Score(
        parts=(Part(tuple(replace(note, onset=note.onset - start) for note in notes),
                    name="Melody", program=score.parts[0].program),),
        meters=((0, meter),),
        keys=((0, key[-1]),) if key else ((0, score.key),),
        tempos=((0, [bpm for tick, bpm in score.tempos if tick <= start or tick == 0][-1]),),
        # Of the symbols up to the beginning the last is the one that sounds there.
        chords=tuple({max(0, tick - start): symbol for tick, symbol in score.chords if tick < stop}.items()),
        pickup=pickup,
        title=score.title,
    )
