"""Styles are data: one table (styles.toml) that the prompt, the corpus room, the arranger and the app read.

A fine-tuned checkpoint brings a row of its own, under "style_rows" in its config.json.
"""

import json
import re
import tomllib
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path

from zoo import installed
from zoo.theory import Key, Meter

NAME = re.compile(r"[a-z0-9-]{1,30}")  # of a style


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
    writes: str
    harmony: str = "song"
    texture: str = "pattern"
    patterns: dict[str, tuple[dict[str, str], ...]] = field(default_factory=dict)

    @classmethod
    def from_row(cls, name: str, row: dict) -> "Style":
        """A row as TOML or JSON give it. Raises KeyError, TypeError, AttributeError or ValueError for what is none."""
        lists = {
            "keys": tuple(Key.parse(key) for key in row["keys"]),
            "accompaniment": tuple(row["accompaniment"]),
            "corpora": tuple(row["corpora"]),
            "patterns": {meter: tuple(bars) for meter, bars in row.get("patterns", {}).items()},
        }
        return cls(**{**row, **lists, "name": name})

    def tempo(self, meter: Meter) -> float:
        """The usual tempo in that metre, quarter notes per minute."""
        return float(self.tempos.get(str(meter), self.tempos["other"]))


def styles() -> dict[str, Style]:
    """All styles by name: the table's, in its order, then those of fine-tuned checkpoints.

    Never older than the checkpoints' files, so that a running app meets a style that was made meanwhile.
    """
    found = dict(_table())
    for folder in installed.in_use():
        for name, style in _brought_by(folder / "config.json").items():
            found.setdefault(name, style)
    return found


@cache
def _table() -> dict[str, Style]:
    rows = tomllib.loads(Path(__file__).with_name("styles.toml").read_text(encoding="utf-8"))
    return {name: Style.from_row(name, row) for name, row in rows.items()}


def _brought_by(config: Path) -> dict[str, Style]:
    """The styles in a checkpoint's config.json; none where it has gone."""
    try:
        return _read(config, config.stat().st_mtime_ns)
    except OSError:
        return {}


@lru_cache(maxsize=256)
def _read(config: Path, _changed: int) -> dict[str, Style]:
    """A config is read once for each time it was changed; what is no row is passed over."""
    try:
        rows = json.loads(config.read_text(encoding="utf-8")).get("style_rows", {})
        return {name: Style.from_row(name, row) for name, row in rows.items() if NAME.fullmatch(name)}
    except (KeyError, TypeError, AttributeError, ValueError):
        return {}
