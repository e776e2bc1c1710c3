"""The named endpoint /compose, called as a program calls it."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import soundfile

import zoo

gradio_client = pytest.importorskip("gradio_client")
pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def client(address, tmp_path_factory):
    return gradio_client.Client(address, verbose=False, download_files=str(tmp_path_factory.mktemp("downloads")))


def test_all_arguments(client):
    midi, sound, facts = client.predict(
        model="lstm", style="folk", notes="C4 E4 G4", temperature=0.8, bars=8, seed=7, key="C major", meter="4/4",
        tempo=150, api_name="/compose",
    )
    score = zoo.read(midi)
    assert [note.pitch for note in score.parts[0].notes[:3]] == [60, 64, 67]
    assert facts["seed"] == 7 and facts["bars"] == score.bars == 8 and facts["tempo"] == 150
    assert abs(soundfile.info(sound).duration - facts["length"]) < 2


def test_the_model_alone(client):
    _, _, facts = client.predict(model="lstm", api_name="/compose")
    assert facts["style"] == "folk" and 0 <= facts["seed"] < 2**32


@pytest.mark.parametrize(("wish", "word"), [
    ({"notes": "H9"}, "H9"), ({"temperature": -1}, "temperature"), ({"model": "../.."}, "no model"),
    ({"notes": "C4 " * 10_000}, "at most"),
])
def test_a_bad_wish_gives_its_sentence(client, wish, word):
    with pytest.raises(gradio_client.exceptions.AppError, match=word):
        client.predict(**{"model": "lstm", **wish}, api_name="/compose")


def test_requests_at_the_same_time_get_their_own_tunes(client):
    def ask(seed):
        midi, _, facts = client.predict(model="lstm", notes="C4", bars=4, seed=seed, api_name="/compose")
        return facts["seed"], Path(midi).read_bytes()

    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(ask, range(4)))
    alone = [ask(seed) for seed in range(4)]
    assert together == alone
    assert len({tune for _, tune in together}) == 4
