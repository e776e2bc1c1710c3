"""Names on the Hub, where the Hub has no such thing or there is no network."""

import huggingface_hub
import pytest
from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError

import zoo
from zoo.corpus import load
from zoo.hub import fetch


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
