"""The VAE's network: slot by slot gives what whole melodies give, whoever stands beside them in the batch."""

import numpy as np
import pytest
import torch
from vae_tunes import grid

from zoo.codecs.melody_grid import FIRST_PITCH, HOLD, METERS, PLAIN, has_triplets
from zoo.models._vae_network import Batch, VAEConfig, VAENetwork
from zoo.models._vae_task import Tune, before, collate
from zoo.models._vae_writing import FREE, STRIKE, blank, write
from zoo.theory import MODES, Meter

STYLES = ("folk", "song")
LATENT = 32


def network(bars: int) -> VAENetwork:
    """Of two bars, flat, or of sixteen with a conductor; its logits differ enough to have one likeliest token."""
    torch.manual_seed(0)
    shape = {"segments": 1, "segment_bars": 2} if bars == 2 else {"segments": 16, "segment_bars": 1}
    widths = {"latent": LATENT, "embedding": 24, "encoder": 12, "rows": 20, "conductor": 16, "decoder": 28}
    made = VAENetwork(VAEConfig(**shape, styles=len(STYLES), modes=len(MODES), **widths)).eval()
    for weights in (made.head.weight, made.token.weight, made.told.weight):
        weights.data *= 8
    return made


def places(count: int) -> np.ndarray:
    return np.random.default_rng(0).standard_normal((count, LATENT)).astype(np.float32)


def batch(made: VAENetwork, meter: str, bars: int, count: int = 2) -> Batch:
    return collate([Tune(STYLES[i % 2], grid(meter, bars, i), i == 0) for i in range(count)], STYLES, made.config)


def decode(made, data: Batch, latent, tokens, chords):
    with torch.no_grad():
        return made(data, torch.from_numpy(latent), before(tokens), chords)


@pytest.mark.parametrize(("bars", "meter"), [(2, "4/4"), (2, "3/8"), (16, "3/4"), (5, "6/8")])
def test_steps_give_the_logits_of_whole_melodies(bars, meter):
    made = network(bars)
    data = batch(made, meter, bars)
    inputs, chords = before(data.tokens), torch.randint(24, data.chords.shape)
    whole, _ = decode(made, data, places(2), data.tokens, chords)
    states = made.conduct(torch.from_numpy(places(2)), data)
    straight = made.straight_logits(torch.from_numpy(places(2)), data)
    assert whole.std() > 0.05, "logits that differ"
    with torch.no_grad():
        for segment in range(inputs.shape[1]):
            slots = inputs.shape[2]
            state, beside = made.open_segment(states[:, segment], chords[:, segment], slots, data.meter)
            for slot in range(slots):
                logits, state = made.step(inputs[:, segment, slot], beside[:, slot], state)
                logits += straight[:, segment, slot]
                torch.testing.assert_close(logits, whole[:, segment, slot], atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize(("bars", "meter"), [(2, "2/4"), (16, "4/4"), (7, "3/8")])
def test_what_is_written_at_temperature_0_is_the_likeliest_given_what_was_written(bars, meter):
    made = network(bars)
    data = batch(made, meter, bars)
    tokens, chords = write(made, places(2), data, with_chords=True)
    written = torch.from_numpy(tokens).view(data.tokens.shape)
    logits, _ = decode(made, data, places(2), written, torch.from_numpy(chords).view(data.chords.shape))
    slots = np.arange(written.shape[2])
    if has_triplets(Meter.parse(meter)):
        logits[:, :, slots % 4 != 0, PLAIN:] = -torch.inf
        first = written.unflatten(2, (-1, 4))[..., :1].expand(-1, -1, -1, 4).flatten(2)
        fourth = (first >= PLAIN) & torch.from_numpy(slots % 4 == 3)
        assert (written[fourth] == 0).all()
    else:
        logits[..., PLAIN:] = -torch.inf
        fourth = torch.zeros_like(written, dtype=torch.bool)
    assert torch.equal(logits.argmax(-1)[~fourth], written[~fourth])
    assert len(written.unique()) > 5


def test_what_is_given_is_written_and_a_note_begins_where_one_must():
    made = network(16)
    data = batch(made, "4/4", 4, count=1)
    given = np.full((1, 4, 16), FREE)
    given[0, 0] = grid("4/4", 1, seed=9).tokens
    given[0, 1:, 0] = STRIKE
    made.head.bias.data[HOLD] += 1000  # it would rather hold on for ever
    tokens, chords = write(made, places(1), data, given=given)
    assert (tokens[0, 0] == given[0, 0]).all() and (tokens[0, 1:, 0] % PLAIN >= FIRST_PITCH).all()
    assert (tokens[0, 1:, 1:] == HOLD).all()
    assert (chords == 0).all(), "none was asked for"


def test_a_triplet_that_is_given_has_no_fourth_slot_either():
    made = network(16)
    given = np.full((1, 1, 16), FREE)
    given[0, 0, 4:8] = [PLAIN + 20, 21, 22, 23]
    tokens, _ = write(made, places(1), batch(made, "4/4", 1, count=1), given=given)
    assert tokens[0, 0, 4:8].tolist() == [PLAIN + 20, 21, 22, 0]


def test_encoding_ignores_the_bars_that_fill_up():
    made = network(16)
    short, long = Tune("folk", grid(bars=5, seed=1)), Tune("folk", grid(bars=16, seed=2))
    with torch.no_grad():
        alone, alone_spread = made.encode(collate([short], STYLES, made.config))
        beside, beside_spread = made.encode(collate([long, short], STYLES, made.config))
        other, _ = made.encode(collate([Tune("folk", grid(bars=5, seed=3))], STYLES, made.config))
    torch.testing.assert_close(beside[1], alone[0], atol=1e-5, rtol=1e-4)
    torch.testing.assert_close(beside_spread[1], alone_spread[0], atol=1e-5, rtol=1e-4)
    assert (other - alone).abs().max() > 1e-2, "the tune counts"


@pytest.mark.parametrize("what", ["style", "mode", "closes"])
def test_conditions_change_what_is_written(what):
    made = network(16)
    asked = {"style": 0, "mode": 0, "closes": True}
    other = asked | {what: 1 - asked[what]}
    logits = [
        decode(made, data, places(1), data.tokens, data.chords)[0]
        for data in (blank(made.config, 1, 4, Meter(3, 4), **wish) for wish in (asked, other))
    ]
    assert (logits[0] - logits[1]).abs().max() > 1e-2


def test_a_row_does_not_depend_on_its_neighbours():
    made = network(16)
    data = batch(made, "4/4", 16, count=1)
    three = batch(made, "4/4", 16, count=3)
    latents, numbers = places(3), np.random.default_rng(1).random((3, 16, 16))
    for row in (0, 2):
        for wish in ({}, {"temperature": 1.0, "numbers": numbers}):
            mine = wish and {**wish, "numbers": numbers[row : row + 1]}
            alone, _ = write(made, latents[row : row + 1], data, **mine)
            among, _ = write(made, latents, alike(three), **wish)
            assert (among[row] == alone[0]).all()


def alike(data: Batch) -> Batch:
    """All rows in the conditions of the first."""
    return Batch(**{
        name: value if name == "meter" else value[:1].expand_as(value).contiguous()
        for name, value in vars(data).items()
    })


def test_what_came_before_is_the_last_token_and_at_a_bar_line_the_last_pitch():
    line = torch.tensor([[[20, 0, PLAIN + 30, 1], [0, 25, 1, 0], [0, 0, 0, 0]]])
    start = 2 * PLAIN
    assert before(line).tolist() == [[[start, 20, 0, PLAIN + 30], [30, 0, 25, 1], [25, 0, 0, 0]]]


def test_every_metre_has_slots_of_its_own():
    made = network(16)
    with torch.no_grad():
        openings = [
            decode(made, data, places(1), data.tokens, data.chords)[0][0, 0, 0]
            for data in (blank(made.config, 1, 1, Meter.parse(meter), 0, 0, True) for meter in METERS)
        ]
    assert all((a - b).abs().max() > 1e-3 for i, a in enumerate(openings) for b in openings[:i])
