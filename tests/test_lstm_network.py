"""The LSTM's network: one step at a time gives what whole sequences give."""

import torch

from zoo.models._lstm_network import LSTMConfig, LSTMNetwork


def test_steps_give_the_logits_of_the_whole_sequence():
    torch.manual_seed(0)
    network = LSTMNetwork(LSTMConfig(vocabulary=7, context_sizes=(3, 5), embedding=8, hidden=6, layers=3)).eval()
    tokens = torch.randint(7, (2, 9))
    context = torch.stack([torch.randint(3, (2, 9)), torch.randint(5, (2, 9))], dim=-1)
    state = network.begin(batch=2)
    steps = []
    with torch.no_grad():
        whole = network(tokens, context)
        for t in range(9):
            logits, state = network.step(tokens[:, t], context[:, t], state)
            steps.append(logits)
    assert whole.std() > 0.05, "logits that differ"
    torch.testing.assert_close(torch.stack(steps, dim=1), whole, atol=1e-5, rtol=1e-5)
