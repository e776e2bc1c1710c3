"""LSTM: folk-rnn's network (Sturm et al. 2016) on the melodies of five styles, shown where in the music it stands."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from itertools import chain
from pathlib import Path

import numpy as np
import torch

from zoo.cards import training_record
from zoo.checkpoint import write_checkpoint
from zoo.codecs.events import EventCodec, Header, Walk
from zoo.codecs.sequences import Sequence as Arrays
from zoo.codecs.sequences import contexts, sequences
from zoo.composer import Likelihood, ModelCard, SequenceComposer, Supports
from zoo.corpus.melody import melody, sections
from zoo.corpus.piece import Piece
from zoo.decoding import draw, probabilities
from zoo.errors import ScoreError
from zoo.grammar import MelodyGrammar
from zoo.models._conditioning import Conditions, conditions, tempo
from zoo.models._known import known_by_style, union
from zoo.models._lstm_network import LSTMConfig, LSTMNetwork, State
from zoo.models._sequence_task import SequenceTask, piece_nats
from zoo.prompt import MOODS, Prompt
from zoo.registry import read_card, register
from zoo.score import Note, Part, Score
from zoo.styles import styles
from zoo.theory import Key
from zoo.training import TrainConfig, train
from zoo.weights import read_weights


@register
class LSTM(SequenceComposer):
    """Writes melodies. Every request walks through the music with a state of its own; nothing is shared but weights."""

    config = TrainConfig()

    def __init__(self, card: ModelCard, codec: EventCodec, network: LSTMNetwork, known: dict[str, dict]):
        self.card = card
        self.codec = codec
        self.vocabulary = len(codec)
        self.network = network.eval()
        self.known = known

    @classmethod
    def from_checkpoint(cls, folder: Path) -> "LSTM":
        """Read a checkpoint folder: config.json and the weights."""
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        network = LSTMNetwork(LSTMConfig(**config["network"]))
        network.load_state_dict(read_weights(folder))
        return cls(read_card(folder), EventCodec(tuple(config["codec"]["styles"])), network, config["known"])

    def compose(self, prompt: Prompt) -> Score:
        wish, header, rng = self._begin(prompt)
        key = wish.tonic(header, rng)
        notes, pickups = zip(*self._notes(prompt, wish, header, key, rng))
        style = styles()[prompt.style]
        return Score(
            parts=(Part(notes, name="Melody", program=style.lead),),
            meters=((0, header.meter),),
            keys=((0, key),),
            tempos=((0, tempo(prompt, header.meter)),),
            pickup=pickups[-1],
            title=f"{style.title} in {key}, seed {prompt.seed}",
        )

    def stream(self, prompt: Prompt) -> Iterator[Note]:
        wish, header, rng = self._begin(prompt)
        for note, _ in self._notes(prompt, wish, header, wish.tonic(header, rng), rng):
            yield note

    def _notes(
        self, prompt: Prompt, wish: Conditions, header: Header, key: Key, rng: np.random.Generator
    ) -> Iterator[tuple[Note, int]]:
        """The prompt's notes and then the model's, in the piece's key; with each the piece's pickup."""
        for note in wish.notes:
            yield note, wish.pickup
        octave = 0 if wish.notes else MOODS.get(prompt.mood or "", {"octave": 0})["octave"]
        shift = 12 * octave - key.to_white_keys
        for note, pickup in self._continue(prompt, wish, header, rng):
            yield Note(note.onset, note.duration, note.pitch + shift), pickup

    def _begin(self, prompt: Prompt) -> tuple[Conditions, Header, np.random.Generator]:
        """What the prompt asks for, and what the model adds where it leaves a choice: metre, mode, density."""
        self._check_style(prompt.style)
        known = self.known[prompt.style]
        wish = conditions(prompt, tuple(known["meters"]), tuple(known["modes"]))
        rng = np.random.default_rng(prompt.seed)
        headers = wish.headers()
        openings = [wish.opening(self.codec, header) for header in headers]
        odds = -self._nats(openings)
        choice = draw(probabilities(odds, np.ones(len(odds), bool), temperature=min(1.0, prompt.temperature)), rng)
        return wish, headers[choice], rng

    def _continue(
        self, prompt: Prompt, wish: Conditions, header: Header, rng: np.random.Generator
    ) -> Iterator[tuple[Note, int]]:
        """The notes after the prompt's, on white keys, each as soon as it is decided; with it the piece's pickup."""
        grammar = MelodyGrammar(
            self.codec, wish.bars, header.meter, header.mode, may_begin_with_upbeat=not wish.notes
        )
        walk, state = Walk(self.codec), self.network.begin()
        for token in wish.tokens(self.codec, header):
            walk.step(token)
            logits, state = self._step(token, walk.context(), state)
        while True:
            odds = probabilities(logits, grammar.allowed(walk), prompt.temperature, prompt.top_k, prompt.top_p)
            token = draw(odds, rng)
            note = walk.step(token)
            if walk.ended:
                return
            if note:
                pickup = wish.pickup or walk.pickup
                start = walk.upbeat_ticks - pickup if pickup else 0
                yield Note(note.onset - start, note.duration, note.pitch), pickup
            logits, state = self._step(token, walk.context(), state)

    @torch.inference_mode()
    def _step(self, token: int, context: list[int], state: list[State]) -> tuple[np.ndarray, list[State]]:
        """Logits (V,) after one more token, and the state there."""
        logits, state = self.network.step(torch.tensor([token]), torch.tensor([context]), state)
        return logits[0].numpy(), state

    def _nats(self, token_lists: list[list[int]]) -> np.ndarray:
        """Minus the log probability of each token list after its first token."""
        arrays = [Arrays("", np.array(t, np.int16), contexts(self.codec, t), 0) for t in token_lists]
        return np.array(piece_nats(self.network, arrays, self.codec.header_tokens))

    def log_likelihood(self, score: Score, style: str) -> Likelihood:
        return self.log_likelihood_batch([score], style)[0]

    def log_likelihood_batch(self, scores: Sequence[Score], style: str) -> list[Likelihood]:
        """Of each score's melody, section by section; what the codec can't write counts for nothing."""
        tokens = [self.tokens(score, style) for score in scores]
        nats = iter(self._nats(list(chain.from_iterable(tokens))))
        pitches = [kind == "pitch" for kind in self.codec.kinds]
        return [
            Likelihood(float(sum(next(nats) for _ in parts)), sum(pitches[t] for part in parts for t in part))
            for parts in tokens
        ]

    def tokens(self, score: Score, style: str) -> list[list[int]]:
        self._check_style(style)
        result = []
        for section in sections(melody(score)):
            try:
                result.append(self.codec.encode(section, style))
            except ScoreError:  # a metre outside the vocabulary
                continue
        return result

    @classmethod
    def train(cls, pieces: Iterable[Piece], folder: Path, config: TrainConfig) -> "LSTM":
        """Train on the pieces' train split and leave a checkpoint in the folder; an interrupted run is taken up again.

        Raises ScoreError when the train or valid split is empty.
        """
        pieces = list(pieces)
        codec = EventCodec(tuple(name for name in styles() if any(p.style == name for p in pieces)))
        data, losses = sequences(codec, pieces, lambda score: sections(melody(score)))
        if not data["train"] or not data["valid"]:
            raise ScoreError(
                "Too few pieces: one in twenty goes to the valid split, which got none; give some fifty or more."
            )
        print("encoding lost:", dict(losses.counts))
        torch.manual_seed(config.seed)
        network = LSTMNetwork(LSTMConfig(len(codec), tuple(codec.context_sizes())))
        run = folder / "training"
        train(SequenceTask(network, codec, data["train"], data["valid"]), config, run)
        known = known_by_style(codec, data["train"])
        card = ModelCard(
            name="lstm",
            title="LSTM melodies",
            family="lstm",
            parameters=sum(p.numel() for p in network.parameters()),
            licence="mit",
            summary="Three recurrent layers that write a melody note by note; the arranger adds the accompaniment.",
            limits=(
                "It writes one line: no chords, no second voice, no words, no dynamics.",
                "It keeps to one key and one metre; its finest rhythms are thirty-seconds and sixteenth triplets.",
                "It was trained on European and American music before 1930; it knows no other.",
                "It may come close to a tune it was trained on; no check of originality is built in yet.",
            ),
            supports=Supports(
                styles=codec.styles,
                meters=union(known, "meters"),
                modes=union(known, "modes"),
            ),
            training=training_record(pieces, data, [run]),
        )
        write_checkpoint(
            folder / "checkpoint", network.state_dict(), card,
            {"codec": {"styles": codec.styles}, "network": asdict(network.config), "known": known}, [run],
        )
        return cls(card, codec, network, known)
