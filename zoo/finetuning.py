"""Fine-tuning: a folder of somebody's music becomes a style of its own, and a model that writes it."""

import math
import shutil
from collections.abc import Callable
from dataclasses import asdict, replace
from itertools import accumulate
from pathlib import Path

from zoo import installed
from zoo.cards import record_test, training_record
from zoo.checkpoint import write_checkpoint
from zoo.codecs.sequences import sequences
from zoo.composer import ModelCard, Supports
from zoo.corpus.describe import describe
from zoo.corpus.piece import Piece
from zoo.errors import PromptError, ScoreError
from zoo.evaluation.likelihood import evaluate
from zoo.models import _gpt2_training as training
from zoo.models._gpt2_growth import GrowthTask, grow
from zoo.models._known import known_by_style
from zoo.models.gpt2 import GPT2
from zoo.registry import load
from zoo.styles import NAME, styles
from zoo.training import TrainConfig, train

# At most five minutes on two cores. A small folder is soon got by heart: hence rates far below those the model was made
# with, a look at the valid split every few steps, which ends the run when nothing is gained any more, and GrowthTask.
CONFIG = TrainConfig(
    steps=150, batch=4, window=512, optimizer="muon", learning_rate=3e-4, matrix_rate=5e-4, warmup=6,
    averaging=0.9, evaluate_every=6, measure_first=True, patience=5, save_every=15,
)
_FEWEST, _FEW = 6, 30  # tunes: what there must be, and what there should be
_COMPARED_NOTES = 4000  # of the train split are enough to tell which style is the nearest


def check_name(style: str) -> None:
    """Raise PromptError for a name that is malformed, or that a style or a model has already."""
    if not NAME.fullmatch(style):
        raise PromptError(f"'{style[:40]}' can't name a style; give 1 to 30 of the signs a to z, 0 to 9 and '-'.")
    if style in styles() or style in installed.models():
        raise PromptError(f"There is a style or a model called '{style}' already; choose another name.")


def finetune(
    composer: GPT2, pieces: list[Piece], style: str, folder: Path, config: TrainConfig = CONFIG,
    say: Callable[[str], None] = print,
) -> dict:
    """Fine-tune on the train split and leave a checkpoint in the folder; an interrupted run is taken up again.

    The new style begins as a copy of the one, among those the model knows, under which the pieces are likeliest.
    Returns {"model", "base", "share", "pieces", "before", "after"}: the share of what was learned that was kept, and
    nats per note on the pieces of the test split, as the base style before and as the new style after,
    {"melodies": x} and for a polyphonic style {"whole scores": x} too.
    Raises ScoreError where there are too few pieces, or none of a split in a metre that the model knows.
    """
    tunes = len({p.family for p in pieces})
    if tunes < _FEWEST:
        raise ScoreError(f"There are {tunes} usable tunes; give at least {_FEWEST}, and better {_FEW} or more.")
    if tunes < _FEW:
        say(f"Warning: {tunes} tunes are few; with {_FEW} or more the style becomes clearer.")
    pieces = [replace(p, style=style) for p in pieces]
    learned_from = [p for p in pieces if p.split == "train"]
    base = nearest_style(composer, learned_from)
    say(f"The nearest style is {base}: from there it sets out.")
    network, codec = grow(composer.network, composer.codec, style, base)
    data, _ = sequences(codec, pieces, training.views)
    if not all(data.values()):
        raise ScoreError("Too few of the pieces are in metres that the model knows; give more of them.")
    run = folder / f"from-{composer.folder.name if composer.folder else composer.card.name}"
    task = GrowthTask(network, codec, data)
    train(task, config, run / "finetune")
    share = task.mix()
    say(f"Of what it learned {share:.0%} is kept, the best share on the valid split.")

    row = describe(learned_from, style, styles()[base])
    known = known_by_style(codec, data["train"])[style]
    before = _figures(evaluate(composer, [replace(p, style=base) for p in pieces]))
    learned = {"model": composer.card.name, "base": base, "before": before, "share": share}
    card = ModelCard(
        name=folder.name,
        title=f"{row['title']} (fine-tuned)",
        family=composer.card.family,
        parameters=sum(p.numel() for p in network.parameters()),
        licence="other",  # the music is somebody's own
        summary=(
            f"{composer.card.title}, fine-tuned on {len(learned_from)} pieces into a style of their own. Of what it "
            f"learned {share:.0%} is kept, the rest of the weights being those before: the best on the valid split."
        ),
        limits=(
            f"Its style it has from {len(learned_from)} pieces only; it may come close to one.", *composer.card.limits
        ),
        supports=Supports((style,), tuple(known["meters"]), tuple(known["modes"]), polyphony=row["writes"] != "melody"),
        training={**training_record(pieces, data, [run / "finetune"]), "finetuned": learned},
    )
    write_checkpoint(
        folder, network.state_dict(), card,
        {
            "codec": {"styles": codec.styles}, "network": asdict(network.config), "known": {style: known},
            "style_rows": {style: row},
        },
        [run / "finetune"],
    )
    tuned = load(str(folder))
    result = evaluate(tuned, pieces)
    record_test(folder, tuned.card, result)
    shutil.rmtree(run)
    after = _figures(result)
    held_out = result["styles"][style]["pieces"]
    return {**learned, "pieces": held_out, "before": before, "after": after}


def nearest_style(composer: GPT2, pieces: list[Piece]) -> str:
    """Of the styles that the model knows the one under which the pieces' first few thousand notes are likeliest."""
    totals = accumulate(len(p.score.notes) for p in pieces)
    scores = [p.score for p, total in zip(pieces, totals) if total <= _COMPARED_NOTES] or [pieces[0].score]
    nats = {style: sum(x.nats for x in composer.log_likelihood_batch(scores, style)) for style in composer.known}
    return min(nats, key=nats.get)


def table(learned: dict) -> str:
    """What finetune returned, as text for people."""
    lines = [f"nats per note on {learned['pieces']} held-out pieces   before, as {learned['base']}   after"]
    for what, nats in learned["after"].items():
        before = learned["before"].get(what, math.nan)  # a model of melodies has no figure for whole scores
        lines.append(f"{what:14} {before:8.3f} {nats:8.3f}   {nats / before - 1:+.1%}")
    return "\n".join(lines)


def _figures(result: dict) -> dict[str, float]:
    """Of the one style that evaluate met."""
    kinds = {"melodies": "styles", "whole scores": "scores"}
    return {
        what: row["nats_per_note"] for what, name in kinds.items() for row in result.get(name, {}).values()
    }
