"""A visitor's way through the Blend tab: two tunes, seven stops to hear; and variations of a composed tune."""

import io
import re

import numpy as np
import pytest
import soundfile

import zoo

pytestmark = pytest.mark.e2e
# The player of the Blend tab is the one with several stops.
BLEND = ".player:has(.player-stops:not([hidden]))"
READY = f"document.querySelectorAll('{BLEND} .player-marks .ready').length"
STATE = f"""() => {{
    const player = document.querySelector('{BLEND}');
    const audios = [...player.querySelectorAll("audio")];
    return {{
        roll: player.querySelector(".player-svg").innerHTML, playing: audios.map((audio) => !audio.paused),
        times: audios.map((audio) => audio.currentTime), sources: audios.map((audio) => audio.src),
        midi: player.querySelector(".player-files a").href,
        summary: player.querySelector(".player-summary").textContent,
        seconds: player.querySelector("svg[data-seconds]").dataset.seconds.split(" ").map(Number),
    }};
}}"""


def go_to_blend(page):
    page.get_by_role("tab", name="Blend").click()
    page.get_by_role("button", name="Blend", exact=True).wait_for()


def choose(page, which, source):
    page.get_by_label(f"{which} tune", exact=True).click()
    page.get_by_role("option", name=source).last.click()  # another menu may still be closing


def upload(page, which, path):
    page.locator(f"#{which.lower()}-file input[type=file]").set_input_files(path)
    page.locator(f"#{which.lower()}-file").get_by_text(path.stem).first.wait_for()


def blend_two_files(page, tmp_path):
    """Four bars each, the second twice as fast."""
    for which, line, tempo in (("First", "DEFG|", 60), ("Second", "AFED|", 120)):
        path = tmp_path / f"{which}.abc"
        path.write_text(f"X:1\nM:4/4\nL:1/4\nQ:1/4={tempo}\nK:D\n" + line * 4)
        choose(page, which, "A file of yours")
        upload(page, which, path)
    page.get_by_role("button", name="Blend", exact=True).click()
    page.wait_for_function(f"{READY} == 7", timeout=120_000)


def test_blend_two_tunes_and_hear_seven(open_page, tmp_path):
    page = open_page()
    go_to_blend(page)
    blend_two_files(page, tmp_path)
    slider = page.get_by_role("slider", name="Stop between the two tunes")
    slider.focus()
    states = [page.evaluate(STATE)]
    for _ in range(6):
        slider.press("ArrowRight")
        states.append(page.evaluate(STATE))
    assert len(set(states[0]["sources"])) == 7 and len({state["roll"] for state in states}) >= 3
    for number, state in enumerate(states, 1):
        assert f"Stop {number} of 7" in state["summary"]
        path = tmp_path / f"{number}.mid"
        path.write_bytes(page.request.get(state["midi"]).body())
        score = zoo.read(path)
        samples, rate = soundfile.read(io.BytesIO(page.request.get(state["sources"][number - 1]).body()))
        assert abs(len(samples) / rate - score.seconds) <= 1.6  # the last note may ring for 1.5 s
        assert np.abs(samples).max() > 0.05
        assert len(re.findall(r'class="note[ "]', state["roll"])) == len(score.notes)


def test_another_stop_goes_on_at_the_same_place_and_asks_the_server_nothing(open_page, tmp_path):
    page = open_page()
    go_to_blend(page)
    blend_two_files(page, tmp_path)
    page.locator("button#blend:enabled").wait_for(timeout=120_000)
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.evaluate(f"""async () => {{
        const audio = document.querySelector('{BLEND} audio');
        const sought = new Promise((done) => audio.addEventListener("seeked", done, {{ once: true }}));
        audio.currentTime = 8;  // where the third bar begins
        await sought;
        await audio.play();
    }}""")
    before = page.evaluate(STATE)
    page.get_by_role("slider", name="Stop between the two tunes").press("End")
    page.wait_for_function(f"!document.querySelectorAll('{BLEND} audio')[6].paused")
    after = page.evaluate(STATE)
    assert before["playing"] == [True, *[False] * 6] and after["playing"] == [*[False] * 6, True]
    assert (before["seconds"][2], after["seconds"][2]) == (8, 4)
    assert 4 <= after["times"][6] < 4 + (after["times"][0] - 8) / 2 + 2
    assert before["roll"] != after["roll"]
    assert [url for url in asked if not url.endswith((".ogg", ".mp3"))] == []


def test_what_cannot_be_blended_gives_a_sentence_and_nothing_is_lost(open_page, tmp_path):
    page = open_page()
    go_to_blend(page)
    blend_two_files(page, tmp_path)
    page.locator("button#blend:enabled").wait_for(timeout=120_000)
    before = page.evaluate(STATE)["roll"]
    (tmp_path / "photo.mid").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(200))
    (tmp_path / "waltz.abc").write_text("X:1\nM:3/4\nL:1/4\nK:D\n" + "DEF|" * 4)
    for which, name, words in (
        ("Second", "waltz.abc", "first tune is in 4/4, the second in 3/4"),
        ("First", "photo.mid", "The first tune: This is not a MIDI file"),
    ):
        page.locator(f"#{which.lower()}-file").get_by_role("button", name="Clear").click()
        upload(page, which, tmp_path / name)
        page.locator("button#blend:enabled").click(timeout=60_000)
        page.get_by_role("alert").filter(has_text=words).wait_for(timeout=60_000)
        assert page.evaluate(STATE)["roll"] == before


def test_vary_undo_and_blend_what_was_composed(open_page):
    page = open_page()
    page.get_by_role("spinbutton", name="Length in bars").fill("4")
    page.get_by_label("How it begins").fill("X:1\nM:4/4\nL:1/4\nK:C\nCDEF|")  # in a metre that the VAE knows
    page.get_by_role("button", name="Compose", exact=True).click()
    page.get_by_role("button", name="Vary", exact=True).wait_for(timeout=60_000)
    summary, roll = page.locator(".player-summary").first, page.locator(".player-svg").first
    composed, drawn = summary.inner_text(), roll.inner_html()
    page.locator("button#vary:enabled").click(timeout=60_000)
    summary.filter(has_text="varied by 0.3").wait_for(timeout=60_000)
    page.locator("button#undo:enabled").click(timeout=60_000)
    summary.filter(has_not_text="varied").wait_for(timeout=60_000)
    assert (summary.inner_text(), roll.inner_html()) == (composed, drawn)
    page.get_by_role("button", name="as the first").click()
    page.get_by_role("button", name="Blend", exact=True).wait_for(timeout=10_000)
    chosen = page.get_by_label("First tune", exact=True).input_value()
    assert chosen.startswith("Your tune: ") and composed.split(" · ")[0] in chosen


def test_a_phone_has_no_sideways_scrolling_and_every_field_a_name(open_page, tmp_path):
    page = open_page(width=360, height=740)
    go_to_blend(page)
    blend_two_files(page, tmp_path)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert page.get_by_role("slider", name="Stop between the two tunes").is_visible()
    nameless = page.evaluate("""() => [...document.querySelectorAll("button, input, textarea, [role=slider]")]
        .filter((e) => e.offsetParent && !e.labels?.length && !e.getAttribute("aria-label") && !e.title
                       && !e.getAttribute("aria-labelledby") && !e.textContent.trim())
        .map((e) => e.outerHTML.slice(0, 120))""")
    assert nameless == []
