"""Composer: the one interface that every family implements, and the card that says what it is."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from zoo.prompt import Prompt
from zoo.score import Note, Score


@dataclass(frozen=True)
class Supports:
    """What a model can honour. The app greys out the rest."""

    styles: tuple[str, ...]
    meters: tuple[str, ...]
    modes: tuple[str, ...] = ("major", "minor")
    max_bars: int = 64
    polyphony: bool = False  # False: it writes a melody, and the arranger adds the rest
    streaming: bool = False
    interpolation: bool = False


@dataclass(frozen=True)
class ModelCard:
    """What a model is. Read from a checkpoint's config.json, without its weights."""

    name: str
    title: str
    family: str
    parameters: int
    licence: str
    supports: Supports
    summary: str = ""
    training: dict = field(default_factory=dict)  # data, steps, hours, hardware, held-out figures


@dataclass(frozen=True)
class Likelihood:
    """nats: minus the natural log of the piece's probability; notes: how many it has."""

    nats: float
    notes: int

    @property
    def nats_per_note(self) -> float:
        return self.nats / max(1, self.notes)


class Composer(ABC):
    """One generator of music. A new family implements compose and log_likelihood, and what more it can do."""

    card: ModelCard

    @abstractmethod
    def compose_batch(self, prompts: Sequence[Prompt]) -> list[Score]:
        """A piece for each prompt, in order. A piece depends on its own prompt alone.

        Each starts with its prompt's notes, unchanged. Raises PromptError for what the model can't honour.
        """

    def compose(self, prompt: Prompt) -> Score:
        """The piece for one prompt: the same for the same prompt and seed."""
        return self.compose_batch([prompt])[0]

    def stream(self, prompt: Prompt) -> Iterator[Note]:
        """compose's notes, each as soon as it is decided; a family that can't stream gives them all at the end."""
        yield from self.compose(prompt).notes

    @abstractmethod
    def log_likelihood(self, score: Score, style: str) -> Likelihood:
        """How well the model predicts a piece in a style."""
