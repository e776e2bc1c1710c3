"""A checkpoint as it is bundled and put on the Hub: weights, card, and how the training went."""

import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from safetensors.torch import save_file
from torch import Tensor

from zoo.cards import write_card
from zoo.composer import ModelCard
from zoo.curves import curves

_PICTURE = "loss.png"


def write_checkpoint(
    folder: Path, weights: dict[str, Tensor], card: ModelCard, config: dict, runs: Sequence[Path]
) -> None:
    """fp16 weights, config.json and README.md with the card, a picture of the loss, and each run's TensorBoard log.

    runs: the folders that zoo.training.train left, in order, each named after its stage.
    """
    folder.mkdir(parents=True, exist_ok=True)
    save_file({name: value.half().contiguous() for name, value in weights.items()}, folder / "model.safetensors")
    (folder / _PICTURE).write_bytes(curves(runs))
    for run in runs:
        _copy_log(run / "log", folder / run.name)
    write_card(folder, replace(card, training={**card.training, "curves": _PICTURE}), config)


def _copy_log(log: Path, folder: Path) -> None:
    """Event files, an interrupted run has several, in the order in which they were begun.

    TensorBoard names them after the machine; that is nobody's business.
    """
    folder.mkdir(exist_ok=True)
    for number, path in enumerate(sorted(log.glob("*tfevents*"))):
        shutil.copyfile(path, folder / f"events.out.tfevents.{number}")
