"""VAE: melodies at places of a latent space (MusicVAE, Roberts et al. 2018), to compose, blend and vary by place."""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
import torch

from zoo.cards import training_record
from zoo.checkpoint import write_checkpoint
from zoo.codecs.melody_grid import METERS, PLAIN, SLOT_TICKS, MelodyGrid, from_grid, to_grid
from zoo.composer import Likelihood, ModelCard, SequenceComposer, Supports
from zoo.corpus.melody import melody
from zoo.corpus.piece import Piece
from zoo.errors import PromptError, ScoreError
from zoo.models import _vae_training as training
from zoo.models._known import known, union
from zoo.models._vae_attributes import ATTRIBUTES, measure
from zoo.models._vae_composing import compose
from zoo.models._vae_network import Batch, VAEConfig, VAENetwork
from zoo.models._vae_prior import Prior, PriorConfig
from zoo.models._vae_task import MODE_NUMBERS, Tune, batches, bound, collate, tunes
from zoo.models._vae_walking import merge, slerp, stops
from zoo.models._vae_weaving import CHUNK, chunks, full_bars, joined, woven
from zoo.models._vae_writing import blank, settle, write
from zoo.prompt import MAX_BARS, Prompt
from zoo.registry import read_card, register
from zoo.score import Score
from zoo.styles import styles
from zoo.theory import Key, Meter
from zoo.training import TrainConfig
from zoo.weights import read_weights

_WAY = 65  # tunes along a blend, of which its stops are chosen
_ENOUGH_CHORDS = 0.3  # of a style's training tunes have chords where the model writes some


@dataclass(frozen=True)
class Place:
    """Where a melody of 1 to 16 bars lies. latent: (latent,) float32; the rest is what the decoder is told beside it.

    closes: whether the piece ends there.
    """

    latent: np.ndarray
    style: str
    key: Key
    meter: Meter
    bars: int
    closes: bool = True


@register
class VAE(SequenceComposer):
    """Writes melodies by their place in a latent space, and walks there: blends, variations, more or less of a trait.

    Scores are read as their melody on the grid of zoo.codecs.melody_grid, in its metres and up to 64 bars, for each
    style that the card names; other scores raise ScoreError or PromptError.
    """

    config = training.SIXTEEN
    attributes = ATTRIBUTES

    def __init__(
        self, card: ModelCard, networks: dict[str, VAENetwork], prior: Prior, directions: dict[str, np.ndarray],
        known: dict[str, dict], shares: dict[str, dict[str, float]],
    ):
        self.card = card
        self.networks = {name: network.eval() for name, network in networks.items()}
        self.prior = prior.eval()
        self.directions = directions
        self.known = known
        self.shares = shares
        self.vocabulary = len(known) + 2 * PLAIN

    @classmethod
    def from_checkpoint(cls, folder: Path) -> "VAE":
        """Read a checkpoint folder: config.json and the weights."""
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        weights = read_weights(folder)
        networks = {name: VAENetwork(VAEConfig(**fields)) for name, fields in config["networks"].items()}
        prior = Prior(PriorConfig(**config["prior"]))
        for name, module in {**networks, "prior": prior}.items():
            module.load_state_dict(_of(weights, name))
        directions = {name: tensor.float().numpy() for name, tensor in _of(weights, "directions").items()}
        return cls(read_card(folder), networks, prior, directions, config["known"], config["shares"])

    def compose(self, prompt: Prompt) -> Score:
        self._check_style(prompt.style)
        return compose(self, prompt)

    def encode(self, score: Score, style: str) -> list[Place]:
        """Where the score's melody lies: a place for every sixteen bars, its upbeat left out."""
        grid, _ = self._read(score, style)
        return self._places(grid, style)

    def decode(self, places: Sequence[Place], temperature: float = 0.0, seed: int = 0) -> Score:
        """The melody at places of one metre and key, one after the other; at temperature 0 the likeliest notes."""
        if not places or len({(place.meter, place.key) for place in places}) > 1:
            raise PromptError("Give at least one place, and all of them in one metre and key.")
        rng = np.random.default_rng(seed)
        grids = []
        for place in places:
            numbers = rng.random((1, place.bars, place.meter.bar_ticks // SLOT_TICKS))
            grids.append(self._decode(place, place.latent[None], numbers, temperature)[0])
        style = styles()[places[0].style]
        score = from_grid(joined(grids), tempos=((0, style.tempo(places[0].meter)),))
        return score.with_parts(replace(part, program=style.lead) for part in score.parts)

    def interpolate(self, a: Score, b: Score, style: str, steps: int = 7) -> list[Score]:
        """steps melodies from a to b, 2 to 33, both ends included as they are; b is brought into a's key.

        They have as many bars as the shorter one, without upbeats. The steps between are the likeliest notes at places
        along the sphere, chosen so that one hears an even walk (see stops). Raises PromptError for two metres.
        """
        if not 2 <= steps <= 33:
            raise PromptError("A blend has 2 to 33 steps.")
        (first, line_a), (last, line_b) = self._read(a, style), self._read(b, style)
        if first.meter != last.meter:
            raise PromptError(
                f"The first tune is in {first.meter}, the second in {last.meter}; a blend needs two in one metre."
            )
        bars = min(first.bars, last.bars)
        first, last = first[:bars], last[:bars]
        starts, goals = self._places(first, style), self._places(last, style)
        shares = np.linspace(0, 1, _WAY)[1:-1]
        parts = [
            self._decode(start, self._settled(start, [slerp(start.latent, goal.latent, share) for share in shares]))
            for start, goal in zip(starts, goals)
        ]
        way = [first, *(joined(grids) for grids in zip(*parts)), replace(last, key=first.key)]
        tunes = [
            full_bars(line_a, bars, first.key),
            *(from_grid(way[index]) for index in stops(way, steps)[1:-1]),
            full_bars(line_b, bars, first.key),
        ]
        tempos = np.geomspace(a.tempo, b.tempo, steps)
        return [
            replace(
                tune,
                parts=(replace(tune.parts[0], name="Melody", program=line_a.parts[0].program),),
                tempos=((0, float(bpm)),),
                chords=tune.chords if a.chords and b.chords else (),  # else one end alone would have them
                title=f"Blend {number} of {steps}",
            )
            for number, (tune, bpm) in enumerate(zip(tunes, tempos), 1)
        ]

    def variations(self, score: Score, style: str, distance: float, count: int = 1, seed: int = 0) -> list[Score]:
        """count melodies at a distance from the score's: 0 is itself, 1 as far as another tune of the style.

        What changes between the tune's place and the new one is changed in the tune; all else, its upbeat and what the
        grid has no place for included, stays. Each number of a seed goes its own way, farther with the distance.
        """
        if not 0 <= distance <= 1:
            raise PromptError("The distance of a variation is 0 (the tune itself) to 1.")
        if not 1 <= count <= 32:
            raise PromptError("1 to 32 variations can be had at once.")
        rng = np.random.default_rng(seed)

        def elsewhere(place: Place) -> np.ndarray:
            noise = rng.standard_normal((count, len(place.latent)))
            if place.bars != 2:
                noise = self.prior.draw(noise, self._conditions(place, count))
            return np.stack([slerp(place.latent, other, distance) for other in noise])

        return self._moved(score, style, elsewhere, f"Variation at {distance:g}")

    def measure(self, score: Score, style: str) -> dict[str, float]:
        """The melody's attributes: density in notes a quarter, height as its mean MIDI pitch, and syncopation.

        Of syncopation see zoo.models._vae_attributes.measure.
        """
        grid, _ = self._read(score, style)
        measured = dict(zip(ATTRIBUTES, measure(grid).tolist()))
        return measured | {"height": measured["height"] - grid.key.to_white_keys}

    def move(self, score: Score, style: str, **amounts: float) -> Score:
        """The melody with more or less of its attributes: density, height, syncopation, -3 to 3 standard deviations.

        Everything else is kept as in variations. Raises PromptError for another attribute or amount.
        """
        for name, amount in amounts.items():
            if name not in ATTRIBUTES:
                raise PromptError(f"There is no attribute '{name[:40]}'; there are {', '.join(ATTRIBUTES)}.")
            if not -3 <= amount <= 3:
                raise PromptError(f"{name} goes from -3 to 3.")

        def shifted(place: Place) -> np.ndarray:
            rows = self.directions[_network(place.bars)]
            return (place.latent + sum(a * rows[ATTRIBUTES.index(n)] for n, a in amounts.items()))[None]

        title = ", ".join(f"{name} {amount:+g}" for name, amount in amounts.items())
        return self._moved(score, style, shifted, title)[0]

    def log_likelihood(self, score: Score, style: str) -> Likelihood:
        return self.log_likelihood_batch([score], style)[0]

    @torch.inference_mode()
    def log_likelihood_batch(self, scores: Sequence[Score], style: str) -> list[Likelihood]:
        """A bound: no score's melody, on the grid and without its upbeat, is less likely than this says.

        The evidence lower bound with one draw from each sixteen bars' posterior, the divergence counted in full.
        """
        self._check_style(style)
        nats, notes = np.zeros(len(scores)), np.zeros(len(scores), int)
        found = [Tune(style, part, closes, owner) for owner, s in enumerate(scores) for part, closes in self._parts(s)]
        for name, network in self.networks.items():
            for group in batches([t for t in found if _network(t.grid.bars) == name], 64):
                batch = collate(group, self._styles, network.config)
                rebuilt, divergence = bound(network, batch, noise=_noise(network))
                for tune, cost in zip(group, (rebuilt + divergence).tolist()):
                    nats[tune.owner] += cost
                    notes[tune.owner] += tune.notes
        return [Likelihood(float(n), int(k)) for n, k in zip(nats, notes)]

    def tokens(self, score: Score, style: str) -> list[list[int]]:
        self._check_style(style)
        number = list(self.known).index(style)
        return [
            [number, *(len(self.known) + part.tokens.reshape(-1)).tolist()] for part, _ in self._parts(score)
        ]

    @torch.inference_mode()
    def nats_of_opening(self, line: Score, style: str) -> float:
        """The bound of an opening that the model is to go on from, as log_likelihood has it; 0 for a mere upbeat."""
        if not line.bars:
            return 0.0
        grid = to_grid(line)[:CHUNK]
        network = self.networks["sixteen"]
        batch = collate([Tune(style, grid, closes=False)], self._styles, network.config)
        rebuilt, divergence = bound(network, batch, noise=_noise(network))
        return float(rebuilt + divergence)

    def conditions(
        self, network: VAENetwork, count: int, bars: int, meter: Meter, style: str, mode: str, closes: bool
    ) -> Batch:
        """What a network is told of count melodies without notes."""
        number = self._styles.index(style)
        return blank(network.config, count, bars, meter, number, MODE_NUMBERS[mode], closes)

    @property
    def _styles(self) -> tuple[str, ...]:
        return tuple(self.known)

    def _conditions(self, place: Place, count: int) -> Batch:
        network = self.networks[_network(place.bars)]
        return self.conditions(network, count, place.bars, place.meter, place.style, place.key.mode, place.closes)

    def _read(self, score: Score, style: str) -> tuple[MelodyGrid, Score]:
        """A score's melody on the grid, and as it is."""
        self._check_style(style)
        line = melody(score)
        if not line.notes:
            raise ScoreError("The piece has no notes; give another.")
        grid = to_grid(line)
        if grid.bars > MAX_BARS:
            raise ScoreError(f"The piece has {grid.bars} bars; give at most {MAX_BARS}.")
        return grid, line

    def _parts(self, score: Score) -> list[tuple[MelodyGrid, bool]]:
        """A melody's chunks, and whether it ends with them; none for what the grid can't hold."""
        try:
            grid = to_grid(melody(score)) if score.notes else None
        except ScoreError:
            return []
        return chunks(grid) if grid else []

    @torch.inference_mode()
    def _places(self, grid: MelodyGrid, style: str) -> list[Place]:
        places = []
        for part, closes in chunks(grid):
            network = self.networks[_network(part.bars)]
            mean, _ = network.encode(collate([Tune(style, part, closes)], self._styles, network.config))
            places.append(Place(mean[0].numpy(), style, grid.key, grid.meter, part.bars, closes))
        return places

    def _decode(
        self, place: Place, latents: np.ndarray, numbers: np.ndarray | None = None, temperature: float = 0.0
    ) -> list[MelodyGrid]:
        """A melody at each of the latents (n, latent), in the conditions of a place."""
        tokens, chords = write(
            self.networks[_network(place.bars)], latents, self._conditions(place, len(latents)), numbers, temperature,
            with_chords=True,
        )
        return [MelodyGrid(place.meter, place.key, t[: place.bars], c[: place.bars]) for t, c in zip(tokens, chords)]

    def _settled(self, place: Place, latents: list[np.ndarray]) -> np.ndarray:
        """settle, in the conditions of a place: (n, latent)."""
        network = self.networks[_network(place.bars)]
        return settle(network, np.stack(latents), self._conditions(place, len(latents)), with_chords=True)

    def _moved(self, score: Score, style: str, move, title: str) -> list[Score]:
        """The melody as it becomes where move(place) -> (n, latent) puts its chunks."""
        grid, line = self._read(score, style)
        versions: list[list[MelodyGrid]] = []
        start = 0
        for place in self._places(grid, style):
            part = grid[start : start + place.bars]
            latents = move(place)
            rebuilt, *moved = self._decode(place, np.concatenate([place.latent[None], latents]))
            versions.append([  # rounding may tell two rows of a batch apart, though their place is one
                part if np.array_equal(latent, place.latent) else merge(part, rebuilt, version)
                for latent, version in zip(latents, moved)
            ])
            start += place.bars
        return [replace(woven(line, grid, joined(parts)), title=title) for parts in zip(*versions)]

    @classmethod
    def train(cls, pieces: Iterable[Piece], folder: Path, config: TrainConfig) -> "VAE":
        """Train on the pieces' train split and leave a checkpoint in the folder; resumes any stage.

        config: its seed is used, and its steps for the network of sixteen bars; all else takes its share of the
        defaults. Raises ScoreError when the train or valid split is empty.
        """
        pieces = list(pieces)
        data = tunes(pieces)
        if not data["train"] or not data["valid"]:
            raise ScoreError(
                "Too few pieces: one in twenty goes to the valid split, which got none; give some fifty or more."
            )
        names = tuple(name for name in styles() if any(tune.style == name for tune in data["train"]))
        data = {split: [tune for tune in found if tune.style in names] for split, found in data.items()}
        torch.manual_seed(config.seed)
        networks = training.networks(names)
        training.train_networks(networks, names, data, config, folder)
        prior = training.train_prior(networks["sixteen"], names, data, config, folder)
        directions = {
            name: training.attribute_directions(network, names, data["train"]) for name, network in networks.items()
        }
        learned = _learned(names, data["train"])
        shares = _shares(names, data["train"])
        modules = {**networks, "prior": prior}
        weights = {
            f"{name}.{key}": value for name, module in modules.items() for key, value in module.state_dict().items()
        }
        weights |= {f"directions.{name}": torch.from_numpy(rows).float() for name, rows in directions.items()}
        runs = [folder / name for name in ("sixteen", "two", "prior")]
        card = ModelCard(
            name="vae",
            title="VAE melodies",
            family="vae",
            parameters=sum(p.numel() for module in modules.values() for p in module.parameters()),
            licence="mit",
            summary="A map of melodies: it composes by place, blends two tunes, and varies one a little or a lot.",
            limits=(
                "It writes one line on a grid of sixteenths and eighth triplets, chord symbols in some styles, and no "
                "words, dynamics or ornaments.",
                f"It knows the metres {', '.join(METERS)}, one key and one metre a piece, and leaves upbeats out.",
                "What it reads it gives back nearly, not exactly: sixteen bars of a busy tune lose notes.",
                "It was trained on European and American music before 1930; it knows no other.",
                "It may come close to a tune it was trained on; no check of originality is built in yet.",
            ),
            supports=Supports(styles=names, meters=union(learned, "meters"), modes=union(learned, "modes")),
            training=training_record(pieces, data, runs),
        )
        write_checkpoint(
            folder / "checkpoint", weights, card,
            {
                "networks": {name: asdict(network.config) for name, network in networks.items()},
                "prior": asdict(prior.config), "known": learned, "shares": shares,
            },
            runs,
        )
        return cls(card, networks, prior, directions, learned, shares)


def _learned(styles_: Sequence[str], train: Iterable[Tune]) -> dict[str, dict]:
    """known, and whether a style's tunes have chord symbols."""
    by_style = {style: [tune for tune in train if tune.style == style] for style in styles_}
    result = known({s: [(str(t.grid.meter), t.grid.key.mode) for t in found] for s, found in by_style.items()})
    for style, found in by_style.items():
        having = sum(bool(tune.grid.chords.any()) for tune in found)
        result[style]["chords"] = having >= _ENOUGH_CHORDS * len(found)
    return result


def _shares(styles_: Sequence[str], train: Iterable[Tune]) -> dict[str, dict[str, float]]:
    """{style: {'4/4 major': its share of the tunes}}."""
    counts = {style: Counter() for style in styles_}
    for tune in train:
        counts[tune.style][f"{tune.grid.meter} {tune.grid.key.mode}"] += 1
    return {style: {what: n / counter.total() for what, n in counter.items()} for style, counter in counts.items()}


def _noise(network: VAENetwork) -> torch.Tensor:
    """The one draw by which melodies are measured, (1, latent): the same for all, so that none depends on another."""
    return torch.randn(1, network.config.latent, generator=torch.Generator().manual_seed(0))


def _network(bars: int) -> str:
    """Which network reads and writes so many bars."""
    return "two" if bars == 2 else "sixteen"


def _of(tensors: dict[str, torch.Tensor], name: str) -> dict[str, torch.Tensor]:
    return {key.removeprefix(f"{name}."): value for key, value in tensors.items() if key.startswith(f"{name}.")}
