"""A prompt as a polyphonic model reads it: which tokens each part is given, bar by bar."""

from dataclasses import dataclass
from itertools import chain

from zoo.codecs.events import MAX_PARTS, EventCodec, Header, Walk
from zoo.corpus.melody import skyline
from zoo.prompt import Prompt
from zoo.score import Note, Part, Score
from zoo.theory import Key

CHORDAL = ("1", "2")  # textures whose parts play chords; the others' parts are read as single lines


@dataclass(frozen=True)
class Given:
    """opening: the first token after the header, None without a prompt. until: ticks (as Walk counts) to which each
    part is given. tokens: {(bar, part): token ids}, bars counted from 0 with the upbeat, chord symbols under MAX_PARTS.
    """

    opening: int | None
    until: tuple[int, ...]
    tokens: dict[tuple[int, int], list[int]]

    def is_complete(self, walk: Walk) -> bool:
        """Whether the part that the walk is in is given to the end of its bar."""
        return walk.part < len(self.until) and self.until[walk.part] >= walk.bar_start + walk.bar_ticks

    def goes_on(self, walk: Walk, bar: int) -> bool:
        """Whether something of a later part, or a chord symbol, is given in this bar."""
        return any(b == bar and part > walk.part for b, part in self.tokens)


def given_parts(prompt: Prompt) -> list[tuple[Note, ...]]:
    """The notes of the prompt's pitched parts; parts beyond the eighth are added to it."""
    parts = [part.notes for part in prompt.score.parts if part.notes and not part.is_drum]
    first, rest = parts[: MAX_PARTS - 1], parts[MAX_PARTS - 1 :]
    return [*first, tuple(sorted(chain.from_iterable(rest)))] if rest else first


def reading(header: Header, prompt: Prompt, key: Key | None) -> Score:
    """The prompt as the model reads it: in the header's metre, and as single lines where the texture has no chords."""
    return Score(
        parts=tuple(Part(notes if header.texture in CHORDAL else skyline(notes)) for notes in given_parts(prompt)),
        meters=((0, header.meter),),
        keys=((0, key),) if key else (),
        chords=prompt.score.chords if header.texture == "chords" else (),
        pickup=prompt.score.pickup,
    )


def given(codec: EventCodec, header: Header, prompt: Prompt, key: Key | None) -> Given:
    """What the prompt gives of a piece with that header."""
    score = reading(header, prompt, key)
    if not score.notes:
        return Given(None, (), {})
    words = codec.body(score)
    walk = Walk(codec)
    for word in [*header.words(), *words]:
        walk.step(codec.ids[word])
    tokens: dict[tuple[int, int], list[int]] = {}
    bar, part = -1, 0
    for word in words:
        kind, _, value = word.partition("_")
        if kind in ("bar", "upbeat"):
            bar, part = bar + 1, 0
        elif kind in ("part", "harmony"):
            part = int(value) if kind == "part" else MAX_PARTS
            tokens[bar, part] = []
        else:
            tokens.setdefault((bar, part), []).append(codec.ids[word])
    # The model reads the notes on its grid; what it writes begins where they really end.
    lead = walk.upbeat_ticks - score.pickup if score.pickup else 0
    ends = [lead + max(note.end for note in notes) for notes in given_parts(prompt)]
    return Given(codec.ids[words[0]], tuple(max(pair) for pair in zip(ends, walk.cursors)), tokens)
