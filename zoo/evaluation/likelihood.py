"""Nats per note on held-out music, beside a unigram and an order-3 Markov model on the same tokens and split."""

from collections.abc import Iterable

from zoo.composer import SequenceComposer
from zoo.corpus.piece import Piece
from zoo.evaluation.markov import Markov


def evaluate(composer: SequenceComposer, pieces: Iterable[Piece], split: str = "test") -> dict:
    """{"model", "split", "styles": {style: {"nats_per_note", "notes", "pieces", "unigram", "markov3"}}}.

    Nats per note is the loss of all tokens but the style, divided by the number of notes. The two baselines are fitted
    on the train split of the style and predict the very same tokens.
    """
    pieces = list(pieces)
    result = {"model": composer.card.name, "split": split, "styles": {}}
    for style in composer.card.supports.styles:
        held_out = [p.score for p in pieces if p.style == style and p.split == split]
        likelihoods = [x for x in composer.log_likelihood_batch(held_out, style) if x.notes]
        notes = sum(x.notes for x in likelihoods)
        if not notes:
            continue
        train = [t for p in pieces if p.style == style and p.split == "train" for t in composer.tokens(p.score, style)]
        test = [t for score in held_out for t in composer.tokens(score, style)]
        row = {
            "nats_per_note": sum(x.nats for x in likelihoods) / notes,
            "notes": notes,
            "pieces": len(likelihoods),
        }
        for name, order in (("unigram", 0), ("markov3", 3)):
            model = Markov(order, composer.vocabulary).fit(train)
            row[name] = sum(model.nats(t) for t in test) / notes
        result["styles"][style] = row
    return result


def table(result: dict) -> str:
    """The result as text for people."""
    lines = [f"{result['model']}, {result['split']} split: nats per note",
             "style      pieces   notes  unigram  markov3    model  below markov3"]
    for style, row in result["styles"].items():
        lines.append(
            f"{style:10} {row['pieces']:6} {row['notes']:7,} {row['unigram']:8.3f} {row['markov3']:8.3f} "
            f"{row['nats_per_note']:8.3f} {1 - row['nats_per_note'] / row['markov3']:14.1%}"
        )
    return "\n".join(lines)
