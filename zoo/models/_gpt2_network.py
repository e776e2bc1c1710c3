"""The network of the GPT-2 family: transformers' GPT-2 over tokens and their place in the music."""

from dataclasses import dataclass
from itertools import accumulate

import torch
from torch import Tensor, nn
from torch.nn.functional import scaled_dot_product_attention
from transformers import GPT2Config, GPT2LMHeadModel


@dataclass(frozen=True)
class GPT2NetworkConfig:
    """vocabulary: tokens; context_sizes: values of each context column; dropout: of the summed embeddings."""

    vocabulary: int
    context_sizes: tuple[int, ...]
    width: int = 224
    layers: int = 6
    heads: int = 7
    dropout: float = 0.1


class _NoPositions(nn.Module):
    """In the place of GPT-2's table of positions: where a token stands is told by the music's own bars and beats."""

    def forward(self, position_ids: Tensor) -> Tensor:
        return torch.zeros((), device=position_ids.device)


class GPT2Network(nn.Module):
    """Next-token logits. The embeddings of the token and of its context columns are added.

    The context says in which bar, and where in it, a token stands; that serves as position. So nothing in the network
    is bound to a length: trained on short windows, it reads whole pieces.
    """

    def __init__(self, config: GPT2NetworkConfig):
        super().__init__()
        self.config = config
        self.gpt2 = GPT2LMHeadModel(
            GPT2Config(
                vocab_size=config.vocabulary, n_positions=1, n_embd=config.width, n_layer=config.layers,
                n_head=config.heads, activation_function="gelu_pytorch_tanh", embd_pdrop=config.dropout,
                resid_pdrop=0.0, attn_pdrop=0.0, tie_word_embeddings=False,
                bos_token_id=None, eos_token_id=None,
            )
        )
        self.gpt2.transformer.wpe = _NoPositions()
        self.context = nn.EmbeddingBag(sum(config.context_sizes), config.width, mode="sum")
        nn.init.normal_(self.context.weight, std=0.02)
        self.register_buffer("offsets", _starts(config.context_sizes), persistent=False)

    def forward(self, tokens: Tensor, context: Tensor, positions: Tensor | None = None) -> Tensor:
        """tokens (B, T), context (B, T, C), row t says where token t + 1 stands -> logits (B, T, V).

        positions (B, T): where several sequences are packed into a row, counts from 0 in each; none looks at another.
        """
        # With a cache of its own transformers would take packed rows for single sequences.
        return self.gpt2(inputs_embeds=self.embed(tokens, context), position_ids=positions, use_cache=False).logits

    def begin(self, longest: int = 1024, batch: int = 1) -> "Cache":
        """The state before the first token, for read, with room for so many tokens."""
        shape = (2, batch, self.config.heads, longest, self.config.width // self.config.heads)
        return Cache([torch.empty(shape) for _ in range(self.config.layers)])

    def read(self, tokens: Tensor, context: Tensor, cache: "Cache") -> Tensor:
        """The next tokens (B, T), context (B, T, C) -> logits (B, V) after the last.

        The same sums as forward's, with keys and values kept in memory laid out beforehand: transformers' own cache
        grows by copying, and costs as much again in bookkeeping as one token in sums.
        """
        x = self.embed(tokens, context)
        length = tokens.shape[1]
        start, end = cache.make_room(length)
        mask = torch.ones(length, end, dtype=torch.bool).tril(start) if length > 1 else None
        for block, memory in zip(self.gpt2.transformer.h, cache.layers):
            heads = block.attn.c_attn(block.ln_1(x)).unflatten(-1, (3, self.config.heads, -1)).permute(2, 0, 3, 1, 4)
            memory[..., start:end, :] = heads[1:]
            keys, values = memory[..., :end, :]
            seen = scaled_dot_product_attention(heads[0], keys, values, attn_mask=mask)
            x = x + block.attn.c_proj(seen.transpose(1, 2).flatten(-2))
            x = x + block.mlp(block.ln_2(x))
        return self.gpt2.lm_head(self.gpt2.transformer.ln_f(x[:, -1]))

    def embed(self, tokens: Tensor, context: Tensor) -> Tensor:
        """What goes into the first layer: (B, T, width)."""
        places = self.context((context + self.offsets).flatten(0, -2)).unflatten(0, tokens.shape)
        return self.gpt2.transformer.wte(tokens) + places


@dataclass
class Cache:
    """Keys and values of each layer, (2, B, heads, room, width / heads), filled up to length."""

    layers: list[Tensor]
    length: int = 0

    def make_room(self, more: int) -> tuple[int, int]:
        """Count so many tokens in; returns where they begin and end. The room doubles when it is full."""
        start, self.length = self.length, self.length + more
        while self.layers[0].shape[-2] < self.length:
            self.layers = [torch.cat([memory, torch.empty_like(memory)], dim=-2) for memory in self.layers]
        return start, self.length


def _starts(sizes: tuple[int, ...]) -> Tensor:
    """Where each context column's rows begin in the one table: (C,)."""
    return torch.tensor([0, *accumulate(sizes)][:-1])
