"""A GPT-2 that learns one more style: its vocabulary grows by the style's word, and nothing else changes."""

from dataclasses import replace

import torch

from zoo.codecs.events import EventCodec
from zoo.models._gpt2_network import GPT2Network


def grow(network: GPT2Network, codec: EventCodec, style: str, base: str) -> tuple[GPT2Network, EventCodec]:
    """A new network and codec that know one more style, which begins as a copy of the base style.

    Of the old styles' music the new network says what the old one says. Rows of the embeddings and of the output are
    copied by word, and by column and value where the context is meant.
    """
    grown = EventCodec((*codec.styles, style), codec.polyphonic)
    words = torch.tensor([codec.ids.get(word, codec.ids[f"style_{base}"]) for word in grown.words])
    base_value = codec.styles.index(base) + 1  # as Walk.context counts them
    places, start = [], 0
    for before, after in zip(codec.context_sizes(), grown.context_sizes()):
        places += [start + (value if value < before else base_value) for value in range(after)]
        start += before
    weights = dict(network.state_dict())
    for name, rows in (("gpt2.transformer.wte", words), ("gpt2.lm_head", words), ("context", torch.tensor(places))):
        weights[f"{name}.weight"] = weights[f"{name}.weight"][rows]
    result = GPT2Network(
        replace(network.config, vocabulary=len(grown), context_sizes=tuple(grown.context_sizes()))
    )
    result.load_state_dict(weights)
    return result, grown
