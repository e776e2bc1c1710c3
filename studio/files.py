"""A fresh folder for each request's files, and an end for the old ones."""

import shutil
import tempfile
import time
from pathlib import Path

from gradio.utils import get_upload_folder

_PREFIX = "tune-"
MAX_AGE = 3600  # seconds


def fresh_folder() -> Path:
    """A new folder that no other request knows, where Gradio serves files from; older ones than an hour are removed.

    Gradio's own delete_cache does not know the files that a component of ours shows.
    """
    cache = Path(get_upload_folder())
    cache.mkdir(parents=True, exist_ok=True)
    for folder in cache.glob(f"{_PREFIX}*"):
        if _age(folder) > MAX_AGE:
            shutil.rmtree(folder, ignore_errors=True)
    return Path(tempfile.mkdtemp(prefix=_PREFIX, dir=cache))


def _age(folder: Path) -> float:
    """Seconds since a file was last added; 0 for a folder that another request has just removed."""
    try:
        return time.time() - folder.stat().st_mtime
    except OSError:
        return 0.0
