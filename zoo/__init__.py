"""Composer Zoo: many generators of symbolic music behind one interface.

`import zoo` is light: torch and the notation libraries load when a verb first needs them.
"""

from importlib import import_module

from zoo.errors import ModelNotFound, PromptError, RenderError, ScoreError, ZooError
from zoo.prompt import Prompt
from zoo.score import Note, Part, Score
from zoo.styles import styles

# The verbs, each with the room it lives in.
_LAZY = {
    "list_models": "zoo.registry",
    "card": "zoo.registry",
    "load": "zoo.registry",
    "read": "zoo.files",
    "write": "zoo.files",
    # A module of a verb's own name would hide the verb once imported: hence arranging and rendering.
    "arrange": "zoo.arranging",
    "render": "zoo.rendering",
}

__all__ = [
    "ModelNotFound", "Note", "Part", "Prompt", "PromptError", "RenderError", "Score", "ScoreError", "ZooError",
    "styles", *_LAZY,
]


def __getattr__(name: str):
    if name in _LAZY:
        return getattr(import_module(_LAZY[name]), name)
    raise AttributeError(f"module 'zoo' has no attribute '{name}'")
