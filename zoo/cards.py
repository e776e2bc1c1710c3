"""The model card as people read it: README.md of a checkpoint, written from the run's own record."""

from zoo.composer import ModelCard


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
