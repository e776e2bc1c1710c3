"""Composer: the one interface that every family implements, and the card that says what it is."""

import math
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from zoo.errors import PromptError, ZooError
from zoo.hub import push
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
    limits: tuple[str, ...] = ()
    training: dict = field(default_factory=dict)  # data, steps, hours, hardware, held-out figures


@dataclass(frozen=True)
class Likelihood:
    """nats: minus the natural log of the piece's probability; notes: how many it has; without any, a note costs NaN."""

    nats: float
    notes: int

    @property
    def nats_per_note(self) -> float:
        return self.nats / self.notes if self.notes else math.nan


class Composer(ABC):
    """One generator of music. A new family is one file in zoo/models/ with a subclass and a @register line."""

    card: ModelCard
    folder: Path | None = None  # the checkpoint it was loaded from; zoo.load sets it

    @classmethod
    @abstractmethod
    def from_checkpoint(cls, folder: Path) -> "Composer":
        """Load the weights of a checkpoint folder."""

    @abstractmethod
    def compose(self, prompt: Prompt) -> Score:
        """The piece for one prompt: the same for the same prompt and seed, whoever else is being served.

        It starts with the prompt's notes, unchanged. Raises PromptError for what the model can't honour.
        """

    def compose_batch(self, prompts: Sequence[Prompt]) -> list[Score]:
        """A piece for each prompt, in order, each the one that compose gives."""
        return [self.compose(prompt) for prompt in prompts]

    def stream(self, prompt: Prompt) -> Iterator[Note]:
        """compose's notes, each as soon as it is decided; a family that can't stream gives them all at the end."""
        yield from self.compose(prompt).notes

    @abstractmethod
    def log_likelihood(self, score: Score, style: str) -> Likelihood:
        """How well the model predicts a piece in a style."""

    def log_likelihood_batch(self, scores: Sequence[Score], style: str) -> list[Likelihood]:
        """log_likelihood of many scores, in order; families override it where many at once are quicker."""
        return [self.log_likelihood(score, style) for score in scores]

    def push_to_hub(self, repo_id: str, private: bool = False) -> str:
        """Put the checkpoint that zoo.load read on the Hub as 'org/name', with its card; returns its address.

        private counts for a new repository; one that is there stays as it is. Raises ZooError.
        """
        if self.folder is None:
            raise ZooError("This composer was not loaded from a checkpoint: push what zoo.load gives.")
        return push(self.folder, repo_id, private)


class SequenceComposer(Composer):
    """A family that reads music as sequences of tokens, so that an n-gram model of the same tokens is its yardstick."""

    vocabulary: int  # how many different tokens there are
    known: dict[str, dict]  # by style, what it may be asked for: {"meters": [...], "modes": [...]}

    @abstractmethod
    def tokens(self, score: Score, style: str) -> list[list[int]]:
        """The sequences in which the model reads a score; the first token of each names the style.

        Raises PromptError for a style that the model does not know.
        """

    def _check_style(self, style: str) -> None:
        if style not in self.known:
            raise PromptError(f"The model does not know the style '{style}'; it knows {', '.join(self.known)}.")
