"""The words of the page, one file per language in assets/locales; the tabs ask for them by name."""

import json
from functools import cache
from pathlib import Path

LOCALES = Path(__file__).parents[1] / "assets" / "locales"
LANGUAGE = "en"


@cache
def _table(language: str) -> dict[str, str]:
    return json.loads((LOCALES / f"{language}.json").read_text(encoding="utf-8"))


def text(name: str, **values: object) -> str:
    """The words of that name, with {placeholders} filled in. Raises KeyError for a name that no file has."""
    words = _table(LANGUAGE)[name]
    return words.format(**values) if values else words
