"""Small things about text that the readers and writers share."""

import re

from zoo.errors import ScoreError

MAX_NOTES = 512  # as many as a prompt may have


def short(token: str) -> str:
    """A token as an error message quotes it: at most twenty characters."""
    return token if len(token) <= 20 else token[:17] + "..."


def check_count(count: int) -> None:
    """Raises ScoreError when typed text has more notes than a prompt may have."""
    if count > MAX_NOTES:
        raise ScoreError(f"The text has more than {MAX_NOTES} notes; give at most {MAX_NOTES}.")


def printable(text: str) -> str:
    """A title or name without what no file format takes: control characters and halves of surrogate pairs."""
    return re.sub(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]+", " ", text).strip()
