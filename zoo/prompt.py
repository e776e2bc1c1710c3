"""Prompt: what a person asks for, checked once, before any model sees it."""

import math
import secrets
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from zoo.errors import PromptError, ScoreError
from zoo.files import read
from zoo.notation import is_abc, read_text
from zoo.score import Score
from zoo.styles import styles
from zoo.theory import Key, Meter

MAX_PROMPT_NOTES = 512
MAX_BARS = 64

# What each mood asks of a model and its player: mode, tempo (times the style's own), notes per bar, register.
MOODS = {
    "happy": {"mode": "major", "tempo": 1.1, "density": "high", "octave": 0},
    "sad": {"mode": "minor", "tempo": 0.75, "density": "low", "octave": -1},
    "calm": {"mode": "major", "tempo": 0.7, "density": "low", "octave": 0},
    "tense": {"mode": "minor", "tempo": 1.2, "density": "high", "octave": 0},
}


@dataclass(frozen=True)
class Prompt:
    """A wish for a piece. Every field has a default, and None leaves the choice to the model.

    notes        how the piece begins: text ('C4 E4 G4', jianpu, ABC), a file's Path, or a Score; at most 512 notes
    style        a name of zoo.styles.styles()
    temperature  0 to 2; 0 always takes the likeliest note, 1 follows the model's own odds
    top_k        0 (off) to 1000: choose among the k likeliest only
    top_p        above 0, to 1 (off): choose among the likeliest that together have this probability
    bars         1 to 64 full bars, the prompt's own included
    seed         0 to 2**32 - 1; None draws one and keeps it here, so that the piece can be had again
    key          'D minor', 'Bb major', 'E dorian' ...
    meter        '4/4', '6/8' ...
    tempo        20 to 400 quarter notes per minute
    mood         one of happy, sad, calm, tense: mode, tempo, density and register where they are not given

    Raises PromptError, one sentence, for anything else.
    """

    notes: str | Path | Score = ""
    style: str = "folk"
    temperature: float = 0.9
    top_k: int = 0
    top_p: float = 1.0
    bars: int = 16
    seed: int | None = None
    key: str | None = None
    meter: str | None = None
    tempo: float | None = None
    mood: str | None = None

    def __post_init__(self):
        if not isinstance(self.style, str) or self.style not in styles():
            raise PromptError(f"There is no style '{_short(self.style)}'; choose one of {', '.join(styles())}.")
        if self.mood is not None and (not isinstance(self.mood, str) or self.mood not in MOODS):
            raise PromptError(f"There is no mood '{_short(self.mood)}'; choose one of {', '.join(MOODS)}.")
        self._number("temperature", 0, 2, float)
        self._number("top_k", 0, 1000, int)
        self._number("top_p", 0, 1, float)
        if self.top_p == 0:
            raise PromptError("top_p must be above 0.")
        self._number("bars", 1, MAX_BARS, int)
        if self.tempo is not None:
            self._number("tempo", 20, 400, float)
        if self.seed is None:
            object.__setattr__(self, "seed", secrets.randbelow(2**32))
        self._number("seed", 0, 2**32 - 1, int)
        for name, kind in (("key", Key), ("meter", Meter)):
            value = getattr(self, name)
            if value is not None:
                try:
                    object.__setattr__(self, name, str(kind.parse(value)))
                except ValueError as error:
                    raise PromptError(str(error)) from None
        if self.is_written and not any(part.notes for part in self.score.parts if not part.is_drum):
            raise PromptError("What the prompt gives has no pitched notes to go on from; give another or none.")
        if len(self.score.notes) > MAX_PROMPT_NOTES:
            raise PromptError(
                f"The prompt has {len(self.score.notes):,} notes; give at most {MAX_PROMPT_NOTES}."
            )

    @cached_property
    def score(self) -> Score:
        """The prompt's notes as a Score of one or more parts; no notes where there is no prompt."""
        if isinstance(self.notes, Score):
            return self.notes
        try:
            if isinstance(self.notes, Path):
                return read(self.notes)
            return read_text(
                self.notes,
                key=Key.parse(self.key) if self.key else None,
                meter=Meter.parse(self.meter) if self.meter else None,
            )
        except ScoreError as error:
            raise PromptError(str(error)) from None

    @property
    def is_written(self) -> bool:
        """Whether the notes bring a metre and tempo of their own: ABC, a file or a Score, not a row of note names."""
        return not isinstance(self.notes, str) or is_abc(self.notes)

    def _number(self, name: str, low: float, high: float, kind: type) -> None:
        value = getattr(self, name)
        try:
            number = float(value)
        except (TypeError, ValueError, OverflowError):
            number = math.nan
        if not low <= number <= high or isinstance(value, bool) or (kind is int and number != int(number)):
            what = "a whole number" if kind is int else "a number"
            raise PromptError(f"{name} is {_short(value)}; it must be {what} from {low} to {high}.")
        object.__setattr__(self, name, kind(number))


def _short(value: object) -> str:
    text = str(value)
    return text if len(text) <= 40 else text[:37] + "..."
