"""Nats per note on held-out music, beside a unigram and an order-3 Markov model on the same tokens and split."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain

from zoo.composer import SequenceComposer
from zoo.corpus.melody import melody, sections
from zoo.corpus.piece import Piece
from zoo.evaluation.markov import Markov
from zoo.score import Score


def evaluate(composer: SequenceComposer, pieces: Iterable[Piece], split: str = "test") -> dict:
    """{"model", "split", "styles": {style: {"nats_per_note", "notes", "pieces", "unigram", "markov3"}}}.

    Nats per note is the loss of all tokens but the style, divided by the number of notes. The two baselines are fitted
    on the train split of the style and predict the very same tokens.

    The styles' figures are of the melodies, which every model is handed alike; for polyphonic models those of the
    whole scores are added as "scores", in the same form.
    """
    pieces = list(pieces)
    result = {"model": composer.card.name, "split": split, "styles": _measure(composer, pieces, split, _melodies)}
    if composer.card.supports.polyphony:
        result["scores"] = _measure(composer, pieces, split, lambda score: [score])
    return result


def _melodies(score: Score) -> list[Score]:
    return sections(melody(score))


def _measure(
    composer: SequenceComposer, pieces: list[Piece], split: str, view: Callable[[Score], list[Score]]
) -> dict[str, dict]:
    """The rows of all styles of which the split has notes. view: what of a piece the model is handed."""
    rows = {}
    for style in composer.card.supports.styles:
        held_out = [view(p.score) for p in pieces if p.style == style and p.split == split]
        owners = [number for number, scores in enumerate(held_out) for _ in scores]
        scores = list(chain.from_iterable(held_out))
        likelihoods = composer.log_likelihood_batch(scores, style)
        notes = sum(x.notes for x in likelihoods)
        if not notes:
            continue
        train = (score for p in pieces if p.style == style and p.split == "train" for score in view(p.score))
        markov = Markov(3, composer.vocabulary).fit(_tokens(composer, train, style))
        test = list(_tokens(composer, scores, style))
        rows[style] = {
            "nats_per_note": sum(x.nats for x in likelihoods) / notes,
            "notes": notes,
            "pieces": len({owner for owner, x in zip(owners, likelihoods) if x.notes}),
            "unigram": sum(markov.nats(tokens, order=0) for tokens in test) / notes,
            "markov3": sum(markov.nats(tokens) for tokens in test) / notes,
        }
    return rows


def _tokens(composer: SequenceComposer, scores: Iterable[Score], style: str) -> Iterator[list[int]]:
    return chain.from_iterable(composer.tokens(score, style) for score in scores)


def table(results: Sequence[dict]) -> str:
    """What evaluate gave of one or more models side by side, as text for people.

    Models share a row where they were measured on the same notes; of their baselines, each on its model's own tokens,
    the row has the better.
    """
    lines = [f"{results[0]['split']} split: nats per note; in brackets how far below markov3"]
    for what, title in (("styles", "melodies"), ("scores", "whole scores")):
        rows: dict[tuple, dict] = {}
        for number, result in enumerate(results):
            for style, row in result.get(what, {}).items():
                rows.setdefault((style, row["pieces"], row["notes"]), {})[number] = row
        if rows:
            models = "".join(f" {result['model']:>15}" for result in results)
            lines += ["", f"{title:12} pieces   notes  unigram  markov3{models}"]
        for (style, pieces, notes), row in rows.items():
            unigram, markov = (min(figures[name] for figures in row.values()) for name in ("unigram", "markov3"))
            lines.append(
                f"{style:12} {pieces:6} {notes:7,} {unigram:8.3f} {markov:8.3f}"
                + "".join(f" {_cell(row.get(number), markov):>15}" for number in range(len(results)))
            )
    return "\n".join(lines)


def _cell(figures: dict | None, markov: float) -> str:
    if figures is None:
        return "–"
    return f"{figures['nats_per_note']:.3f} ({1 - figures['nats_per_note'] / markov:.1%})"
