"""A fresh folder for each request's files."""

import tempfile
from pathlib import Path

from gradio.utils import get_upload_folder


def fresh_folder() -> Path:
    """A new folder that no other request knows, where Gradio serves files from and removes them when they are old."""
    cache = Path(get_upload_folder())
    cache.mkdir(parents=True, exist_ok=True)
    return Path(tempfile.mkdtemp(prefix="tune-", dir=cache))
