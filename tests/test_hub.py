"""Checkpoints on the Hub: put there and loaded again, from a stand-in for it; and what is said where that can't be."""

import importlib
import os
import random
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import huggingface_hub
import pytest
from httpx2 import Request, Response
from hub_server import HubServer
from huggingface_hub import constants
from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError

import zoo
from zoo import registry
from zoo.corpus import load
from zoo.hub import fetch, push

PROMPT = zoo.Prompt(notes="C4 E4 G4", bars=4, seed=7)


@pytest.fixture
def hub(monkeypatch, tmp_path):
    """The stand-in, with an empty cache, for one who may write under 'org'."""
    with HubServer(writers={"hf_token": "org"}, store=tmp_path / "xet") as server:
        for name, value in {
            "HF_ENDPOINT": server.url,
            "HF_HOME": str(tmp_path / "home"),
            "HF_TOKEN": "hf_token",
            "HF_HUB_DISABLE_XET": "1",
            "HF_HUB_DISABLE_TELEMETRY": "1",
            "NO_PROXY": "*",
        }.items():
            monkeypatch.setenv(name, value)
        for name in ("HF_HUB_CACHE", "HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"):
            monkeypatch.delenv(name, raising=False)
        importlib.reload(constants)  # it reads the environment once, when imported
        yield server
        monkeypatch.undo()
        importlib.reload(constants)


@pytest.fixture
def checkpoint(tmp_path):
    """Builds a checkpoint's folder: the bundled card, with the files that are given beside it."""

    def build(**files: bytes) -> Path:
        folder = tmp_path / "checkpoint"
        folder.mkdir()
        for name in ("config.json", "README.md"):
            (folder / name).write_bytes((registry.CHECKPOINTS / "lstm" / name).read_bytes())
        for name, content in files.items():
            (folder / name.replace("_", ".")).write_bytes(content)
        return folder

    return build


def test_what_is_pushed_is_loaded_again_and_then_without_a_network(hub):
    composer = zoo.load("lstm")
    assert composer.push_to_hub("org/name") == f"{hub.url}/org/name"
    assert not hub.repositories["org/name"].private
    score = composer.compose(PROMPT)
    assert zoo.load("org/name").compose(PROMPT) == score

    # another process, for huggingface_hub remembers in this one what it has fetched
    script = "from zoo.registry import checkpoint_folder; print(checkpoint_folder('org/name'))"
    offline = {**os.environ, "HF_HUB_OFFLINE": "1", "HF_ENDPOINT": "http://127.0.0.1:9"}
    root = Path(zoo.__file__).parents[1]
    done = subprocess.run([sys.executable, "-c", script], env=offline, cwd=root, capture_output=True, text=True)
    assert zoo.load(done.stdout.strip()).compose(PROMPT) == score, done.stderr


def test_weights_travel_by_xet_too(hub, monkeypatch, checkpoint):
    """As they do wherever its client is installed and HF_HUB_DISABLE_XET is not set."""
    hf_xet = pytest.importorskip("hf_xet")
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", False)
    weights = random.Random(0).randbytes(100_000)
    folder = checkpoint(model_safetensors=weights)
    [known] = hf_xet.hash_files([str(folder / "model.safetensors")])
    hub.xet_hashes[sha256(weights).hexdigest()] = known.hash
    push(folder, "org/name", private=False)
    assert (registry.checkpoint_folder("org/name") / "model.safetensors").read_bytes() == weights
    assert not hub.blobs


def test_a_checkpoint_travels_whole_and_nothing_else_does(hub, checkpoint):
    folder = checkpoint(model_safetensors=b"weights", loss_svg=b"picture", notes_txt=b"mine", last_safetensors=b"run")
    (folder / "log").mkdir()
    (folder / "log" / "events.out.tfevents.1.0").write_bytes(b"curve")
    push(folder, "org/name", private=True)
    there = hub.repositories["org/name"]
    assert there.private
    assert there.files.keys() - {".gitattributes"} == {
        "config.json", "README.md", "model.safetensors", "loss.svg", "log/events.out.tfevents.1.0",
    }
    # what was fetched can be pushed on, to a second repository
    push(registry.checkpoint_folder("org/name"), "org/second", private=False)
    assert hub.repositories["org/second"].files == there.files


def test_pushing_again_leaves_no_old_weights(hub, checkpoint):
    folder = checkpoint(model_safetensors=b"old", loss_svg=b"picture")
    push(folder, "org/name", private=False)
    (folder / "model.safetensors").rename(folder / "model-00001-of-00001.safetensors")
    (folder / "model.safetensors.index.json").write_text("{}")
    (folder / "loss.svg").unlink()
    push(folder, "org/name", private=False)
    assert hub.repositories["org/name"].files.keys() - {".gitattributes"} == {
        "config.json", "README.md", "model-00001-of-00001.safetensors", "model.safetensors.index.json", "loss.svg",
    }
    assert {path.name for path in registry.checkpoint_folder("org/name").iterdir()} >= {
        "model-00001-of-00001.safetensors", "model.safetensors.index.json",
    }


@pytest.mark.parametrize("name", ["name", "a/b/c", "org/", "org/a b", "org/a--b", "../name", ""])
def test_what_is_no_name_is_one_sentence(hub, checkpoint, name):
    with pytest.raises(zoo.ZooError, match="write 'org/name'"):
        push(checkpoint(), name, private=False)


@pytest.mark.parametrize("token", ["", "hf_expired"])
def test_who_has_not_logged_in_is_told_how(hub, monkeypatch, checkpoint, token):
    monkeypatch.setenv("HF_TOKEN", token)
    with pytest.raises(zoo.ZooError, match="log in with `hf auth login`, or set HF_TOKEN"):
        push(checkpoint(), "org/name", private=False)


def test_a_repository_of_others_is_one_sentence(hub, checkpoint):
    with pytest.raises(zoo.ZooError, match="does not let you write to 'others/name'"):
        push(checkpoint(), "others/name", private=False)


def test_a_card_that_the_hub_refuses_is_one_sentence(hub, checkpoint):
    folder = checkpoint()
    (folder / "README.md").write_text("---\nlicense: [1]\n---\n")
    with pytest.raises(zoo.ZooError, match=r"does not take 'org/name': Invalid metadata in README.md.*license"):
        push(folder, "org/name", private=False)


@pytest.mark.parametrize("said, heard", [("No storage left", "No storage left"), (None, "HTTP status 402")])
def test_any_other_refusal_is_one_sentence(monkeypatch, checkpoint, said, heard):
    def refuse(*args, **options):
        raise HfHubHTTPError("", response=Response(402, request=Request("POST", "http://hub")), server_message=said)

    monkeypatch.setattr(huggingface_hub.HfApi, "create_repo", refuse)
    with pytest.raises(zoo.ZooError, match=f"does not take 'org/name': .*{heard}"):
        push(checkpoint(), "org/name", private=False)


def test_a_hub_out_of_reach_is_one_sentence(hub, monkeypatch, checkpoint):
    folder = checkpoint()
    monkeypatch.setattr(constants, "ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(zoo.ZooError, match="can't be reached"):
        push(folder, "org/name", private=False)
    with pytest.raises(zoo.ModelNotFound, match="can't be reached"):
        zoo.load("org/name")
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(zoo.ZooError, match="HF_HUB_OFFLINE is not set"):
        push(folder, "org/name", private=False)


def test_a_private_model_is_there_for_its_owner_only(hub, monkeypatch, checkpoint):
    push(checkpoint(), "org/name", private=True)
    assert zoo.card("org/name") == zoo.card("lstm")
    monkeypatch.setenv("HF_TOKEN", "hf_other")
    monkeypatch.setattr(constants, "HF_HUB_CACHE", os.path.join(os.environ["HF_HOME"], "other"))
    with pytest.raises(zoo.ModelNotFound, match="no model 'org/name' on the Hub"):
        zoo.card("org/name")


def test_only_what_was_loaded_is_pushed():
    composer = zoo.load("lstm")
    composer.folder = None  # as of a composer that was just trained
    with pytest.raises(zoo.ZooError, match=r"push what zoo.load gives"):
        composer.push_to_hub("org/name")


def test_what_the_hub_gives_is_a_folder(monkeypatch, tmp_path):
    asked = {}
    monkeypatch.setattr(
        huggingface_hub, "snapshot_download", lambda name, **options: asked.update(options, name=name) or str(tmp_path)
    )
    assert fetch("org/name", repo_type="dataset") == tmp_path
    assert asked == {"name": "org/name", "repo_type": "dataset"}


@pytest.mark.parametrize("error", [LocalEntryNotFoundError("no network"), HFValidationError("name"), OSError("full")])
def test_what_can_not_be_had_is_one_sentence(monkeypatch, error):
    def fail(name, **options):
        raise error

    monkeypatch.setattr(huggingface_hub, "snapshot_download", fail)
    with pytest.raises(zoo.ModelNotFound, match="no model 'org/name' on the Hub"):
        zoo.load("org/name")
    with pytest.raises(zoo.ScoreError, match="no dataset 'org/name' on the Hub"):
        load(["hf:org/name"])
