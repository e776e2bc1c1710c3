"""A style that was fine-tuned while the app was running is on the page at its next reload, and composes."""

import shutil
from dataclasses import replace

import pytest
from tiny_gpt2 import save_tiny, write_tunes

import zoo
from zoo import finetuning, installed
from zoo.corpus import load

pytestmark = pytest.mark.e2e


@pytest.fixture
def finetune(tmp_path, own_models, monkeypatch):
    """finetune() puts a style 'mine' among the app's own models, for as long as the test runs."""
    monkeypatch.setattr(installed, "_elsewhere", {})

    def make():
        pieces, _ = load([write_tunes(tmp_path / "tunes", 6)])
        tiny = zoo.load(str(save_tiny(tmp_path / "tiny")))
        finetuning.finetune(tiny, pieces, "mine", own_models / "mine", replace(finetuning.CONFIG, steps=1, window=128))

    yield make
    shutil.rmtree(own_models / "mine", ignore_errors=True)


def test_a_fine_tuned_style_is_there_after_a_reload(open_page, finetune):
    page = open_page()
    style = page.get_by_role("radio", name="Mine")
    assert style.count() == 0
    finetune()
    page.reload()
    style.wait_for(state="attached", timeout=30_000)
    style.check(force=True)
    page.get_by_role("button", name="Compose", exact=True).click()
    page.locator(".player-summary").filter(has_text="Mine (fine-tuned)").wait_for(timeout=60_000)
