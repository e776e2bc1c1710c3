"""A model that needs no weights, in the place of the bundled ones: the app is tested here, not the music."""

import random

import pytest
from tiny_vae import save_tiny_vae

import zoo
from studio import service
from zoo.composer import Composer, ModelCard, Supports
from zoo.score import Note, melody_score
from zoo.theory import Key, Meter


class Walker(Composer):
    """A random walk from the prompt's last note."""

    card = ModelCard(
        name="walker", title="Walker", family="walker", parameters=0, licence="MIT",
        supports=Supports(styles=("folk", "chorale"), meters=("4/4", "3/4"), max_bars=32),
    )

    @classmethod
    def from_checkpoint(cls, folder):
        raise AssertionError("it has none")

    def log_likelihood(self, score, style):
        raise AssertionError("the app does not ask")

    def compose(self, prompt):
        dice = random.Random(prompt.seed)
        meter = Meter.parse(prompt.meter or "4/4")
        notes = list(prompt.score.notes)
        tick, pitch = prompt.score.end, notes[-1].pitch if notes else 67
        while tick < prompt.bars * meter.bar_ticks:
            pitch = max(55, min(84, pitch + dice.choice((-3, -2, -1, 1, 2, 3))))
            notes.append(Note(tick, 24, pitch))
            tick += 24
        return melody_score(
            notes, meters=((0, meter),), keys=((0, Key.parse(prompt.key or "C major")),),
            tempos=((0, prompt.tempo or 120.0),),
        )


@pytest.fixture(autouse=True)
def walker(monkeypatch):
    """The app sees one model, 'walker'."""
    model = Walker()
    monkeypatch.setattr(zoo, "list_models", lambda: ["walker"], raising=False)
    monkeypatch.setattr(zoo, "card", lambda name: model.card, raising=False)
    monkeypatch.setattr(zoo, "load", lambda name: model, raising=False)
    service._load.cache_clear()
    yield model
    service._load.cache_clear()


@pytest.fixture(scope="session")
def tiny_vae(tmp_path_factory):
    """A VAE without training, loaded."""
    return zoo.load(str(save_tiny_vae(tmp_path_factory.mktemp("models") / "vae")))


@pytest.fixture
def vae(walker, tiny_vae, monkeypatch):
    """The app sees two models, 'walker' and 'vae', which blends and varies."""
    models = {"walker": walker, "vae": tiny_vae}
    monkeypatch.setattr(zoo, "list_models", lambda: list(models), raising=False)
    monkeypatch.setattr(zoo, "card", lambda name: models[name].card, raising=False)
    monkeypatch.setattr(zoo, "load", models.get, raising=False)
    return tiny_vae


@pytest.fixture
def no_fluidsynth(monkeypatch, tmp_path):
    """A machine without the program that makes sound."""
    monkeypatch.setenv("PATH", str(tmp_path))
