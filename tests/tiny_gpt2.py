"""A GPT-2 so small that fine-tuning it takes seconds, and tunes for that."""

import random
from dataclasses import asdict
from pathlib import Path

import torch
from safetensors.torch import save_file

import zoo
from zoo.cards import write_card
from zoo.codecs.events import EventCodec
from zoo.composer import ModelCard, Supports
from zoo.models._gpt2_network import GPT2Network, GPT2NetworkConfig
from zoo.score import Note, Part, Score
from zoo.theory import Key

STYLES = ("folk", "jazz")


def save_tiny(folder: Path) -> Path:
    """An untrained checkpoint 'tiny' of the family gpt2 in a new folder, which is returned."""
    folder.mkdir(parents=True)
    codec = EventCodec(STYLES, polyphonic=True)
    torch.manual_seed(0)
    network = GPT2Network(GPT2NetworkConfig(len(codec), tuple(codec.context_sizes()), width=32, layers=1, heads=2))
    known = {style: {"meters": ["4/4", "3/4"], "modes": ["major", "minor"]} for style in STYLES}
    card = ModelCard(
        "tiny", "Tiny", "gpt2", 0, "mit", Supports(STYLES, ("4/4", "3/4"), polyphony=True), limits=("It is tiny.",)
    )
    save_file({name: value.half().contiguous() for name, value in network.state_dict().items()},
              folder / "model.safetensors")
    write_card(
        folder, card, {"codec": {"styles": codec.styles}, "network": asdict(network.config), "known": known}
    )
    return folder


def write_tunes(folder: Path, count: int, parts: int = 1) -> Path:
    """Scales up and down, each a little different, in D minor, as MIDI in a new folder, which is returned."""
    folder.mkdir()
    for number in range(count):
        dice = random.Random(number)
        line = [62 + step for step in (0, 2, 3, 5, 7, 5, 3, 2)] * 8
        line[dice.randrange(64)] += 12
        line[dice.randrange(64)] -= 12
        upper = Part(tuple(Note(24 * i, 24, pitch) for i, pitch in enumerate(line)), program=40)
        lower = Part(tuple(Note(96 * i, 96, 50 + number % 2) for i in range(16)), program=42)
        score = Score((upper, lower)[:parts], keys=((0, Key.parse("D minor")),), tempos=((0, 90.0),))
        zoo.write(score, folder / f"tune {number}.mid")
    return folder
