"""The Blend tab's event: what the page is told, step by step."""

import pytest

from studio import blend, blending, service, strings
from studio.app import build
from studio.components.player import Player


def steps(first=("folk-1", None, None), second=("folk-1", None, None), style="folk") -> list[tuple]:
    return list(blend.respond(*first, *second, style))


@pytest.fixture
def abc(tmp_path):
    """abc(name, metre) writes a short tune."""

    def write(name: str, meter: str) -> str:
        path = tmp_path / name
        path.write_text(f"X:1\nM:{meter}\nL:1/8\nK:D\n" + "D2E2F2|" * 8)
        return str(path)

    return write


def test_all_rolls_come_first_then_sound_by_sound_then_the_rest(vae, abc):
    file = abc("a.abc", "3/4")
    busy, *answers, last = steps(("file", file, None), ("file", file, None))
    assert not any(button["interactive"] for button, *_ in (busy, *answers)) and last[0]["interactive"]
    assert not any(message for _, message, _ in answers)
    shown = [stops for *_, stops in answers]
    assert [len(stops) for stops in shown] == [7] * 15
    assert [sum(bool(stop.sounds) for stop in stops) for stops in shown[:8]] == list(range(8))
    assert all(list(stop.files) == ["MIDI", "MP3"] and not stop.note for stop in shown[-1])
    assert all(stop.roll and f"Stop {n} of 7" in stop.summary for n, stop in enumerate(shown[0], 1))
    assert len({stop.files["MIDI"] for stop in shown[-1]}) == 7
    assert len(Player().postprocess(shown[-1])["stops"]) == 7


def test_the_tune_that_was_composed_here(vae):
    piece = service.compose("walker", notes="C4 E4 G4", bars=4, seed=7)
    source, kept, tabs = blend._take((piece,))
    assert source["value"] == blend.COMPOSED and kept is piece and tabs["selected"] == blend.TAB
    assert source["choices"][0] == ("Your tune: C major · 4/4 · 4 bars", blend.COMPOSED)
    *_, (_, message, stops), _ = steps((blend.COMPOSED, None, piece), (blend.COMPOSED, None, piece))
    assert not message and "4 bars" in stops[0].summary


def test_two_metres_give_one_sentence_and_nothing_is_lost(vae, abc):
    _, (button, message, player) = steps(("file", abc("a.abc", "3/4"), None), ("file", abc("b.abc", "6/8"), None))
    assert "3/4" in message and "6/8" in message and button["interactive"]
    assert player == {"__type__": "update"}


def test_a_file_that_is_not_chosen_yet(vae):
    _, (_, message, _) = steps((blend.FILE, None, None))
    assert message == strings.text("blend_no_file")


def test_our_own_mistake_is_logged_and_said_in_one_sentence(vae, monkeypatch, caplog):
    monkeypatch.setattr(blending, "blend", lambda *_: 1 / 0)
    _, (_, message, _) = steps()
    assert message == strings.text("unexpected") and "ZeroDivisionError" in caplog.text


def test_without_sound_the_blend_is_shown_and_the_reason_said(vae, abc, no_fluidsynth):
    file = abc("a.abc", "3/4")
    *_, (_, message, stops), _ = steps(("file", file, None), ("file", file, None))
    assert not message and all("apt-get install fluidsynth" in stop.note and stop.roll for stop in stops)


def test_the_tab_is_there_where_a_model_blends(vae):
    assert "Blend" in _tabs()


def test_without_such_a_model_there_is_no_tab_and_compose_stands_alone():
    assert _tabs() == []


def test_it_begins_with_two_tunes_in_one_metre():
    first, second = (blending.examples()[name] for name in blend._two_in_one_meter())
    assert first.meter == second.meter and first != second


def _tabs() -> list[str]:
    page = build().get_config_file()
    return [part["props"]["label"] for part in page["components"] if part["type"] == "tabitem"]
