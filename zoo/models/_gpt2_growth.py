"""A GPT-2 that learns one more style: its vocabulary grows by the style's word, and it forgets little of the rest."""

from dataclasses import replace

import torch
from torch import Tensor

from zoo.codecs.events import EventCodec
from zoo.codecs.sequences import Sequence
from zoo.models import _gpt2_training as training
from zoo.models._gpt2_network import GPT2Network
from zoo.models._sequence_task import PackedTask

_SHARES = (0.0, 0.25, 0.5, 0.75, 1.0)  # of what was learned, from which the best is taken
_HALF = 0.5


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


class GrowthTask(PackedTask):
    """Learning from a few dozen tunes, where the weights before and after are mixed (WiSE-FT, Wortsman et al. 2022).

    On other tunes of the kind a mix is better than what was learned, which soon has the few tunes by heart. So what is
    measured while training is the mix by halves.
    """

    def __init__(self, network: GPT2Network, codec: EventCodec, data: dict[str, list[Sequence]]):
        valid = training.measured(codec, data["valid"])
        super().__init__(network, codec, data["train"], valid, training.kind_of(codec), balance=0.0)
        self.before = _copy(network)

    def validate(self) -> dict[str, float]:
        return self._measure(_copy(self.network), _HALF)

    def mix(self) -> float:
        """Leave in the network the mix that is best on the valid split; returns the share of what was learned."""
        after = _copy(self.network)
        means = {share: _mean(self._measure(after, share)) for share in _SHARES}
        best = min(means, key=means.get)
        self._put(after, best)
        return best

    def _measure(self, after: dict[str, Tensor], share: float) -> dict[str, float]:
        self._put(after, share)
        return super().validate()

    def _put(self, after: dict[str, Tensor], share: float) -> None:
        """The mix into the network."""
        mixed = {name: self.before[name].to(value.device).lerp(value, share) for name, value in after.items()}
        self.network.load_state_dict(mixed)


def _copy(network: GPT2Network) -> dict[str, Tensor]:
    return {name: value.detach().clone() for name, value in network.state_dict().items()}


def _mean(nats: dict[str, float]) -> float:
    return sum(nats.values()) / len(nats)
