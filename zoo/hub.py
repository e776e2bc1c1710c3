"""The Hugging Face Hub: its repositories, fetched into huggingface_hub's own cache."""

from pathlib import Path


def fetch(name: str, **options) -> Path | None:
    """The folder of repository 'org/name', options as for snapshot_download; None where it can't be had."""
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError

    try:
        return Path(snapshot_download(name, **options))
    except (HFValidationError, HfHubHTTPError, LocalEntryNotFoundError, OSError):
        return None
