"""A VAE so small that it is built in no time: untrained, but it writes notes at every place."""

from dataclasses import asdict
from pathlib import Path

import torch
from safetensors.torch import save_file

from zoo.cards import write_card
from zoo.codecs.melody_grid import METERS
from zoo.composer import ModelCard, Supports
from zoo.models._vae_attributes import ATTRIBUTES
from zoo.models._vae_network import VAEConfig, VAENetwork
from zoo.models._vae_prior import Prior, PriorConfig
from zoo.theory import MODES

STYLES = ("folk", "song")
WIDTHS = {"latent": 16, "embedding": 16, "encoder": 16, "rows": 16, "conductor": 16, "decoder": 32}


def save_tiny_vae(folder: Path) -> Path:
    """An untrained checkpoint of the family vae in a new folder, which is returned; its styles are folk and song."""
    folder.mkdir(parents=True)
    torch.manual_seed(0)
    counts = {"styles": len(STYLES), "modes": len(MODES)}
    networks = {
        "two": VAENetwork(VAEConfig(segments=1, segment_bars=2, **counts, **WIDTHS)),
        "sixteen": VAENetwork(VAEConfig(segments=16, segment_bars=1, **counts, **WIDTHS)),
    }
    for network in networks.values():
        for weights in (network.head.weight, network.token.weight, network.mean.weight, network.told.weight):
            weights.data *= 8  # so that another place is another tune, and no note is always the likeliest
    prior = Prior(PriorConfig(WIDTHS["latent"], **counts, lengths=16, hidden=16, layers=1))
    weights = {
        f"{name}.{key}": value
        for name, module in {**networks, "prior": prior}.items() for key, value in module.state_dict().items()
    }
    weights |= {f"directions.{name}": torch.randn(len(ATTRIBUTES), WIDTHS["latent"]) for name in networks}
    save_file({name: value.half().contiguous() for name, value in weights.items()}, folder / "model.safetensors")
    modes = ["major", "minor", "mixolydian", "dorian"]
    known = {style: {"meters": list(METERS), "modes": modes, "chords": False} for style in STYLES}
    card = ModelCard(
        "vae", "Tiny VAE", "vae", 0, "mit", Supports(STYLES, METERS, tuple(modes)), limits=("It is tiny.",)
    )
    write_card(folder, card, {
        "networks": {name: asdict(network.config) for name, network in networks.items()},
        "prior": asdict(prior.config), "known": known,
        "shares": {style: {"4/4 major": 0.5, "6/8 major": 0.5} for style in STYLES},
    })
    return folder
