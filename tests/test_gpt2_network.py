"""GPT-2's network: the quick reading, and packed rows, give what whole sequences give."""

import torch

from zoo.models._gpt2_network import GPT2Network, GPT2NetworkConfig


def network() -> GPT2Network:
    torch.manual_seed(0)
    return GPT2Network(GPT2NetworkConfig(vocabulary=11, context_sizes=(3, 5), width=32, layers=2, heads=2)).eval()


def music(rows: int, length: int) -> tuple[torch.Tensor, torch.Tensor]:
    context = torch.stack([torch.randint(3, (rows, length)), torch.randint(5, (rows, length))], dim=-1)
    return torch.randint(11, (rows, length)), context


@torch.no_grad()
def test_reading_piece_by_piece_gives_the_logits_of_the_whole_sequence():
    model = network()
    tokens, context = music(2, 40)
    whole = model(tokens, context)
    cache = model.begin(longest=4, batch=2)  # it must grow
    for start, end in [(0, 10), (10, 11), (11, 12), (12, 30), (30, 40)]:
        logits = model.read(tokens[:, start:end], context[:, start:end], cache)
        torch.testing.assert_close(logits, whole[:, end - 1], atol=1e-5, rtol=1e-5)
    assert whole.std() > 0.05, "logits that differ"


@torch.no_grad()
def test_sequences_packed_into_a_row_do_not_see_each_other():
    model = network()
    tokens, context = music(1, 30)
    positions = torch.cat([torch.arange(12), torch.arange(18)])[None]
    packed = model(tokens, context, positions)
    alone = torch.cat([model(tokens[:, :12], context[:, :12]), model(tokens[:, 12:], context[:, 12:])], dim=1)
    torch.testing.assert_close(packed, alone, atol=1e-5, rtol=1e-5)
    assert not torch.allclose(packed, model(tokens, context)), "without positions they do"


@torch.no_grad()
def test_the_context_matters_and_the_future_does_not():
    model = network()
    tokens, context = music(1, 20)
    before = model(tokens, context)
    context[0, 12, 1] = (context[0, 12, 1] + 1) % 5
    after = model(tokens, context)
    assert torch.equal(before[:, :12], after[:, :12]) and not torch.allclose(before[:, 12], after[:, 12])
