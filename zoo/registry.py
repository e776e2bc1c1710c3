"""The registry: which models there are, what their cards say, and how they are loaded.

A family is a file in zoo/models/ whose class is decorated with @register; a model is a checkpoint folder whose
config.json names its family. Bundled ones lie in assets/checkpoints/, the user's own in models/ or where ZOO_MODELS
says. Nothing here loads torch until load is called.
"""

import json
from difflib import get_close_matches
from fnmatch import fnmatch
from importlib import import_module
from os.path import isfile
from pathlib import Path

from zoo import installed
from zoo.composer import Composer, ModelCard, Supports
from zoo.errors import ModelNotFound
from zoo.hub import CHECKPOINT, fetch
from zoo.installed import CHECKPOINTS as CHECKPOINTS

_families: dict[str, type[Composer]] = {}


def register(family: type[Composer]) -> type[Composer]:
    """Class decorator: make a family known under its class's name in lower case. A duplicate is a TypeError."""
    name = family.__name__.lower()
    if _families.setdefault(name, family) is not family:
        raise TypeError(f"Two families are called '{name}'.")
    return family


def families() -> list[str]:
    """The names of all families, by the files of zoo/models/."""
    return sorted(p.stem for p in (Path(__file__).parent / "models").glob("*.py") if not p.stem.startswith("_"))


def family(name: str) -> type[Composer]:
    """The class of a family; imports its file. Raises ModelNotFound."""
    if name not in families():
        raise ModelNotFound(_unknown("family of models", name, families()))
    import_module(f"zoo.models.{name}")
    return _families[name]


def list_models(pattern: str = "*", style: str | None = None) -> list[str]:
    """Names of the models, the bundled ones first, that match a glob pattern, and know a style where one is given."""
    names = [name for name in installed.models() if fnmatch(name, pattern)]
    return [name for name in names if style is None or style in card(name).supports.styles]


def card(name: str) -> ModelCard:
    """The card of a model, a checkpoint folder or a Hub id. No weights are loaded. Raises ModelNotFound."""
    return read_card(checkpoint_folder(name))


def read_card(folder: Path) -> ModelCard:
    """The card in a checkpoint folder's config.json. Raises ModelNotFound when it has none."""
    try:
        fields = json.loads((folder / "config.json").read_text(encoding="utf-8"))["card"]
        supports = {k: tuple(v) if isinstance(v, list) else v for k, v in fields["supports"].items()}
        return ModelCard(**{**fields, "supports": Supports(**supports)})
    except (OSError, KeyError, TypeError, ValueError):
        raise ModelNotFound(f"{folder.name} is not a checkpoint of ours: its config.json has no model card.") from None


def load(name: str) -> Composer:
    """The composer of a model's name, a checkpoint folder, or a Hub id 'org/name'.

    Raises ModelNotFound, with the nearest names, for anything else, and for a checkpoint whose weights are damaged.
    """
    folder = checkpoint_folder(name)
    kind = family(read_card(folder).family)
    try:
        composer = kind.from_checkpoint(folder)
    except Exception as error:  # a file that is missing, cut off or of another network: each library has its own
        raise ModelNotFound(f"The checkpoint in {folder} can't be loaded: its files are missing or damaged.") from error
    composer.folder = folder.absolute()
    return composer


def checkpoint_folder(name: str) -> Path:
    """Where a model's checkpoint lies; one from the Hub is fetched into huggingface_hub's cache first.

    Its styles are known from then on.
    """
    models = installed.models()
    if name in models:
        return models[name]
    if isfile(Path(name) / "config.json"):  # unlike Path.is_file it takes any text
        folder = Path(name)
    elif name.count("/") == 1 and not name.startswith((".", "/")):
        folder = fetch(name, allow_patterns=CHECKPOINT)
        if folder is None:
            raise ModelNotFound(f"There is no model '{name[:60]}' on the Hub for you, or the Hub can't be reached.")
    else:
        raise ModelNotFound(_unknown("model", name, list(models)))
    installed.remember(folder)
    return folder


def _unknown(what: str, name: str, known: list[str]) -> str:
    nearest = get_close_matches(name, known, n=3, cutoff=0.4) or known
    return f"There is no {what} '{name[:60]}'; the nearest {'is' if len(nearest) == 1 else 'are'} {', '.join(nearest)}."
