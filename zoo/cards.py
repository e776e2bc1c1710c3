"""The model card as people read it: README.md of a checkpoint, written from the run's own record."""

import json
from dataclasses import asdict, replace
from pathlib import Path

from zoo.composer import ModelCard


def write_card(folder: Path, card: ModelCard, config: dict) -> None:
    """config.json, with the card and what else the family needs to load its weights, and README.md."""
    text = json.dumps({**config, "card": asdict(card)}, indent=1, ensure_ascii=False)
    (folder / "config.json").write_text(text, encoding="utf-8")
    (folder / "README.md").write_text(card_text(card), encoding="utf-8")


def record_test(folder: Path, card: ModelCard, held_out: dict) -> None:
    """Add the held-out figures by style, as zoo.evaluation.likelihood gives them, to a checkpoint's card."""
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    write_card(folder, replace(card, training={**card.training, "test": held_out}), config)


def card_text(card: ModelCard) -> str:
    """Markdown with the Hub's front matter."""
    run = card.training
    lines = [
        "---",
        f"license: {card.licence}",
        "library_name: composer-zoo",
        "tags: [music, symbolic-music, midi]",
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
        lines += [
            "",
            "## Training",
            "",
            f"Trained to step {run['step']:,} in {run['seconds'] / 3600:.1f} hours on {run['hardware']}, "
            f"ended {run['ended']}; the weights are those of step {run['best_step']:,}, the best on the valid split. "
            f"{run['train_pieces']:,} training pieces, from which {run['train_sections']:,} melodies with "
            f"{run['train_notes']:,} notes.",
            "",
            "| style | nats per note, valid |",
            "|---|---|",
            *(f"| {style} | {nats:.3f} |" for style, nats in run["valid"].items()),
        ]
    if run.get("test"):
        lines += [
            "",
            "Held-out pieces (test split), nats per note: all tokens' loss divided by the number of notes.",
            "",
            "| style | pieces | notes | unigram | order-3 Markov | this model | below Markov |",
            "|---|---|---|---|---|---|---|",
            *(
                f"| {style} | {row['pieces']} | {row['notes']:,} | {row['unigram']:.3f} | {row['markov3']:.3f} | "
                f"{row['nats_per_note']:.3f} | {1 - row['nats_per_note'] / row['markov3']:.0%} |"
                for style, row in run["test"].items()
            ),
        ]
    if run:
        lines += ["", "## Data", "", "| corpus | training pieces |", "|---|---|"]
        lines += [f"| {corpus} | {count:,} |" for corpus, count in run["corpora"].items()]
        lines += ["", "Licences of the encodings (the music itself is in the public domain):", ""]
        lines += [f"- {licence}: {count:,} pieces" for licence, count in run["licences"].items()]
        lines += ["", "Credits:", "", *(f"- {line}" for line in run["credits"])]
    lines += ["", "## What it cannot do", "", *(f"- {limit}" for limit in card.limits), ""]
    return "\n".join(lines)
