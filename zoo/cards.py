"""The model card as people read it: README.md of a checkpoint, written from the run's own record."""

import json
import time
from collections.abc import Iterable, Sequence
from dataclasses import asdict, replace
from pathlib import Path

from huggingface_hub import EvalResult, ModelCardData

from zoo.codecs import sequences
from zoo.composer import ModelCard
from zoo.corpus.credits import provenance
from zoo.corpus.piece import Piece

_MEASURED = {"styles": "melodies", "scores": "whole scores"}  # what of the test split, by its name in the figures
_TASK = "other"  # of the Hub's list of tasks: it has none whose result is notes


def write_card(folder: Path, card: ModelCard, config: dict) -> None:
    """config.json, with the card and what else the family needs to load its weights, and README.md."""
    text = json.dumps({**config, "card": asdict(card)}, indent=1, ensure_ascii=False)
    (folder / "config.json").write_text(text, encoding="utf-8")
    (folder / "README.md").write_text(card_text(card), encoding="utf-8")


def training_record(
    pieces: Iterable[Piece], data: dict[str, list[sequences.Sequence]], runs: Sequence[Path]
) -> dict:
    """ModelCard.training of a model that ends today.

    pieces: the corpus; data: by split, what of it the model reads; runs: the folders that zoo.training.train left, in
    order, each named after its stage.
    """
    return {
        "ended": time.strftime("%Y-%m-%d"),
        **provenance(pieces),
        "sequences": {split: len(found) for split, found in data.items()},
        "notes": {split: sum(sequence.notes for sequence in found) for split, found in data.items()},
        "stages": {folder.name: _stage(folder) for folder in runs},
    }


def _stage(folder: Path) -> dict:
    """A run without its history, which the picture of its curves tells."""
    run = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    del run["history"], run["best"], config["data"]
    return {**run, "config": config}


def measure(run: dict) -> str:
    """What the valid figures of a run's record, or of a stage of a card, are in; older ones are silent about it."""
    return run.get("measure", "nats per note")


def record_test(folder: Path, card: ModelCard, result: dict) -> None:
    """Add the held-out figures, as zoo.evaluation.likelihood.evaluate gives them, to a checkpoint's card."""
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    held_out = {what: result[what] for what in _MEASURED if what in result}
    write_card(folder, replace(card, training={**card.training, "test": held_out}), config)


def card_text(card: ModelCard) -> str:
    """Markdown with the Hub's front matter."""
    run = card.training
    lines = [
        "---",
        _metadata(card).to_yaml(),
        "---",
        "",
        f"# {card.title}",
        "",
        card.summary,
        "",
        f"- Family `{card.family}`, {card.parameters:,} parameters, weights in fp16.",
        f"- Styles: {', '.join(card.supports.styles)}. Metres: {', '.join(card.supports.meters)}. "
        f"Modes: {', '.join(card.supports.modes)}.",
    ]
    if run:
        lines += ["", "## Training", "", *_training(run)]
    if "finetuned" in run:
        origin = run["finetuned"]
        figures = ", ".join(f"{what} {nats:.3f}" for what, nats in origin["before"].items())
        lines += [
            "",
            f"It was fine-tuned from `{origin['model']}`, setting out from its style {origin['base']}, under which the "
            f"held-out pieces cost before, in nats per note: {figures}.",
        ]
    if "curves" in run:
        lines += ["", f"![Loss by step: training, and held-out music of each kind]({run['curves']})"]
    if "test" in run:
        lines += ["", "## How well it predicts held-out music", "", *_held_out(run["test"])]
    if run:
        lines += ["", "## Data", "", *_splits(run), "", "| corpus | training pieces |", "|---|---|"]
        lines += [f"| {corpus} | {count:,} |" for corpus, count in run["corpora"].items()]
        owned = "" if "finetuned" in run else " (the music itself is in the public domain)"
        lines += ["", f"Licences of the encodings{owned}:", ""]
        lines += [f"- {licence}: {count:,} pieces" for licence, count in run["licences"].items()]
        if run["credits"]:
            lines += ["", "Credits:", "", *(f"- {line}" for line in run["credits"])]
    lines += ["", "## What it cannot do", "", *(f"- {limit}" for limit in card.limits), ""]
    return "\n".join(lines)


def _training(run: dict) -> list[str]:
    stages = run["stages"]
    hours = sum(stage["seconds"] for stage in stages.values()) / 3600
    measures = dict.fromkeys(measure(stage) for stage in stages.values())
    return [
        f"Trained for {hours:.1f} hours, ended {run['ended']}. The averaged weights of a stage's best step on the "
        "valid split go on to the next stage; those of the last are in this checkpoint. Tokens are steps × batch × "
        "window, filled or not.",
        "",
        "| stage | steps | best step | hours | tokens | batch × window | optimiser | learning rate | hardware |",
        "|---|---|---|---|---|---|---|---|---|",
        *(
            f"| {name} | {stage['step']:,} | {stage['best_step']:,} | {stage['seconds'] / 3600:.1f} | "
            f"{stage['tokens'] / 1e6:.1f} M | {stage['config']['batch']} × {stage['config']['window']} | "
            f"{_optimiser(stage['config'])} | {stage['hardware']} |"
            for name, stage in stages.items()
        ),
        *(line for unit in measures for line in _valid(unit, {n: s for n, s in stages.items() if measure(s) == unit})),
    ]


def _valid(unit: str, stages: dict) -> list[str]:
    """The table of the stages that are measured in that unit."""
    kinds = dict.fromkeys(kind for stage in stages.values() for kind in stage["valid"])
    return [
        "",
        f"| {unit}, valid | {' | '.join(stages)} |",
        f"|---|{'---|' * len(stages)}",
        *(
            f"| {kind} | " + " | ".join(_figure(stage["valid"].get(kind)) for stage in stages.values()) + " |"
            for kind in kinds
        ),
    ]


def _optimiser(config: dict) -> str:
    """Two columns: its name, and its highest learning rates."""
    decay = "cosine decay" if config["decay"] else "no decay"
    if config["optimizer"] == "muon":
        return f"Muon, and AdamW | {config['matrix_rate']:g}, and {config['learning_rate']:g}; {decay}"
    return f"AdamW | {config['learning_rate']:g}; {decay}"


def _figure(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def _splits(run: dict) -> list[str]:
    return [
        "| split | pieces | sequences | notes |",
        "|---|---|---|---|",
        *(
            f"| {split} | {count:,} | {run['sequences'][split]:,} | {run['notes'][split]:,} |"
            for split, count in run["pieces"].items()
        ),
    ]


def _held_out(test: dict) -> list[str]:
    lines = [
        "Nats per note on the test split: the loss of all tokens but the style, divided by the number of notes; lower "
        "is better. The unigram and the order-3 Markov model (Witten-Bell back-off) are fitted on the train split and "
        "predict the same tokens.",
    ]
    for what, rows in test.items():
        lines += [
            "",
            f"| {_MEASURED[what]} | pieces | notes | unigram | order-3 Markov | this model | below Markov |",
            "|---|---|---|---|---|---|---|",
            *(
                f"| {style} | {row['pieces']} | {row['notes']:,} | {row['unigram']:.3f} | {row['markov3']:.3f} | "
                f"{row['nats_per_note']:.3f} | {1 - row['nats_per_note'] / row['markov3']:.0%} |"
                for style, row in rows.items()
            ),
        ]
    return lines


def _metadata(card: ModelCard) -> ModelCardData:
    """What the Hub reads: by it models are found, and their held-out figures compared."""
    figures = [
        EvalResult(
            task_type=_TASK,
            task_name="Symbolic music generation",
            dataset_type="composer-zoo",
            dataset_name=f"Held-out {_MEASURED[what]}, {style}",
            dataset_config=f"{style} {_MEASURED[what]}",
            dataset_split="test",
            metric_type="nats_per_note",
            metric_name="Nats per note",
            metric_value=round(row["nats_per_note"], 3),
        )
        for what, rows in card.training.get("test", {}).items()
        for style, row in rows.items()
    ]
    return ModelCardData(
        license=card.licence,
        library_name="composer-zoo",
        pipeline_tag=_TASK,
        tags=["music", "symbolic-music", "music-generation", "midi"],
        **({"model_name": card.title, "eval_results": figures} if figures else {}),
    )
