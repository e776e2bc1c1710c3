"""What a model has seen enough of, style by style, to be asked for it."""

from collections import Counter
from collections.abc import Iterable
from itertools import chain

from zoo.codecs.events import EventCodec
from zoo.codecs.sequences import Sequence

# A style's metre or mode is offered when at least so many training pieces have it; the commonest always is.
_ENOUGH = 8


def known_by_style(codec: EventCodec, train: Iterable[Sequence]) -> dict[str, dict]:
    """{style: {"meters": [...], "modes": [...]}} with at least _ENOUGH training pieces each, the commonest first."""
    result = {}
    for style in codec.styles:
        headers = [[codec.values[t] for t in piece.tokens[1:3]] for piece in train if piece.style == style]
        counts = {"meters": Counter(meter for meter, _ in headers), "modes": Counter(mode for _, mode in headers)}
        result[style] = {
            name: [v for v, count in counter.most_common() if count >= min(_ENOUGH, max(counter.values()))]
            for name, counter in counts.items()
        }
    return result


def union(known: dict[str, dict], field: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(chain.from_iterable(row[field] for row in known.values())))
