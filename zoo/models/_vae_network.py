"""The VAE's network: MusicVAE (Roberts et al. 2018) with a bar for its subsequence, in several metres and styles.

The encoder reads the slots of each segment in both directions and then, where there are several segments, their row in
both directions. With one segment (two bars) the decoder is flat; with sixteen (bars) a conductor turns the latent into
one state a bar, and the decoder writes each bar from that state and from the note that was heard last. Ours beside
theirs: a straight path from the slots to the latent and from there to the slots, linear and of its own for every place,
which the recurrent layers refine. What is written where is learned by it in a tenth of the time.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.functional import linear

from zoo.codecs.melody_grid import BAR_CHORDS, CHORDS, METERS, SLOT_TICKS, VOCABULARY
from zoo.theory import Meter

START, HIDDEN = VOCABULARY, VOCABULARY + 1  # inputs only: nothing came before; what came before is not told
_SLOTS = [Meter.parse(meter).bar_ticks // SLOT_TICKS for meter in METERS]  # of a bar
_STRAIGHT = 32  # numbers that the straight path has for each slot
_FIRST_LOG_VARIANCE = -4.0  # so that the latent tells something from the first step on

State = tuple[Tensor, Tensor]  # the decoder's hidden and cell, (B, decoder) both


@dataclass(frozen=True)
class VAEConfig:
    """segments: at most; segment_bars: of each. styles and modes: how many there are. The rest are widths."""

    segments: int
    segment_bars: int
    styles: int
    modes: int
    latent: int = 512
    embedding: int = 192
    encoder: int = 192  # each direction
    rows: int = 256  # each direction, over the segments
    conductor: int = 384
    decoder: int = 384
    dropout: float = 0.1


@dataclass(frozen=True)
class Batch:
    """Melodies of one metre and of as many segments.

    tokens: (B, S, T) of the grid; chords: (B, S, segment_bars, 2); meter: its number in METERS; style, mode, closes:
    (B,), closes 1 where the piece ends with the segments. counted: (B, S) bool, the segments that there are.
    """

    tokens: Tensor
    chords: Tensor
    meter: int
    style: Tensor
    mode: Tensor
    closes: Tensor
    counted: Tensor


class VAENetwork(nn.Module):
    """Latent places of melodies, and melodies at latent places."""

    def __init__(self, config: VAEConfig):
        super().__init__()
        self.config = config
        size = config.embedding
        self.token = nn.Embedding(VOCABULARY + 2, size)
        places = sum(_SLOTS) * config.segment_bars  # every slot of every metre is a place of its own
        self.slot = nn.Embedding(places, size)
        self.chord = nn.Embedding(CHORDS, size)
        self.style = nn.Embedding(config.styles, size)
        self.mode = nn.Embedding(config.modes, size)
        self.closes = nn.Embedding(2, size)
        self.place = nn.Embedding(config.segments, size)
        self.left = nn.Embedding(config.segments, size)
        for table in (self.token, self.slot, self.chord, self.style, self.mode, self.closes, self.place, self.left):
            nn.init.normal_(table.weight, std=0.1)
        self.reader = nn.LSTM(size, config.encoder, batch_first=True, bidirectional=True)
        width = 2 * config.encoder
        # The straight path: slots to a code for each segment, codes to the latent, and back. Each segment begins with a
        # share of the latent for itself.
        share = config.latent // config.segments
        self.written = nn.Embedding(VOCABULARY, _STRAIGHT)
        self.into = nn.Parameter(torch.randn(places, _STRAIGHT, share) * _STRAIGHT**-0.5)
        own = torch.eye(config.latent).view(config.segments, share, config.latent)
        self.gather = nn.Parameter(own.clone())
        self.spread = nn.Parameter(own.transpose(1, 2).clone())
        self.recall = nn.Linear(share, config.conductor)
        self.out = nn.Parameter(torch.randn(places, share, _STRAIGHT) * share**-0.5)
        self.straight_head = nn.Linear(_STRAIGHT, VOCABULARY)
        if config.segments > 1:
            self.rows = nn.LSTM(width + size, config.rows, batch_first=True, bidirectional=True)
            width = 2 * config.rows
        self.mean = nn.Linear(width + size, config.latent)
        self.log_variance = nn.Linear(width + size, config.latent)
        nn.init.normal_(self.log_variance.weight, std=1e-3)
        nn.init.constant_(self.log_variance.bias, _FIRST_LOG_VARIANCE)
        if config.segments > 1:
            self.begin = nn.Linear(config.latent + size, 2 * config.conductor)
            self.conductor = nn.LSTM(config.latent + size, config.conductor, batch_first=True)
        else:
            self.flat = nn.Linear(config.latent + size, config.conductor)
        self.chord_head = nn.Linear(config.conductor, config.segment_bars * BAR_CHORDS * CHORDS)
        self.open = nn.Linear(config.conductor, 2 * config.decoder)
        self.told = nn.Linear(config.conductor, size)
        self.decoder = nn.LSTM(size, config.decoder, batch_first=True)
        self.drop = nn.Dropout(config.dropout)
        self.head = nn.Linear(config.decoder, VOCABULARY)

    def encode(self, batch: Batch) -> tuple[Tensor, Tensor]:
        """Mean and log variance of the latent, (B, latent) both."""
        b, s, t = batch.tokens.shape
        x = self.token(batch.tokens) + self.slot(self._slots(batch)) + self._chords_by_slot(batch.chords, t)
        condition = self._condition(batch)
        _, (last, _) = self.reader(self.drop(x.view(b * s, t, -1)))
        read = last.transpose(0, 1).reshape(b, s, -1)
        codes = torch.einsum("bste,tec->bsc", self.written(batch.tokens), self.into[self._slots(batch)])
        straight = torch.einsum("bsc,scl->bl", codes * batch.counted[..., None], self.gather[:s])
        if self.config.segments > 1:
            lengths = batch.counted.sum(1).cpu()
            rows = torch.cat([read, self._places(batch)], dim=-1)
            packed = nn.utils.rnn.pack_padded_sequence(rows, lengths, batch_first=True, enforce_sorted=False)
            _, (last, _) = self.rows(packed)
            read = last.transpose(0, 1).reshape(b, -1)
        else:
            read = read[:, 0]
        read = torch.cat([self.drop(read), condition], dim=-1)
        return self.mean(read) + straight, self.log_variance(read)

    def conduct(self, latent: Tensor, batch: Batch) -> Tensor:
        """One state a segment, (B, S, conductor); of the batch only conditions and lengths are looked at."""
        condition = self._condition(batch)
        both = torch.cat([latent, condition], dim=-1)
        s = batch.counted.shape[1]
        recalled = self.recall(self.codes(latent, s))
        if self.config.segments == 1:
            return torch.tanh(self.flat(both)).unsqueeze(1) + recalled
        hidden, cell = torch.tanh(self.begin(both)).chunk(2, dim=-1)
        inputs = torch.cat([latent.unsqueeze(1).expand(-1, s, -1), self._places(batch) + condition.unsqueeze(1)], -1)
        states, _ = self.conductor(inputs, (hidden[None].contiguous(), cell[None].contiguous()))
        return self.drop(states + recalled)

    def codes(self, latent: Tensor, segments: int) -> Tensor:
        """What the straight path tells of each segment, (B, S, latent / segments)."""
        return torch.einsum("bl,slc->bsc", latent, self.spread[:segments])

    def straight_logits(self, latent: Tensor, batch: Batch) -> Tensor:
        """What the straight path adds to the decoder's logits, (B, S, T, V)."""
        codes = self.codes(latent, batch.counted.shape[1])
        return self.straight_head(torch.einsum("bsc,tce->bste", codes, self.out[self._slots(batch)]))

    def chord_logits(self, states: Tensor) -> Tensor:
        """(B, S, conductor) -> (B, S, segment_bars, 2, CHORDS)."""
        return self.chord_head(states).view(*states.shape[:2], self.config.segment_bars, BAR_CHORDS, CHORDS)

    def forward(self, batch: Batch, latent: Tensor, inputs: Tensor, chords: Tensor) -> tuple[Tensor, Tensor]:
        """Logits of the tokens (B, S, T, V) and chords (B, S, segment_bars, 2, CHORDS).

        inputs: (B, S, T) what the decoder is told to have come before, see before(); chords: as in Batch, with what is
        to be hidden from the decoder unknown.
        """
        states = self.conduct(latent, batch)
        b, s, t = batch.tokens.shape
        told = self.told(states).unsqueeze(2)
        x = self.token(inputs) + self.slot(self._slots(batch)) + self._chords_by_slot(chords, t) + told
        state = self._open(states.reshape(b * s, -1))
        x, _ = self.decoder(self.drop(x.view(b * s, t, -1)), tuple(half[None].contiguous() for half in state))
        logits = self.head(self.drop(x)).view(b, s, t, -1) + self.straight_logits(latent, batch)
        return logits, self.chord_logits(states)

    def open_segment(self, states: Tensor, chords: Tensor, slots: int, meter: int) -> tuple[State, Tensor]:
        """For writing slot by slot: the decoder's state before a segment's first slot, and what each slot's input has
        beside the token, (B, slots, embedding).

        states: (B, conductor); chords: (B, segment_bars, 2).
        """
        numbers = torch.arange(slots) + self._first_slot(meter)
        beside = self.slot(numbers) + self._chords_by_slot(chords[:, None], slots)[:, 0] + self.told(states)[:, None]
        return self._open(states), beside

    def step(self, token: Tensor, beside: Tensor, state: State) -> tuple[Tensor, State]:
        """token (B,) that came before, beside (B, embedding) -> logits (B, V) of the next and the new state.

        To the logits belongs what straight_logits adds.
        """
        w_input, w_hidden, b_input, b_hidden = self.decoder.all_weights[0]
        hidden, cell = state
        gates = linear(self.token(token) + beside, w_input, b_input) + linear(hidden, w_hidden, b_hidden)
        input_gate, forget_gate, candidate, output_gate = gates.chunk(4, dim=-1)
        cell = forget_gate.sigmoid() * cell + input_gate.sigmoid() * candidate.tanh()
        hidden = output_gate.sigmoid() * cell.tanh()
        return self.head(hidden), (hidden, cell)

    def _open(self, states: Tensor) -> State:
        hidden, cell = torch.tanh(self.open(states)).chunk(2, dim=-1)
        return hidden, cell

    def _condition(self, batch: Batch) -> Tensor:
        first = self.slot.weight[self._first_slot(batch.meter)]
        return self.style(batch.style) + self.mode(batch.mode) + self.closes(batch.closes) + first

    def _places(self, batch: Batch) -> Tensor:
        """What the conductor is told of each segment: how many came and how many are left, (B, S, embedding)."""
        s = batch.counted.shape[1]
        numbers = torch.arange(s, device=batch.counted.device)
        left = (batch.counted.sum(1, keepdim=True) - 1 - numbers).clamp(min=0)
        return self.place(numbers) + self.left(left)

    def _slots(self, batch: Batch) -> Tensor:
        t = batch.tokens.shape[2]
        return torch.arange(t, device=batch.tokens.device) + self._first_slot(batch.meter)

    def _first_slot(self, meter: int) -> int:
        """The place of the metre's first slot."""
        return sum(_SLOTS[:meter]) * self.config.segment_bars

    def _chords_by_slot(self, chords: Tensor, slots: int) -> Tensor:
        """(B, S, segment_bars, 2) -> (B, S, slots, embedding): each half of a bar is told its chord."""
        halves = chords.flatten(2)
        number = torch.arange(slots, device=chords.device) * halves.shape[2] // slots
        return self.chord(halves[:, :, number])
