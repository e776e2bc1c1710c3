"""The network of the LSTM family: three layers over tokens and their place in the music."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.functional import linear

State = tuple[Tensor, Tensor]


@dataclass(frozen=True)
class LSTMConfig:
    """vocabulary: tokens; context_sizes: values of each context column; dropout: between layers while training."""

    vocabulary: int
    context_sizes: tuple[int, ...]
    embedding: int = 384
    hidden: int = 512  # with three layers, folk-rnn's size (Sturm et al. 2016)
    layers: int = 3
    dropout: float = 0.25


class LSTMNetwork(nn.Module):
    """Next-token logits. The embeddings of the token and of its context columns are added."""

    def __init__(self, config: LSTMConfig):
        super().__init__()
        self.config = config
        self.token = nn.Embedding(config.vocabulary, config.embedding)
        self.context = nn.ModuleList(nn.Embedding(size, config.embedding) for size in config.context_sizes)
        for table in (self.token, *self.context):
            nn.init.normal_(table.weight, std=0.05)
        self.lstm = nn.LSTM(
            config.embedding, config.hidden, config.layers, batch_first=True, dropout=config.dropout
        )
        self.dropout = nn.Dropout(config.dropout)
        self.head = nn.Linear(config.hidden, config.vocabulary)

    def forward(self, tokens: Tensor, context: Tensor) -> Tensor:
        """tokens (B, T), context (B, T, C) -> logits (B, T, V)."""
        x, _ = self.lstm(self.dropout(self._embed(tokens, context)))
        return self.head(self.dropout(x))

    def begin(self, batch: int = 1) -> list[State]:
        """The state before the first token, for step: (hidden, cell) of each layer, (B, hidden) both."""
        zeros = torch.zeros(batch, self.config.hidden)
        return [(zeros, zeros)] * self.config.layers

    def step(self, tokens: Tensor, context: Tensor, state: list[State]) -> tuple[Tensor, list[State]]:
        """tokens (B,), context (B, C) -> logits (B, V) and the new state.

        The same sums as forward's, but nn.LSTM lays its weights out anew at every call, which costs ten times the
        products of a single step.
        """
        x = self._embed(tokens, context)
        new = []
        for layer, (hidden, cell) in enumerate(state):
            w_input, w_hidden, b_input, b_hidden = self.lstm.all_weights[layer]
            gates = linear(x, w_input, b_input) + linear(hidden, w_hidden, b_hidden)
            input_gate, forget_gate, candidate, output_gate = gates.chunk(4, dim=-1)
            cell = forget_gate.sigmoid() * cell + input_gate.sigmoid() * candidate.tanh()
            x = output_gate.sigmoid() * cell.tanh()
            new.append((x, cell))
        return self.head(x), new

    def _embed(self, tokens: Tensor, context: Tensor) -> Tensor:
        x = self.token(tokens)
        for column, table in enumerate(self.context):
            x = x + table(context[..., column])
        return x
