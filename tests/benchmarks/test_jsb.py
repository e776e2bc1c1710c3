"""The chorale benchmark's measures, on chorales that the test makes."""

import math

import numpy as np
import pytest
import torch

from benchmarks.jsb import ChoraleTask, floor, nats_per_token
from benchmarks.jsb_data import VOCABULARY, Chorale


def made(number: int, count: int = 40) -> Chorale:
    """Four voices that step up and down at random, a quarter note each."""
    moves = np.random.default_rng(number).choice([-2, 0, 2], size=(count // 4, 4))
    steps = np.repeat(np.array([70, 65, 58, 50]) + moves, 4, axis=0)
    return Chorale(steps, np.arange(count) % 16, np.full(count, 16), "train", "f")


def test_the_floor_of_repeating_by_hand():
    """100 steps in which nothing moves: each voice is followed by STAYS 100 times and by nothing else."""
    still = Chorale(np.full((100, 4), [69, 64, 57, 50]), np.arange(100) % 16, np.full(100, 16), "train", "f")
    # Of all 400 tokens that the n-gram model predicts (the voice, being first in its row, is given) one kind is seen.
    unigram = (400 + 1 / (2 * VOCABULARY)) / (400 + 1)
    assert floor(("voice",), [still], [[still]])[0] == pytest.approx(-math.log((100 + unigram) / (100 + 1)))


class Flat(torch.nn.Module):
    """Knows nothing."""

    def __init__(self):
        super().__init__()
        self.unused = torch.nn.Parameter(torch.zeros(1))

    def forward(self, tokens, context):
        return torch.zeros(*tokens.shape, VOCABULARY)


@pytest.mark.parametrize("window", [8, 48, 64, 160, 400])
def test_every_token_is_counted_once(window):
    assert nats_per_token(Flat(), [made(1), made(2, count=24)], window) == pytest.approx(math.log(VOCABULARY))


def test_training_windows_begin_at_a_step_and_cover_the_piece():
    task = ChoraleTask(Flat(), [made(1)], [made(2)], window=64)
    task.keys = [[(np.arange(161) % 128, made(1).context())]]
    seen = set()

    class Watching(Flat):
        def forward(self, tokens, context):
            assert (tokens[:, 0] % 4 == 0).all()
            seen.update(tokens[:, 0].tolist())
            return super().forward(tokens, context)

    rng = np.random.default_rng(0)
    for _ in range(40):
        task.loss(Watching(), rng, batch=8, window=64, step=1)
    assert seen == set(range(0, 97, 4))
