"""A GPT-2 with one more style says of the old ones what it said before."""

import pytest
import torch

from zoo.codecs.events import EventCodec
from zoo.codecs.sequences import contexts
from zoo.models._gpt2_growth import grow
from zoo.models._gpt2_network import GPT2Network, GPT2NetworkConfig
from zoo.score import Note, Part, Score

SCORE = Score(
    parts=(
        Part(tuple(Note(24 * i, 24, 60 + i % 5) for i in range(16))),
        Part(tuple(Note(48 * i, 48, 48 - i % 3) for i in range(8))),
    ),
    chords=((0, "C"), (96, "G7")),
)


@pytest.fixture
def codec():
    return EventCodec(("folk", "jazz"), polyphonic=True)


@pytest.fixture
def network(codec):
    torch.manual_seed(0)
    config = GPT2NetworkConfig(len(codec), tuple(codec.context_sizes()), width=32, layers=1, heads=2)
    network = GPT2Network(config).eval()
    torch.nn.init.normal_(network.context.weight)  # large enough to be seen
    return network


@torch.inference_mode()
def logits(network, codec, style):
    tokens = codec.encode(SCORE, style)
    context = torch.from_numpy(contexts(codec, tokens)).long()
    return network(torch.tensor([tokens]), context[None])[0]


@pytest.mark.parametrize("style", ["folk", "jazz"])
def test_the_old_styles_are_as_they_were(network, codec, style):
    grown, larger = grow(network, codec, "mine", "jazz")
    before, after = logits(network, codec, style), logits(grown.eval(), larger, style)
    same = [larger.ids[word] for word in codec.words]
    assert torch.allclose(before, after[:, same], atol=1e-5)


def test_the_new_style_begins_as_its_base(network, codec):
    grown, larger = grow(network, codec, "mine", "folk")
    grown.eval()
    assert larger.styles == ("folk", "jazz", "mine")
    assert torch.allclose(logits(grown, larger, "mine"), logits(grown, larger, "folk"), atol=1e-5)
    assert not torch.allclose(logits(grown, larger, "mine"), logits(grown, larger, "jazz"), atol=1e-2)


def test_the_old_network_stays_as_it_is(network, codec):
    weights = {name: value.clone() for name, value in network.state_dict().items()}
    grown, _ = grow(network, codec, "mine", "folk")
    with torch.no_grad():
        for parameter in grown.parameters():
            parameter.add_(1)
    assert all(torch.equal(weights[name], value) for name, value in network.state_dict().items())
