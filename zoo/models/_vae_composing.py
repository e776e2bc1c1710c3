"""Composing with the VAE: a form, a place for each of its sections, and the notes at those places."""

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import torch

from zoo.codecs.events import Header
from zoo.codecs.melody_grid import BEAT_SLOTS, HOLD, PLAIN, SLOT_TICKS, MelodyGrid, from_grid, has_triplets, to_grid
from zoo.decoding import draw, probabilities
from zoo.models._conditioning import Conditions, conditions, tempo
from zoo.models._vae_form import Section, form
from zoo.models._vae_network import Batch
from zoo.models._vae_task import before, repeat
from zoo.models._vae_walking import slerp
from zoo.models._vae_writing import FREE, STRIKE, read, settle, write
from zoo.prompt import MOODS, Prompt
from zoo.score import Note, Part, Score
from zoo.styles import styles
from zoo.theory import Key, Meter

if TYPE_CHECKING:
    from zoo.models.vae import VAE

_KINSHIP = 0.5  # how much of its noise another section shares with the first, so that they are of one piece
_RETURN = 0.12  # how far from its place a section lies when it comes again
_TRIED = 32  # places that are compared on a prompt
_ROUNDS = 3  # of going on from a prompt
_MOOD_DENSITY = {"low": -1.0, "high": 1.0}  # standard deviations


def compose(model: "VAE", prompt: Prompt) -> Score:
    """The piece of a prompt: a form, and for each of its sections a place drawn from the prior."""
    known = model.known[prompt.style]
    wish = conditions(prompt, tuple(known["meters"]), tuple(known["modes"]))
    rng = np.random.default_rng(prompt.seed)
    meter, mode = _meter_and_mode(model, wish, rng)
    key = wish.tonic(Header(prompt.style, meter, mode, 3, prompt.bars), rng)
    sections = form(prompt.bars, prompt.style)
    melody = from_grid(_Writing(model, prompt, sections, meter, key).write(_given(wish, meter, key), rng))
    octave = 0 if wish.notes else 12 * MOODS.get(prompt.mood or "", {"octave": 0})["octave"]
    end = max((note.end for note in wish.notes), default=0)
    own = [Note(n.onset + wish.pickup, n.duration, n.pitch + octave) for n in melody.notes]
    own = _come_home([n for n in own if n.onset >= end], key, wish.pickup + prompt.bars * meter.bar_ticks)
    style = styles()[prompt.style]
    return Score(
        parts=(Part((*wish.notes, *own), name="Melody", program=style.lead),),
        meters=((0, meter),),
        keys=((0, key),),
        tempos=((0, tempo(prompt, meter)),),
        chords=tuple((tick + wish.pickup, symbol) for tick, symbol in melody.chords),
        pickup=wish.pickup,
        title=f"{style.title} in {key}, seed {prompt.seed}",
        form=tuple((wish.pickup + s.start * meter.bar_ticks, s.label) for s in sections),
    )


def _come_home(notes: list[Note], key: Key, end: int) -> list[Note]:
    """The last note becomes the nearest tonic and sounds to the end: no place in the latent space promises that."""
    if not notes:
        return []
    *before, last = notes
    away = (last.pitch - key.pitch_class + 6) % 12 - 6
    return [*before, replace(last, duration=end - last.onset, pitch=last.pitch - away)]


def _meter_and_mode(model: "VAE", wish: Conditions, rng: np.random.Generator) -> tuple[Meter, str]:
    """Of those that the prompt leaves open one as common as it is in the style; with notes, one that suits them."""
    shares = model.shares[wish.style]
    choices = [
        (meter, mode) for meter in wish.meters for mode in wish.modes if wish.pickup < meter.bar_ticks
    ]
    odds = np.array([np.log(shares.get(f"{meter} {mode}", 0.0) + 1e-6) for meter, mode in choices])
    if wish.notes:
        odds -= [model.nats_of_opening(wish.line(meter), wish.style) for meter, _ in choices]
    return choices[draw(probabilities(odds, np.ones(len(odds), bool)), rng)]


def _given(wish: Conditions, meter: Meter, key: Key) -> np.ndarray:
    """The prompt's tokens for write, (bars, slots); the rest is FREE, but for the slot after: there a note begins."""
    width = meter.bar_ticks // SLOT_TICKS
    given = np.full(wish.bars * width, FREE)
    if wish.notes:
        line = replace(wish.line(meter), keys=((0, key),))
        end = -(-(max(note.end for note in wish.notes) - wish.pickup) // SLOT_TICKS)
        if end > 0:
            given[:end] = to_grid(line, wish.bars).tokens.reshape(-1)[:end]
        if end % BEAT_SLOTS == 3 and has_triplets(meter) and given[end - 3] >= PLAIN:
            end += 1  # a triplet has no fourth slot
        if end < len(given):
            given[max(0, end)] = STRIKE
    last = given[-width:]
    if last[0] == FREE:  # so that the piece does not end before its last bar
        last[0] = STRIKE
    return given.reshape(wish.bars, width)


class _Writing:
    """One piece while it is being written."""

    def __init__(self, model: "VAE", prompt: Prompt, sections: tuple[Section, ...], meter: Meter, key: Key):
        self.model = model
        self.network = model.networks["sixteen"]
        self.prompt = prompt
        self.sections = sections
        self.meter = meter
        self.key = key

    def write(self, given: np.ndarray, rng: np.random.Generator) -> MelodyGrid:
        """given: (bars, slots), see _given."""
        bars, slots = given.shape
        latent = self.network.config.latent
        theme, own = rng.standard_normal((2, latent))
        tokens = np.zeros((bars, slots), np.int64)
        chords = np.zeros((bars, 2), np.int64)
        first: dict[str, tuple[np.ndarray, np.ndarray, np.ndarray]] = {}
        for section in self.sections:
            rows = slice(section.start, section.start + section.bars)
            asked = given[rows]
            batch = self._conditions(section)
            if section.label not in first:
                noise = theme if not first else _KINSHIP * theme + np.sqrt(1 - _KINSHIP**2) * own
                place = self._place(noise, batch, asked, rng)
                numbers = rng.random(asked.shape)
            else:  # what was given there comes again too
                place, numbers, before = first[section.label]
                place = slerp(place, self.model.prior.draw(rng.standard_normal((1, latent)), batch)[0], _RETURN)
                asked = np.where(asked == FREE, before[: section.bars], asked)
                numbers = numbers[: section.bars]
            first.setdefault(section.label, (place, numbers, asked))
            found = self._decode(place[None], batch, numbers[None], asked[None])
            tokens[rows], chords[rows] = found[0][0], found[1][0]
        return MelodyGrid(self.meter, self.key, tokens, chords)

    def _conditions(self, section: Section) -> Batch:
        closes = section.start + section.bars == self.prompt.bars
        style, mode = self.prompt.style, self.key.mode
        return self.model.conditions(self.network, 1, section.bars, self.meter, style, mode, closes)

    def _decode(self, places: np.ndarray, batch: Batch, numbers: np.ndarray, given: np.ndarray) -> tuple:
        p = self.prompt
        return write(
            self.network, places, batch, numbers, p.temperature, p.top_k, p.top_p, given,
            self.model.known[p.style]["chords"],
        )

    def _place(self, noise: np.ndarray, batch: Batch, asked: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Where a new section lies, (latent,)."""
        if (asked >= 0).any():
            place = self._going_on(batch, asked, rng)
        else:
            places = self.model.prior.draw(noise[None], batch)
            chords = self.model.known[self.prompt.style]["chords"]
            place = settle(self.network, places, batch, asked[None], chords)[0]
        mood = MOODS.get(self.prompt.mood or "")
        if mood and not self.prompt.score.notes:
            place = place + _MOOD_DENSITY[mood["density"]] * self.model.directions["sixteen"][0]
        return place

    @torch.inference_mode()
    def _going_on(self, batch: Batch, asked: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """A place of music that begins with what is asked for.

        Of many places of the prior one is drawn by how likely the given notes are there. From there on the missing
        notes are written and the whole is read in turn, a Markov chain that comes to music in which both agree (Rezende
        et al. 2014, 'Stochastic backpropagation', on missing data).
        """
        many = repeat(batch, _TRIED)
        places = self.model.prior.draw(rng.standard_normal((_TRIED, self.network.config.latent)), many)
        flat = asked.reshape(-1)
        tokens = torch.from_numpy(np.where(flat >= 0, flat, HOLD)).expand(_TRIED, -1).reshape(many.tokens.shape)
        logits, _ = self.network(many, torch.from_numpy(places).float(), before(tokens), many.chords)
        nats = -logits.log_softmax(-1).gather(-1, tokens[..., None]).flatten(1)[:, torch.from_numpy(flat >= 0)].sum(1)
        place = places[draw(probabilities(-nats.numpy(), np.ones(_TRIED, bool)), rng)]
        for _ in range(_ROUNDS):
            tokens, chords = self._decode(place[None], batch, rng.random((1, *asked.shape)), asked[None])
            mean, log_variance = read(self.network, batch, tokens, chords)
            noise = torch.from_numpy(rng.standard_normal(mean.shape)).float()
            place = (mean + torch.exp(log_variance / 2) * noise)[0].numpy()
        return place
