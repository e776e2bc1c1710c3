"""Styles are data: one table (styles.toml) that the prompt, the corpus room, the arranger and the app read."""

import tomllib
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from zoo.theory import Key, Meter


@dataclass(frozen=True)
class Style:
    """One row of styles.toml; that file's head says what the fields mean."""

    name: str
    title: str
    title_zh: str
    about: str
    tempos: dict[str, float]
    keys: tuple[Key, ...]
    lead: int
    accompaniment: tuple[int, ...]
    corpora: tuple[dict, ...]
    harmony: str = "song"
    texture: str = "pattern"
    patterns: dict[str, tuple[dict[str, str], ...]] = field(default_factory=dict)

    def tempo(self, meter: Meter) -> float:
        """The usual tempo in that metre, quarter notes per minute."""
        return float(self.tempos.get(str(meter), self.tempos["other"]))


@cache
def styles() -> dict[str, Style]:
    """All styles by name, in the table's order."""
    table = tomllib.loads(Path(__file__).with_name("styles.toml").read_text(encoding="utf-8"))
    return {
        name: Style(
            name=name,
            keys=tuple(Key.parse(key) for key in row.pop("keys")),
            accompaniment=tuple(row.pop("accompaniment")),
            corpora=tuple(row.pop("corpora")),
            patterns={meter: tuple(bars) for meter, bars in row.pop("patterns", {}).items()},
            **row,
        )
        for name, row in table.items()
    }
