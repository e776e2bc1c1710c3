"""Is our event codec better for a small LSTM than MidiTok's REMI? Both learn the folk tunes for the same CPU time.

    python -m benchmarks.codec [--minutes 5] [--corpus PATH]

The same network (two layers of 256) with batches of the same size, keys normalised, on one thread, for the same
number of CPU minutes; then nats per note on the valid split, all tokens after the header counted. Three rows: REMI
(Huang and Yang 2020; MidiTok 3, no velocities, 12 positions a quarter note, time signatures), our tokens alone, and our
tokens with the place in the music (zoo.codecs.events.Walk.context), which is what the models are given.
"""

import argparse
import time
from dataclasses import replace

import numpy as np
import torch

from zoo.codecs.events import EventCodec
from zoo.codecs.sequences import Sequence, sequence
from zoo.corpus import load
from zoo.corpus.melody import melody, sections
from zoo.errors import ScoreError
from zoo.models._lstm_network import LSTMConfig, LSTMNetwork
from zoo.models._sequence_task import SequenceTask, piece_nats
from zoo.notation import midi
from zoo.score import Score


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument("--corpus", action="append", default=[])
    options = parser.parse_args()
    torch.set_num_threads(1)
    codec = EventCodec(("folk",))
    remi = _remi()
    data = {name: {"train": [], "valid": []} for name in ("REMI", "ours, tokens alone", "ours, with place")}
    for piece in load(options.corpus, only=["folk"])[0]:
        if piece.split == "test":
            continue
        for score in sections(melody(piece.score)):
            try:
                ours = sequence(codec, score, "folk")
            except ScoreError:
                continue
            data["ours, with place"][piece.split].append(ours)
            data["ours, tokens alone"][piece.split].append(replace(ours, context=ours.context[:, :0]))
            data["REMI"][piece.split].append(_remi_sequence(remi, codec, score, ours))
    print(f"{'':20} {'tokens a note':>13} {'steps':>6} {'nats per note, valid':>21}")
    for name, split in data.items():
        vocabulary = len(codec) + (len(remi) if name == "REMI" else 0)
        sizes = tuple(codec.context_sizes()) if name == "ours, with place" else ()
        torch.manual_seed(0)
        network = LSTMNetwork(LSTMConfig(vocabulary, sizes, embedding=128, hidden=256, layers=2))
        task = SequenceTask(network, codec, split["train"], split["valid"])
        if name == "REMI":
            task.bar = len(codec) + remi["Bar_None"]
        steps = _learn(task, options.minutes * 60)
        notes = sum(s.notes for s in split["valid"])
        tokens = sum(len(s.tokens) for s in split["valid"])
        nats = sum(piece_nats(network, split["valid"])) / notes
        print(f"{name:20} {tokens / notes:13.2f} {steps:6} {nats:21.3f}", flush=True)


def _learn(task: SequenceTask, seconds: float) -> int:
    """Train for so long with the learning rate falling to nothing; returns the steps taken."""
    optimizer = torch.optim.AdamW(task.network.parameters(), lr=3e-3)
    begun, step = time.process_time(), 0
    while (spent := time.process_time() - begun) < seconds:
        optimizer.param_groups[0]["lr"] = 3e-3 * (1 - spent / seconds)
        task.network.train()
        loss = task.loss(np.random.default_rng(step), batch=8, window=256, step=step)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(task.network.parameters(), 1.0)
        optimizer.step()
        step += 1
    return step


def _remi():
    from miditok import REMI, TokenizerConfig

    metres = {2: [2, 3, 4], 4: [2, 3, 4, 5, 6], 8: [2, 3, 4, 5, 6, 7, 9, 12]}
    return REMI(TokenizerConfig(
        use_velocities=False, use_time_signatures=True, time_signature_range=metres, beat_res={(0, 8): 12},
        special_tokens=["EOS"],
    ))


def _remi_sequence(remi, codec: EventCodec, score: Score, ours: Sequence) -> Sequence:
    """The same header, then REMI's tokens (numbered after ours) of the tune on white keys, from its first bar line."""
    from symusic import Score as SymusicScore

    lead = score.meter.bar_ticks - score.pickup if score.pickup else 0
    notes = tuple(replace(n, onset=n.onset + lead, pitch=n.pitch + score.key.to_white_keys) for n in score.notes)
    white = Score(parts=(replace(score.parts[0], notes=notes),), meters=score.meters)
    ids = remi(SymusicScore.from_midi(midi.write(white)))[0].ids
    end = remi["EOS_None"]
    body = np.array([len(codec) + i for i in [*ids, end]], dtype=np.int16)
    tokens = np.concatenate([ours.tokens[: codec.header_tokens], body])
    return Sequence("folk", tokens, np.zeros((len(tokens), 0), np.uint8), ours.notes)


if __name__ == "__main__":
    main()
