"""The network of the LSTM family: three layers over tokens and their place in the music."""

from dataclasses import dataclass

from torch import Tensor, nn


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

    def forward(
        self, tokens: Tensor, context: Tensor, state: tuple[Tensor, Tensor] | None = None
    ) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        """tokens (B, T), context (B, T, C), state two of (layers, B, hidden) -> logits (B, T, V), state."""
        x = self.token(tokens)
        for column, table in enumerate(self.context):
            x = x + table(context[..., column])
        x, state = self.lstm(self.dropout(x), state)
        return self.head(self.dropout(x)), state
