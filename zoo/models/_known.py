"""What a model has seen enough of, style by style, to be asked for it."""

from collections import Counter
from collections.abc import Iterable
from itertools import chain

from zoo.codecs.events import EventCodec
from zoo.codecs.sequences import Sequence

# A style's metre or mode is offered when at least so many training pieces have it; the commonest always is.
_ENOUGH = 8


def known_by_style(codec: EventCodec, train: Iterable[Sequence]) -> dict[str, dict]:
    """known of event sequences."""
    headers: dict[str, list] = {style: [] for style in codec.styles}
    for piece in train:
        headers[piece.style].append(tuple(codec.values[t] for t in piece.tokens[1:3]))
    return known(headers)


def known(headers: dict[str, list[tuple[str, str]]]) -> dict[str, dict]:
    """{style: {"meters": [...], "modes": [...]}} with at least _ENOUGH training pieces each, the commonest first.

    headers: by style the (metre, mode) of each of its training pieces.
    """
    result = {}
    for style, found in headers.items():
        counts = {"meters": Counter(meter for meter, _ in found), "modes": Counter(mode for _, mode in found)}
        result[style] = {
            name: [v for v, count in counter.most_common() if count >= min(_ENOUGH, max(counter.values()))]
            for name, counter in counts.items()
        }
    return result


def union(known: dict[str, dict], field: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(chain.from_iterable(row[field] for row in known.values())))
