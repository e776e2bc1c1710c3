"""GPT-2: transformers' GPT-2 (Radford et al. 2019) on whole scores and on melodies, pretrained, then fine-tuned."""

import json
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import torch

from zoo.cards import training_record
from zoo.checkpoint import write_checkpoint
from zoo.chords import chord_symbol
from zoo.codecs.events import NO_CHORD, EventCodec, Header, Walk
from zoo.codecs.sequences import Sequence as Arrays
from zoo.codecs.sequences import contexts, sequence
from zoo.composer import Likelihood, ModelCard, SequenceComposer, Supports
from zoo.corpus.piece import Piece
from zoo.decoding import draw, probabilities
from zoo.errors import ScoreError
from zoo.grammar import PolyphonicGrammar, fifth_repeat
from zoo.models import _gpt2_training as training
from zoo.models._conditioning import Conditions, conditions, tempo
from zoo.models._gpt2_network import GPT2Network, GPT2NetworkConfig
from zoo.models._gpt2_prompt import Given, given, given_parts, reading
from zoo.models._known import known_by_style, union
from zoo.models._sequence_task import piece_nats
from zoo.prompt import MOODS, Prompt
from zoo.registry import read_card, register
from zoo.score import Note, Part, Score
from zoo.styles import styles
from zoo.theory import Key
from zoo.training import TrainConfig
from zoo.weights import read_weights

_HEADERS = 12  # so many are compared on a prompt
_OPENING_TOKENS = 32  # of a prompt are enough to tell its metre by
_NAMES = {"1": ("Piano",), "2": ("Right hand", "Left hand"), "4": ("Soprano", "Alto", "Tenor", "Bass")}


@register
class GPT2(SequenceComposer):
    """Writes whole scores, bar by bar, part by part: voices, two hands, a melody with chord symbols, or a melody."""

    config = training.PRETRAIN

    def __init__(self, card: ModelCard, codec: EventCodec, network: GPT2Network, known: dict[str, dict]):
        self.card = card
        self.codec = codec
        self.vocabulary = len(codec)
        self.network = network.eval()
        self.known = known

    @classmethod
    def from_checkpoint(cls, folder: Path) -> "GPT2":
        """Read a checkpoint folder: config.json and the weights."""
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        network = GPT2Network(GPT2NetworkConfig(**config["network"]))
        network.load_state_dict(read_weights(folder))
        codec = EventCodec(tuple(config["codec"]["styles"]), polyphonic=True)
        return cls(read_card(folder), codec, network, config["known"])

    def compose(self, prompt: Prompt) -> Score:
        wish, header, key, rng = self._begin(prompt)
        writing = _Writing(self, prompt, wish, header, key)
        for _ in writing.bars(rng):
            pass
        style = styles()[prompt.style]
        programs = (style.lead, *style.accompaniment)
        names = _NAMES.get(header.texture, ("Melody",))
        return Score(
            parts=tuple(
                Part(
                    tuple(notes),
                    name=names[i] if i < len(names) else f"Part {i + 1}",
                    program=programs[min(i, len(programs) - 1)],
                )
                for i, notes in enumerate(writing.parts)
                if notes
            ),
            meters=((0, header.meter),),
            keys=((0, key),),
            tempos=((0, tempo(prompt, header.meter)),),
            chords=writing.chords(),
            pickup=writing.pickup,
            title=f"{style.title} in {key}, seed {prompt.seed}",
        )

    def stream(self, prompt: Prompt) -> Iterator[Note]:
        """compose's notes, bar by bar: within a bar the parts are decided one after the other."""
        wish, header, key, rng = self._begin(prompt)
        for notes in _Writing(self, prompt, wish, header, key).bars(rng):
            yield from notes

    def _begin(self, prompt: Prompt) -> tuple[Conditions, Header, Key, np.random.Generator]:
        """What the prompt asks for, and what the model adds where it leaves a choice: metre, mode, density."""
        self._check_style(prompt.style)
        known = self.known[prompt.style]
        parts = len(given_parts(prompt))
        texture = styles()[prompt.style].writes
        if parts > (int(texture) if texture.isdigit() else 1):
            texture = str(parts)
        wish = conditions(prompt, tuple(known["meters"]), tuple(known["modes"]), texture)
        rng = np.random.default_rng(prompt.seed)
        headers = wish.headers()
        odds = -self._nats([self._arrays(header.words()) for header in headers])
        if wish.notes:  # how well each goes on with the prompt, for the likeliest
            headers = [headers[i] for i in np.argsort(-odds, kind="stable")[:_HEADERS]]
            odds = -self._nats([self._opening(header, prompt, wish.key) for header in headers])
        choice = draw(probabilities(odds, np.ones(len(odds), bool), temperature=min(1.0, prompt.temperature)), rng)
        return wish, headers[choice], wish.tonic(headers[choice], rng), rng

    def _opening(self, header: Header, prompt: Prompt, key: Key | None) -> Arrays:
        return self._arrays(header.words() + self.codec.body(reading(header, prompt, key))[:_OPENING_TOKENS])

    def _arrays(self, words: list[str]) -> Arrays:
        tokens = [self.codec.ids[word] for word in words]
        return Arrays("", np.array(tokens, np.int16), contexts(self.codec, tokens), 0)

    def _nats(self, arrays: list[Arrays]) -> np.ndarray:
        """Minus the log probability of each sequence after its first token."""
        return np.array(piece_nats(self.network, arrays, self.codec.header_tokens))

    def log_likelihood(self, score: Score, style: str) -> Likelihood:
        return self.log_likelihood_batch([score], style)[0]

    def log_likelihood_batch(self, scores: Sequence[Score], style: str) -> list[Likelihood]:
        """Of each score as it is, all its pitched parts; one that the codec can't write counts for nothing."""
        self._check_style(style)
        read = [self._read(score, style) for score in scores]
        nats = iter(self._nats([arrays for arrays in read if arrays]))
        return [Likelihood(float(next(nats)), arrays.notes) if arrays else Likelihood(0.0, 0) for arrays in read]

    def tokens(self, score: Score, style: str) -> list[list[int]]:
        self._check_style(style)
        try:
            return [self.codec.encode(score, style)]
        except ScoreError:  # a metre outside the vocabulary
            return []

    def _read(self, score: Score, style: str) -> Arrays | None:
        try:
            return sequence(self.codec, score, style) if score.notes else None
        except ScoreError:
            return None

    @classmethod
    def train(cls, pieces: Iterable[Piece], folder: Path, config: TrainConfig) -> "GPT2":
        """Pretrain on the pieces' train split, fine-tune, and leave a checkpoint in the folder; resumes either stage.

        config: its seed is used, and its steps for the pretraining; fine-tuning takes their share of the defaults.
        Raises ScoreError when the train or valid split is empty.
        """
        pieces = list(pieces)
        codec = EventCodec(tuple(name for name in styles() if any(p.style == name for p in pieces)), polyphonic=True)
        data = training.prepare(codec, pieces, folder)
        torch.manual_seed(config.seed)
        network = GPT2Network(GPT2NetworkConfig(len(codec), tuple(codec.context_sizes())))
        first = replace(training.PRETRAIN, steps=config.steps, seed=config.seed)
        share = training.FINETUNE.steps / training.PRETRAIN.steps
        second = replace(training.FINETUNE, steps=max(1, round(config.steps * share)), seed=config.seed)
        training.pretrain(network, codec, data, first, folder)
        training.finetune(network, codec, data, second, folder)
        runs = [folder / "pretrain", folder / "finetune"]
        known = known_by_style(codec, data["train"])
        card = ModelCard(
            name="gpt2",
            title="GPT-2 scores",
            family="gpt2",
            parameters=sum(p.numel() for p in network.parameters()),
            licence="mit",
            summary="A GPT-2 that reads and writes whole scores: four voices, two hands, a melody with chord symbols.",
            limits=(
                "It writes no words, no dynamics and no drums, and at most eight parts.",
                "It keeps to one key and one metre; its finest rhythms are thirty-seconds and sixteenth triplets.",
                "It was trained on European and American music before 1930; it knows no other.",
                "Two dozen rags are all it has seen of ragtime for two hands.",
                "It may come close to a piece it was trained on; no check of originality is built in yet.",
            ),
            supports=Supports(
                styles=codec.styles, meters=union(known, "meters"), modes=union(known, "modes"), polyphony=True
            ),
            training=training_record(pieces, data, runs),
        )
        write_checkpoint(
            folder / "checkpoint", network.state_dict(), card,
            {"codec": {"styles": codec.styles}, "network": asdict(network.config), "known": known}, runs,
        )
        return cls(card, codec, network, known)


class _Writing:
    """One piece while it is being written: the state of one request, shared with nobody."""

    def __init__(self, model: GPT2, prompt: Prompt, wish: Conditions, header: Header, key: Key):
        self.model = model
        self.prompt = prompt
        self.header = header
        self.key = key
        self.codec = model.codec
        self.walk = Walk(self.codec)
        self.given: Given = given(self.codec, header, prompt, wish.key)
        self.pickup = wish.pickup
        mood = 0 if wish.notes or header.texture.isdigit() else MOODS.get(prompt.mood or "", {"octave": 0})["octave"]
        self.shift = 12 * mood - key.to_white_keys  # from white keys to the piece's own
        self.grammar = PolyphonicGrammar(
            self.codec, wish.bars, header.meter, header.mode, header.texture, self.given.until, wish.pickup, self.shift
        )
        voices = max(self.grammar.parts, len(given_parts(prompt)))
        self.parts: list[list[Note]] = [list(notes) for notes in given_parts(prompt)]
        self.parts += [[] for _ in range(voices - len(self.parts))]
        self.cache = model.network.begin()
        self.unread: list[tuple[int, list[int]]] = []  # tokens, with their contexts, that the network has not seen

    def bars(self, rng: np.random.Generator) -> Iterator[list[Note]]:
        """Write the piece; yields each bar's notes, in order of onset, as soon as its last part is decided."""
        forced = deque(self.codec.ids[word] for word in self.header.words())
        if self.given.opening is not None:
            forced.append(self.given.opening)
        bar, shown = -1, 0
        bars: list[list[int]] = [[]]
        while not self.walk.ended:
            is_given = bool(forced)
            token = forced.popleft() if forced else self._choose(bar, bars, rng)
            note = self.walk.step(token)
            if note and not is_given:
                self._take(note)
            self.unread.append((token, self.walk.context()))
            kind = self.codec.kinds[token]
            if kind not in ("bar", "upbeat", "end"):
                bars[-1].append(token)
                if kind in ("part", "harmony"):
                    forced.extend(self.given.tokens.get((bar, self.walk.part), ()))
                continue
            if bar >= 0:
                notes = sorted(note for part in self.parts for note in part)
                line = self.walk.bar_start - self._lead()
                until = len(notes) if self.walk.ended else sum(note.onset < line for note in notes)
                yield notes[shown:until]
                shown = until
            bar += 1
            bars.append([])
            forced.extend(self.given.tokens.get((bar, 0), ()))

    def chords(self) -> tuple[tuple[int, str], ...]:
        """The chord symbols in the piece's key: the prompt's own while it lasts, then the model's."""
        end = max((note.end for part in self.parts for note in part), default=0)
        own = self.prompt.score.chords if self.header.texture == "chords" else ()
        begin = max(self.given.until, default=0) if own else 0
        symbols = {
            max(0, tick - self._lead()): self._symbol(chord) for tick, chord in self.walk.chords if tick >= begin
        }
        return tuple(sorted((tick, symbol) for tick, symbol in (symbols | dict(own)).items() if tick < end))

    def _symbol(self, chord: tuple[int, str] | None) -> str:
        if chord is None:
            return NO_CHORD
        root, quality = chord
        return chord_symbol((root - self.key.to_white_keys) % 12, quality, self.key)

    def _lead(self) -> int:
        """Ticks from where Walk counts to the piece's beginning: what the upbeat's bar has before its first note."""
        return self.walk.upbeat_ticks - self.pickup if self.pickup else 0

    def _take(self, note: Note) -> None:
        self.pickup = self.pickup or self.walk.pickup
        self.parts[self.walk.part].append(Note(note.onset - self._lead(), note.duration, note.pitch + self.shift))

    def _choose(self, bar: int, bars: list[list[int]], rng: np.random.Generator) -> int:
        """The next token. bars: the tokens of each bar so far, the last one still being written."""
        allowed = self._allowed(bar)
        barred = fifth_repeat(bars)
        if barred is not None and allowed.sum() > allowed[barred]:
            allowed[barred] = False
        if allowed.sum() == 1:
            return int(allowed.argmax())
        tokens, context = zip(*self.unread)
        self.unread.clear()
        with torch.inference_mode():
            logits = self.model.network.read(torch.tensor([tokens]), torch.tensor([context]), self.cache)[0].numpy()
        wish = self.prompt
        return draw(probabilities(logits, allowed, wish.temperature, wish.top_k, wish.top_p), rng)

    def _allowed(self, bar: int) -> np.ndarray:
        """What the grammar allows, and of that what the prompt leaves open."""
        allowed = self.grammar.allowed(self.walk)
        if self.given.is_complete(self.walk):
            allowed &= self.grammar.ways_out
        if self.given.goes_on(self.walk, bar):
            allowed[self.grammar.end_of_bar] = False
        if not allowed.any():  # a prompt may rest where the grammar wants a note
            allowed[self.grammar.way_out(self.walk)] = True
        return allowed
