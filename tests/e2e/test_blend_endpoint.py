"""The named endpoint /blend, called as a program calls it."""

import httpx
import pytest
import soundfile

import zoo

gradio_client = pytest.importorskip("gradio_client")
pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def client(address, tmp_path_factory):
    return gradio_client.Client(address, verbose=False, download_files=str(tmp_path_factory.mktemp("downloads")))


@pytest.fixture
def tune(tmp_path):
    """tune(name, notes, metre) is a file as the client hands it over."""

    def write(name, notes, meter="4/4"):
        (tmp_path / name).write_text(f"X:1\nM:{meter}\nL:1/4\nK:D\n" + f"{notes}|" * 4)
        return gradio_client.handle_file(tmp_path / name)

    return write


def test_seven_tunes(client, tune):
    midis, sounds, facts = client.predict(
        first=tune("a.abc", "DEFG"), second=tune("b.abc", "AGFE"), style="song", api_name="/blend",
    )
    scores = [zoo.read(midi) for midi in midis]
    assert [len(scores), len(sounds), len(facts["stops"])] == [7] * 3
    assert [note.pitch for note in scores[0].parts[0].notes[:4]] == [62, 64, 66, 67]
    assert [note.pitch for note in scores[6].parts[0].notes[:4]] == [69, 67, 66, 64]
    for sound, stop in zip(sounds, facts["stops"]):
        assert abs(soundfile.info(sound).duration - stop["length"]) < 2


def test_what_cannot_be_blended_gets_its_sentence(client, tune):
    with pytest.raises(gradio_client.exceptions.AppError, match="3/4"):
        client.predict(first=tune("a.abc", "DEFG"), second=tune("b.abc", "DEF", "3/4"), api_name="/blend")


def test_no_file_of_the_machine_itself_is_read(address, tmp_path):
    secret = tmp_path / "secret.abc"
    secret.write_text("X:1\nM:4/4\nL:1/4\nK:D\nDEFG|\n")
    # Without the client, which would upload the file. One that is marked as uploaded Gradio itself refuses.
    file = {"path": str(secret)}
    call = f"{address}gradio_api/call/blend"
    event = httpx.post(call, json={"data": [file, file, "folk"]}).json()["event_id"]
    answer = httpx.get(f"{call}/{event}", timeout=60).text
    assert "event: error" in answer and "event: complete" not in answer
