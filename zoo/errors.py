"""What goes wrong through a person's input, in one plain sentence each."""


class ZooError(ValueError):
    """A mistake the user can mend. Its text says what to change; it never needs a traceback."""


class PromptError(ZooError):
    """A field of a Prompt is malformed or out of range."""


class ScoreError(ZooError):
    """A score, or the file it is read from or written to, is malformed or too large."""


class ModelNotFound(ZooError):
    """No model or checkpoint of that name; the text lists the nearest names."""


class RenderError(ZooError):
    """Sound can't be made here: a program or SoundFont is missing, or the piece is too long; the text says which."""
