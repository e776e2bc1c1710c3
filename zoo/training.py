"""One training loop for every family: AdamW, warm-up and cosine decay, averaged weights, resume, early stopping.

A family brings a Task: its network, its batches, its loss and its held-out measure. A run lives in a folder:
config.json, log (TensorBoard), model.safetensors (the best averaged weights so far) and last.safetensors (to resume).
Step n's batch and dropout depend on seed and n alone, so that an interrupted run goes on as if it had not been.
"""

import json
import math
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from zoo.cards import write_card
from zoo.composer import ModelCard


@dataclass(frozen=True)
class TrainConfig:
    steps: int = 6000
    batch: int = 32  # sequences
    window: int = 288  # tokens of each
    learning_rate: float = 2e-3
    warmup: int = 200
    weight_decay: float = 0.01
    clip: float = 1.0  # gradient norm
    averaging: float = 0.998  # decay of the exponential moving average of the weights
    evaluate_every: int = 250
    patience: int = 10  # evaluations without a better one before the run stops
    save_every: int = 50
    seed: int = 0


class Task(Protocol):
    """What a family brings to the loop."""

    network: nn.Module

    def loss(self, rng: np.random.Generator, batch: int, window: int) -> Tensor:
        """Mean training loss of one batch drawn by rng, in nats per token."""

    def validate(self) -> dict[str, float]:
        """Held-out nats per note by style. Their mean decides which weights are the best."""


def train(task: Task, config: TrainConfig, folder: Path, progress: Callable[[str], None] = print) -> dict:
    """Train until config.steps or until nothing improves; returns the record of the run, also in folder/run.json.

    A run found in the folder is resumed. The best averaged weights are left in the task's network.
    """
    from torch.utils.tensorboard import SummaryWriter
    from tqdm import tqdm

    folder.mkdir(parents=True, exist_ok=True)
    network = task.network
    averaged = {name: value.detach().clone() for name, value in network.state_dict().items()}
    optimizer = torch.optim.AdamW(
        network.parameters(), lr=config.learning_rate, weight_decay=config.weight_decay, betas=(0.9, 0.99)
    )
    run = _resume(folder, network, averaged, optimizer) or {
        "step": 0, "best": math.inf, "best_step": 0, "seconds": 0.0, "valid": {},
    }
    (folder / "config.json").write_text(json.dumps(asdict(config), indent=2))
    log = SummaryWriter(folder / "log", purge_step=run["step"])
    bar = tqdm(total=config.steps, initial=run["step"], unit="step", dynamic_ncols=True)
    started = time.monotonic() - run["seconds"]

    for step in range(run["step"] + 1, config.steps + 1):
        for group in optimizer.param_groups:
            group["lr"] = config.learning_rate * _schedule(step, config)
        torch.manual_seed(config.seed * 1_000_003 + step)
        network.train()
        loss = task.loss(np.random.default_rng((config.seed, step)), config.batch, config.window)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        norm = nn.utils.clip_grad_norm_(network.parameters(), config.clip)
        optimizer.step()
        decay = min(config.averaging, step / (step + 10))
        with torch.no_grad():
            for name, value in network.state_dict().items():
                averaged[name].lerp_(value, 1 - decay)
        log.add_scalar("train/nats_per_token", loss.item(), step)
        log.add_scalar("train/gradient_norm", norm.item(), step)
        bar.update()
        bar.set_postfix(loss=f"{loss.item():.3f}", best=f"{run['best']:.3f}")
        run.update(step=step, seconds=time.monotonic() - started)

        if step % config.evaluate_every == 0 or step == config.steps:
            valid = _validate_averaged(task, averaged)
            mean = sum(valid.values()) / len(valid)
            for style, nats in valid.items():
                log.add_scalar(f"valid/{style}", nats, step)
            log.add_scalar("valid/mean", mean, step)
            by_style = ", ".join(f"{style} {nats:.3f}" for style, nats in valid.items())
            progress(f"step {step}: {mean:.4f} nats per note on valid ({by_style})")
            if mean < run["best"]:
                run.update(best=mean, best_step=step, valid=valid)
                save_file(averaged, folder / "best.tmp")
                (folder / "best.tmp").replace(folder / "model.safetensors")
            elif step - run["best_step"] >= config.patience * config.evaluate_every:
                progress(f"nothing better since step {run['best_step']}: stopped")
                break
        if step % config.save_every == 0:
            _save(folder, network, averaged, optimizer, run)
    _save(folder, network, averaged, optimizer, run)
    bar.close()
    log.close()
    network.load_state_dict(load_file(folder / "model.safetensors"))
    return run


def _schedule(step: int, config: TrainConfig) -> float:
    if step < config.warmup:
        return step / config.warmup
    progress = (step - config.warmup) / max(1, config.steps - config.warmup)
    return 0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * min(1.0, progress)))


@torch.no_grad()
def _validate_averaged(task: Task, averaged: dict[str, Tensor]) -> dict[str, float]:
    """Measure with the averaged weights in place of the current ones."""
    current = {name: value.detach().clone() for name, value in task.network.state_dict().items()}
    task.network.load_state_dict(averaged)
    task.network.eval()
    valid = task.validate()
    task.network.load_state_dict(current)
    return valid


def _save(folder: Path, network: nn.Module, averaged: dict, optimizer: torch.optim.Optimizer, run: dict) -> None:
    """Everything needed to resume, without pickle; written aside first, so that no interruption leaves halves."""
    tensors = {f"network/{name}": value for name, value in network.state_dict().items()}
    tensors |= {f"averaged/{name}": value for name, value in averaged.items()}
    for index, state in optimizer.state_dict()["state"].items():
        tensors |= {f"optimizer/{index}/{name}": torch.as_tensor(value) for name, value in state.items()}
    save_file(tensors, folder / "last.tmp", metadata={"run": json.dumps(run)})
    (folder / "last.tmp").replace(folder / "last.safetensors")
    (folder / "run.json").write_text(json.dumps(run, indent=2))


def _resume(folder: Path, network: nn.Module, averaged: dict, optimizer: torch.optim.Optimizer) -> dict | None:
    if not (folder / "last.safetensors").exists():
        return None
    from safetensors import safe_open

    with safe_open(folder / "last.safetensors", "pt") as file:
        run = json.loads(file.metadata()["run"])
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (not a mapping)
    network.load_state_dict({n.removeprefix("network/"): t for n, t in tensors.items() if n.startswith("network/")})
    averaged.update({n.removeprefix("averaged/"): t for n, t in tensors.items() if n.startswith("averaged/")})
    state: dict = {}
    for name, tensor in tensors.items():
        if name.startswith("optimizer/"):
            _, index, field = name.split("/")
            state.setdefault(int(index), {})[field] = tensor
    optimizer.load_state_dict({"state": state, "param_groups": optimizer.state_dict()["param_groups"]})
    return run


def write_checkpoint(folder: Path, weights: dict[str, Tensor], card: ModelCard, config: dict) -> None:
    """A checkpoint as it is bundled and put on the Hub: fp16 weights, config.json with the card, README.md."""
    folder.mkdir(parents=True, exist_ok=True)
    save_file({name: value.half().contiguous() for name, value in weights.items()}, folder / "model.safetensors")
    write_card(folder, card, config)
