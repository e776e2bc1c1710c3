"""How a GPT-2 is made: pretrained on all of the music, then fine-tuned into the styles in equal shares."""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np

from zoo.codecs import sequences
from zoo.codecs.events import EventCodec, texture
from zoo.codecs.sequences import Sequence
from zoo.corpus.melody import melody, sections
from zoo.corpus.piece import Piece
from zoo.errors import ScoreError
from zoo.models._gpt2_network import GPT2Network
from zoo.models._sequence_task import PackedTask
from zoo.score import Score
from zoo.training import TrainConfig, train

PRETRAIN = TrainConfig(
    steps=750, batch=40, window=256, optimizer="muon", learning_rate=4e-3, matrix_rate=1e-2, warmup=100, decay=False,
    averaging=0.99, evaluate_every=200,
)
FINETUNE = TrainConfig(
    steps=230, batch=14, window=768, optimizer="muon", learning_rate=4e-3, matrix_rate=1e-2, warmup=0,
    averaging=0.98, evaluate_every=100, measure_first=True,
)
_PRETRAIN_BALANCE = 0.4
_MEASURED_TOKENS = 1024  # of each valid piece, whole test pieces being measured in the end
_MEASURED_PIECES = 30  # of each kind of whole scores; of melodies all


def views(score: Score) -> list[Score]:
    """What a GPT-2 learns of a score: its melody, section by section, and the whole, where that is more."""
    return [*sections(melody(score)), *([score] if texture(score) != "melody" else [])]


def prepare(codec: EventCodec, pieces: Iterable[Piece], folder: Path) -> dict[str, list[Sequence]]:
    """The pieces as arrays by split, in an order of their own; kept in the run's folder, for they take minutes.

    Raises ScoreError when nothing can be held out, and when the folder's arrays were made from other pieces.
    """
    path = folder / "data.safetensors"
    pieces = list(pieces)
    names = "\n".join(sorted(f"{p.id} {p.style} {p.split} {len(p.score.notes)}" for p in pieces))
    origin = hashlib.sha256(names.encode()).hexdigest()
    if path.exists() and sequences.origin(path) != origin:
        raise ScoreError(f"The run in '{folder}' was begun on other music; name another folder.")
    if not path.exists():
        data, losses = sequences.sequences(codec, pieces, views)
        if not data["train"] or not data["valid"]:
            raise ScoreError(
                "Too few pieces: one in twenty goes to the valid split, which got none; give some fifty or more."
            )
        print("encoding lost:", dict(losses.counts))
        folder.mkdir(parents=True, exist_ok=True)
        data = {split: sorted(found, key=lambda s: (s.style, s.tokens.tobytes())) for split, found in data.items()}
        sequences.save(data, path, origin)
    return sequences.load(path)


def kind_of(codec: EventCodec) -> Callable[[Sequence], str]:
    """Pieces are weighed and measured by style, melodies and whole scores apart."""
    melodies = codec.ids["texture_melody"]
    place = codec.header_tokens - 1
    return lambda piece: f"{piece.style} {'melody' if piece.tokens[place] == melodies else 'score'}"


def pretrain(network: GPT2Network, codec: EventCodec, data: dict, config: TrainConfig, folder: Path) -> dict:
    """All kinds of music, the larger more often; the rate of learning does not fall. Returns the run's record."""
    task = PackedTask(network, codec, data["train"], measured(codec, data["valid"]), kind_of(codec), _PRETRAIN_BALANCE)
    return train(task, config, folder / "pretrain")


def finetune(network: GPT2Network, codec: EventCodec, data: dict, config: TrainConfig, folder: Path) -> dict:
    """All kinds alike, in longer windows, the rate falling to nothing. Returns the run's record."""
    task = PackedTask(network, codec, data["train"], measured(codec, data["valid"]), kind_of(codec), balance=0.0)
    return train(task, config, folder / "finetune")


def measured(codec: EventCodec, pieces: list[Sequence]) -> list[Sequence]:
    """What is measured while training: all melodies, some whole scores, the beginning of each."""
    kind, counts, chosen = kind_of(codec), {}, []
    pitch = np.array([k == "pitch" for k in codec.kinds])
    for piece in pieces:
        name = kind(piece)
        counts[name] = counts.get(name, 0) + 1
        if counts[name] <= _MEASURED_PIECES or name.endswith("melody"):
            tokens = piece.tokens[:_MEASURED_TOKENS]
            context = piece.context[:_MEASURED_TOKENS]
            chosen.append(replace(piece, tokens=tokens, context=context, notes=int(pitch[tokens].sum())))
    return chosen
