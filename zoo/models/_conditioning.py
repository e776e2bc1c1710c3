"""From a Prompt to what a melody model is given: the header, the opening tokens, and the key to go back to."""

from dataclasses import dataclass, replace
from itertools import product

import numpy as np

from zoo.codecs.events import EventCodec, Header
from zoo.corpus.melody import melody
from zoo.errors import PromptError
from zoo.prompt import MOODS, Prompt
from zoo.score import Note, Part, Score
from zoo.styles import styles
from zoo.theory import Key, Meter

_DENSITIES = {"low": (1, 2), "high": (4, 5)}
_OPENING_TOKENS = 64  # of a prompt are enough to tell its metre by


@dataclass(frozen=True)
class Conditions:
    """What is known before the first note is drawn.

    meters, modes, densities: what the header may say. key: None where the model chooses the mode and we the tonic.
    notes: the prompt's own, all of them; they open the piece unchanged.
    """

    style: str
    bars: int
    meters: tuple[Meter, ...]
    modes: tuple[str, ...]
    densities: tuple[int, ...]
    key: Key | None
    pickup: int
    notes: tuple[Note, ...]
    texture: str = ""

    def headers(self) -> list[Header]:
        return [
            Header(self.style, meter, mode, density, self.bars, self.texture)
            for meter, mode, density in product(self.meters, self.modes, self.densities)
            if not self.pickup or self.pickup < meter.bar_ticks
        ]

    def tokens(self, codec: EventCodec, header: Header) -> list[int]:
        """The header and the prompt's melody in that metre; without a prompt the header alone."""
        words = header.words()
        if self.notes:
            words += codec.body(self.line(header.meter))
        return [codec.ids[word] for word in words]

    def opening(self, codec: EventCodec, header: Header) -> list[int]:
        """The first of those tokens, by which headers are compared."""
        return self.tokens(codec, header)[:_OPENING_TOKENS]

    def full_bars(self, meter: Meter) -> int:
        """How many full bars the prompt's notes, all of them, reach into."""
        end = max((note.end for note in self.notes), default=0)
        return max(0, -((self.pickup - end) // meter.bar_ticks))

    def line(self, meter: Meter) -> Score:
        """The melody of the prompt's notes, in that metre."""
        line = Score(parts=(Part(self.notes),), meters=((0, meter),), keys=((0, self.key),), pickup=self.pickup)
        return melody(line)

    def tonic(self, header: Header, rng: np.random.Generator) -> Key:
        """The key the piece will stand in: the one asked for, or one of the style's usual ones in the drawn mode."""
        if self.key:
            return self.key
        usual = [key for key in styles()[self.style].keys if key.mode == header.mode]
        return usual[rng.integers(len(usual))] if usual else Key.from_fifths(0, header.mode)


def conditions(prompt: Prompt, meters: tuple[str, ...], modes: tuple[str, ...], texture: str = "") -> Conditions:
    """Read a prompt for a model that knows these metres and modes in the prompt's style.

    texture: what the piece is to be made of, '' for melody models.

    Raises PromptError for a metre or mode outside them and for a prompt that leaves no bar to write.
    """
    given = prompt.score
    mood = MOODS.get(prompt.mood or "", {})
    key = Key.parse(prompt.key) if prompt.key else given.key if given.notes else None
    if key and key.mode not in modes:
        if prompt.key:
            raise PromptError(
                f"The model does not know the mode of {key} in the style {prompt.style}; it knows {', '.join(modes)}."
            )
        key = Key(key.tonic, "minor" if key.mode in ("dorian", "phrygian") else "major")
    meter = prompt.meter or (str(given.meter) if prompt.is_written and given.notes else None)
    if meter and meter not in meters:
        raise PromptError(
            f"The model does not know the metre {meter} in the style {prompt.style}; choose one of {', '.join(meters)}."
        )
    notes = tuple(note for part in given.parts if not part.is_drum for note in part.notes)
    found = Conditions(
        style=prompt.style,
        bars=prompt.bars,
        meters=(Meter.parse(meter),) if meter else tuple(Meter.parse(m) for m in meters),
        modes=(key.mode,) if key else (mood["mode"],) if mood else modes,
        densities=_DENSITIES[mood["density"]] if mood and not notes else (1, 2, 3, 4, 5),
        key=key,
        pickup=given.pickup if notes else 0,
        notes=tuple(sorted(notes)),
        texture=texture,
    )
    if all(found.pickup >= known.bar_ticks for known in found.meters):
        raise PromptError(f"The prompt's upbeat is longer than a bar of {found.meters[0]}; choose another metre.")
    shortest = min(found.full_bars(known) for known in found.meters)
    if notes and shortest > prompt.bars:
        raise PromptError(f"The prompt's notes fill {shortest} bars; ask for at least {shortest}, or give fewer notes.")
    fitting = (known for known in found.meters if found.full_bars(known) <= prompt.bars)
    return replace(found, meters=tuple(fitting))


def tempo(prompt: Prompt, meter: Meter) -> float:
    """Quarter notes per minute: what is asked for, the prompt file's own, or the style's, coloured by the mood."""
    if prompt.tempo:
        return prompt.tempo
    if prompt.is_written and prompt.score.notes:
        return prompt.score.tempo
    return round(styles()[prompt.style].tempo(meter) * MOODS.get(prompt.mood or "", {"tempo": 1.0})["tempo"])


