"""One training loop for every family, on accelerate: the same command on two CPU cores, one GPU or several machines.

A family brings a Task: its network, its loss and its held-out measure. A run lives in a folder: config.json (settings
and the data's fingerprint), log (TensorBoard), run.json (figures), model.safetensors (the best averaged weights so
far) and last.safetensors (to resume). Step n's batch and dropout depend on seed and n alone, so that the same command
gives the same run, and an interrupted one goes on as if it had not been.
"""

import json
import math
import os
import platform
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import torch
from accelerate import Accelerator
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from zoo.errors import ScoreError


@dataclass(frozen=True)
class TrainConfig:
    steps: int = 6000
    batch: int = 32  # sequences
    window: int = 288  # tokens of each
    optimizer: str = "adamw"  # or muon: that for the hidden layers' matrices, AdamW for the rest
    learning_rate: float = 2e-3
    matrix_rate: float = 1e-2  # muon's learning rate
    warmup: int = 200
    decay: bool = True  # cosine decay after the warm-up; without, the rate stays, for a fine-tuning that decays
    weight_decay: float = 0.01
    clip: float = 1.0  # gradient norm
    averaging: float = 0.998  # decay of the exponential moving average of the weights
    evaluate_every: int = 250
    measure_first: bool = False  # for fine-tuning: what it begins with may be the best
    patience: int = 10  # evaluations without a better one before the run stops
    save_every: int = 50
    seed: int = 0


MEASURE = "nats per note"


class Task(Protocol):
    """What a family brings to the loop; a measure other than MEASURE too, as its attribute 'measure'."""

    network: nn.Module
    fingerprint: str  # of the data: a run is resumed only with the same

    def loss(self, network: nn.Module, rng: np.random.Generator, batch: int, window: int, step: int) -> Tensor:
        """Mean training loss of one batch drawn by rng, in nats per token; network is accelerate's wrapping of ours.

        step: 1 and up, for what is to grow while training.
        """

    def validate(self) -> dict[str, float]:
        """Held-out nats per note, or what 'measure' names, by style or kind.

        Lower is better: their mean decides which weights are the best.
        """


def train(task: Task, config: TrainConfig, folder: Path, progress: Callable[[str], None] = print) -> dict:
    """Train until config.steps or until nothing improves; returns the record of the run, also in folder/run.json.

    A run found in the folder is resumed. The best averaged weights are left in the task's network.
    Raises ScoreError when the run in the folder was begun on other data.
    """
    from torch.utils.tensorboard import SummaryWriter
    from tqdm import tqdm

    folder.mkdir(parents=True, exist_ok=True)
    torch.set_flush_denormal(True)  # numbers too small to matter are slow on a CPU
    accelerator = Accelerator(mixed_precision="bf16" if _has_bf16() else "no")
    main = accelerator.is_main_process
    network = accelerator.prepare(task.network)
    optimizers = [accelerator.prepare(optimizer) for optimizer in _optimizers(task.network, config)]
    averaged = {name: value.detach().clone() for name, value in task.network.state_dict().items()}
    _describe(folder, config, task.fingerprint)
    run = _resume(folder, task.network, averaged, optimizers) or {
        "step": 0, "best": None, "best_step": 0, "seconds": 0.0, "tokens": 0, "valid": {}, "history": [],
        "hardware": hardware(accelerator), "fingerprint": task.fingerprint,
    }
    run["measure"] = getattr(task, "measure", MEASURE)
    rates = [[group["initial_lr"] for group in optimizer.param_groups] for optimizer in optimizers]
    log = SummaryWriter(folder / "log", purge_step=run["step"]) if main else None
    bar = tqdm(total=config.steps, initial=run["step"], unit="step", dynamic_ncols=True, disable=not main)
    started = time.monotonic() - run["seconds"]
    recent: list[float] = []

    def measure(step: int) -> None:
        valid = _validate_averaged(task, averaged)
        mean = sum(valid.values()) / len(valid)
        _log(log, step, {"valid/mean": mean} | {f"valid/{kind}": nats for kind, nats in valid.items()})
        train_loss = sum(recent) / len(recent) if recent else None
        run["history"].append({"step": step, "train": train_loss, "valid": valid})
        by_kind = ", ".join(f"{kind} {nats:.3f}" for kind, nats in valid.items())
        progress(f"step {step}: {mean:.4f} {run['measure']} on valid ({by_kind})")
        if run["best"] is None or mean < run["best"]:
            run.update(best=mean, best_step=step, valid=valid)
            if main:
                _write(averaged, folder / "model.safetensors")

    if config.measure_first and not run["history"]:
        measure(0)
    for step in range(run["step"] + 1, config.steps + 1):
        if run["step"] - run["best_step"] >= config.patience * config.evaluate_every:
            progress(f"nothing better since step {run['best_step']}: stopped")
            break
        for optimizer, initial in zip(optimizers, rates):
            for group, rate in zip(optimizer.param_groups, initial):
                group["lr"] = rate * _schedule(step, config)
        torch.manual_seed(config.seed * 1_000_003 + step)
        network.train()
        rng = np.random.default_rng((config.seed, step, accelerator.process_index))
        with accelerator.autocast():
            loss = task.loss(network, rng, config.batch, config.window, step)
        for optimizer in optimizers:
            optimizer.zero_grad(set_to_none=True)
        accelerator.backward(loss)
        norm = accelerator.clip_grad_norm_(network.parameters(), config.clip)
        for optimizer in optimizers:
            optimizer.step()
        decay = min(config.averaging, step / (step + 10))
        with torch.no_grad():
            for name, value in task.network.state_dict().items():
                averaged[name].lerp_(value, 1 - decay)
        recent.append(loss.item())
        _log(log, step, {"train/nats_per_token": recent[-1], "train/gradient_norm": norm.item()})
        bar.update()
        bar.set_postfix(loss=f"{recent[-1]:.3f}", best=run["best"] and round(run["best"], 3))
        run["tokens"] += config.batch * config.window * accelerator.num_processes
        run.update(step=step, seconds=time.monotonic() - started)

        if step % config.evaluate_every == 0 or step == config.steps:
            measure(step)
            recent.clear()
        if step % config.save_every == 0 and main:
            _save(folder, task.network, averaged, optimizers, run)
    if main:
        _save(folder, task.network, averaged, optimizers, run)
    accelerator.wait_for_everyone()
    bar.close()
    if log:
        log.close()
    accelerator.unwrap_model(network, keep_fp32_wrapper=False)  # measured and played in float32
    task.network.load_state_dict(load_file(folder / "model.safetensors"))
    return run


def hardware(accelerator: Accelerator) -> str:
    """What the run ran on, for the card."""
    precision = "bfloat16" if accelerator.mixed_precision == "bf16" else "float32"
    if accelerator.device.type == "cuda":
        return f"{accelerator.num_processes} x {torch.cuda.get_device_name()}, {precision}"
    name = torch.cpu.get_capabilities().get("cpu_name") or platform.machine()
    return f"{torch.get_num_threads() * accelerator.num_processes} threads of a CPU ({name}), {precision}"


def _log(log, step: int, values: dict[str, float]) -> None:
    """Into TensorBoard, where this is the process that keeps the log."""
    if log:
        for name, value in values.items():
            log.add_scalar(name, value, step)


def _has_bf16() -> bool:
    """On processors without AMX bfloat16 is slower than float32: half as fast with AVX-512's own, a third emulated."""
    if torch.cuda.is_available():
        return torch.cuda.is_bf16_supported()
    return bool(torch.cpu.get_capabilities().get("amx_bf16"))


def _optimizers(network: nn.Module, config: TrainConfig) -> list[torch.optim.Optimizer]:
    """AdamW, or Muon (Jordan et al. 2024) for the matrices between embeddings and output, AdamW for the rest."""
    matrices = _hidden_matrices(network) if config.optimizer == "muon" else []
    chosen = {id(p) for p in matrices}
    rest = [p for p in network.parameters() if p.requires_grad and id(p) not in chosen]
    optimizers: list[torch.optim.Optimizer] = [
        torch.optim.AdamW(rest, config.learning_rate, weight_decay=config.weight_decay, betas=(0.9, 0.99))
    ]
    if matrices:
        optimizers.append(
            torch.optim.Muon(
                matrices, config.matrix_rate, weight_decay=config.weight_decay, adjust_lr_fn="match_rms_adamw"
            )
        )
    for optimizer in optimizers:
        for group in optimizer.param_groups:
            group["initial_lr"] = group["lr"]
    return optimizers


def _hidden_matrices(network: nn.Module) -> list[nn.Parameter]:
    return [
        parameter
        for owner, module in network.named_modules()
        if not isinstance(module, nn.Embedding | nn.EmbeddingBag) and not owner.endswith("head")
        for parameter in module.parameters(recurse=False)
        if parameter.ndim == 2
    ]


def _schedule(step: int, config: TrainConfig) -> float:
    if step < config.warmup:
        return step / config.warmup
    if not config.decay:
        return 1.0
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


def _describe(folder: Path, config: TrainConfig, fingerprint: str) -> None:
    path = folder / "config.json"
    if path.exists() and json.loads(path.read_text(encoding="utf-8"))["data"] != fingerprint:
        raise ScoreError(f"The run in '{folder}' was begun on other music; name another folder.")
    path.write_text(json.dumps({**asdict(config), "data": fingerprint}, indent=2), encoding="utf-8")


def _write(tensors: dict[str, Tensor], path: Path, metadata: dict[str, str] | None = None) -> None:
    """Written aside first, so that no interruption leaves halves."""
    aside = path.with_suffix(f".{os.getpid()}.tmp")
    save_file({name: value.contiguous() for name, value in tensors.items()}, aside, metadata=metadata)
    aside.replace(path)


def _save(folder: Path, network: nn.Module, averaged: dict, optimizers: list, run: dict) -> None:
    """Everything needed to resume, without pickle."""
    tensors = {f"network/{name}": value for name, value in network.state_dict().items()}
    tensors |= {f"averaged/{name}": value for name, value in averaged.items()}
    for number, optimizer in enumerate(optimizers):
        for index, state in optimizer.state_dict()["state"].items():
            tensors |= {f"optimizer/{number}/{index}/{name}": torch.as_tensor(v) for name, v in state.items()}
    _write(tensors, folder / "last.safetensors", {"run": json.dumps(run)})
    (folder / "run.json").write_text(json.dumps(run, indent=2), encoding="utf-8")


def _resume(folder: Path, network: nn.Module, averaged: dict, optimizers: list) -> dict | None:
    if not (folder / "last.safetensors").exists():
        return None
    from safetensors import safe_open

    with safe_open(folder / "last.safetensors", "pt") as file:
        run = json.loads(file.metadata()["run"])
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (not a mapping)
    network.load_state_dict({n.removeprefix("network/"): t for n, t in tensors.items() if n.startswith("network/")})
    for name, value in averaged.items():
        value.copy_(tensors[f"averaged/{name}"])
    for number, optimizer in enumerate(optimizers):
        state: dict = {}
        for name, tensor in tensors.items():
            if name.startswith(f"optimizer/{number}/"):
                _, _, index, field = name.split("/")
                state.setdefault(int(index), {})[field] = tensor
        optimizer.load_state_dict({"state": state, "param_groups": optimizer.state_dict()["param_groups"]})
    return run
