"""The Hugging Face Hub: its repositories, fetched into huggingface_hub's own cache, and checkpoints put there."""

from pathlib import Path

from zoo.errors import ZooError

WEIGHTS = ["model.safetensors", "model-*.safetensors", "model.safetensors.index.json"]
# What a checkpoint is made of, with the pictures and the TensorBoard log beside its card. Nothing else travels.
CHECKPOINT = ["config.json", "README.md", "*.png", "*.svg", "*tfevents*", *WEIGHTS]


def fetch(name: str, **options) -> Path | None:
    """The folder of repository 'org/name', options as for snapshot_download; None where it can't be had."""
    from huggingface_hub import snapshot_download

    try:
        return Path(snapshot_download(name, **options))
    except Exception:  # no such name, no network, no permission, a full disk: every transport has its own errors
        return None


def push(folder: Path, name: str, private: bool) -> str:
    """Put a checkpoint into repository 'org/name', which is made where there is none; returns its address.

    Weights that the repository had before are removed: one file and shards side by side would contradict each other.
    Raises ZooError when the Hub does not take it.
    """
    from huggingface_hub import HfApi
    from huggingface_hub.errors import HFValidationError

    try:
        if name.count("/") != 1:
            raise HFValidationError("huggingface_hub would take a name without 'org', which zoo.load does not read")
        api = HfApi()
        url = api.create_repo(name, private=private, exist_ok=True)
        api.upload_folder(
            repo_id=name, folder_path=folder, allow_patterns=CHECKPOINT, delete_patterns=WEIGHTS,
            commit_message="A checkpoint of Composer Zoo",
        )
        return str(url)
    except Exception as error:  # every transport has its own, here too
        raise ZooError(_refusal(name, error)) from error


def _refusal(name: str, error: Exception) -> str:
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError

    if isinstance(error, HFValidationError):
        return f"'{name[:60]}' is no name for the Hub: write 'org/name', with letters, digits, '-', '_' and '.'."
    status = error.response.status_code if isinstance(error, HfHubHTTPError) else None
    if status == 401:
        return "The Hub does not know who you are: log in with `hf auth login`, or set HF_TOKEN to a valid token."
    if status == 403:
        return f"The Hub does not let you write to '{name}': take a name of your own, or a token that may write."
    if status or isinstance(error, ValueError):  # a ValueError: what the Hub finds wrong with the card, line by line
        reason = (error.server_message or f"it answers with HTTP status {status}") if status else str(error)
        return f"The Hub does not take '{name}': {' '.join(reason.split())}"
    return "The Hub can't be reached, or the upload broke off: check the network and that HF_HUB_OFFLINE is not set."
