"""A checkpoint's weights as they lie in its folder: one safetensors file, or shards and the index that lists them."""

import json
from pathlib import Path

from safetensors.torch import load_file
from torch import Tensor


def read_weights(folder: Path) -> dict[str, Tensor]:
    """All tensors by name; those of fractions in fp32, whatever they are stored in.

    Raises what json, safetensors and the file system raise where a file is missing or damaged.
    """
    tensors = {}
    for name in _files(folder):
        tensors |= load_file(folder / name)
    return {name: value.float() if value.is_floating_point() else value for name, value in tensors.items()}


def _files(folder: Path) -> list[str]:
    if (folder / "model.safetensors").exists():
        return ["model.safetensors"]
    index = json.loads((folder / "model.safetensors.index.json").read_text(encoding="utf-8"))
    shards = set(index["weight_map"].values())
    return sorted(Path(shard).name for shard in shards)  # the name alone: an index leads to no other folder
