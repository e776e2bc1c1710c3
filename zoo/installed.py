"""Which checkpoints there are on this machine. Light and always up to date: the styles ask at every request."""

import os
from pathlib import Path

CHECKPOINTS = Path(__file__).parents[1] / "assets" / "checkpoints"

_elsewhere: dict[Path, None] = {}  # in the order in which they were met


def own_models() -> Path:
    """Where the user's own models lie, such as fine-tuned ones: the folder in ZOO_MODELS, or models/ beside zoo/."""
    return Path(os.environ.get("ZOO_MODELS") or CHECKPOINTS.parents[1] / "models")


def models() -> dict[str, Path]:
    """{name: checkpoint folder}, the bundled ones first. A name of theirs can't be taken by another."""
    found: dict[str, Path] = {}
    for place in (CHECKPOINTS, own_models()):
        for config in sorted(place.glob("*/config.json")):
            found.setdefault(config.parent.name, config.parent)
    return found


def remember(folder: Path) -> None:
    """A checkpoint from elsewhere, a path or the Hub, is in use: the styles it brings are to be known."""
    _elsewhere[folder.absolute()] = None


def in_use() -> list[Path]:
    """The folders of the models and of all checkpoints that were met elsewhere."""
    return [*models().values(), *_elsewhere]
