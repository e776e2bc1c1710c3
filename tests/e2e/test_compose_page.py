"""A visitor's way through the page: compose, hear, see, download; and what bad input does."""

import io

import numpy as np
import pytest
import soundfile

import zoo

pytestmark = pytest.mark.e2e
PLAYING = "document.querySelector('.player audio')?.currentTime > 0.4"


def compose(page, notes="C4 E4 G4"):
    page.get_by_label("How it begins").fill(notes)
    page.get_by_role("button", name="Compose", exact=True).click()


def download(page, label, folder):
    with page.expect_download() as waiting:
        page.get_by_role("link", name=label, exact=True).click()
    path = folder / waiting.value.suggested_filename
    waiting.value.save_as(path)
    return path


def test_compose_hear_see_and_download(open_page, tmp_path):
    page = open_page()
    compose(page)
    page.wait_for_function(PLAYING, timeout=60_000)  # it plays by itself, and its clock runs
    first = page.evaluate("document.querySelector('.player audio').currentTime")
    page.wait_for_timeout(600)
    assert page.evaluate("document.querySelector('.player audio').currentTime") > first + 0.3

    score = zoo.read(download(page, "MIDI", tmp_path))
    assert [note.pitch for note in score.parts[0].notes[:3]] == [60, 64, 67]
    assert score.bars == 16

    source = page.evaluate("document.querySelector('.player audio').src")
    samples, rate = soundfile.read(io.BytesIO(page.request.get(source).body()))
    bar = score.seconds_at(score.meter.bar_ticks)
    assert abs(len(samples) / rate - score.seconds) <= max(bar, 1.6)  # the last note may ring for 1.5 s
    assert np.abs(samples).max() > 0.05

    assert page.locator(".player-svg svg rect.note").count() == len(score.notes)
    assert page.locator(".player-svg svg rect.note.given").count() == 3
    summary = page.locator(".player-summary").inner_text()
    assert "16 bars" in summary and "seed" in summary

    for label, head in (("MP3", (b"ID3", b"\xff")), ("WAV", (b"RIFF",)), ("MusicXML", (b"<?xml",))):
        assert download(page, label, tmp_path).read_bytes().startswith(head)


def test_enter_composes(open_page):
    page = open_page()
    page.get_by_label("How it begins").fill("C4 E4 G4")
    page.get_by_label("How it begins").press("Enter")
    page.wait_for_function(PLAYING, timeout=60_000)


def test_the_playhead_stands_where_the_sound_is(open_page):
    page = open_page()
    compose(page)
    page.wait_for_function(PLAYING, timeout=60_000)
    page.locator(".player-play").click()
    # Half a bar into the third bar: the playhead is half way between that bar's lines.
    off = page.evaluate("""async () => {
        const audio = document.querySelector(".player audio"), svg = document.querySelector(".player-svg svg");
        const [times, places] = ["seconds", "x"].map((name) => svg.dataset[name].split(" ").map(Number));
        const sought = new Promise((done) => audio.addEventListener("seeked", done, { once: true }));
        audio.currentTime = (times[2] + times[3]) / 2;
        await sought;
        await new Promise(requestAnimationFrame);
        const zoom = svg.getBoundingClientRect().width / svg.viewBox.baseVal.width;
        const head = document.querySelector(".player-head").getBoundingClientRect().left;
        return head - svg.getBoundingClientRect().left - (places[2] + places[3]) / 2 * zoom;
    }""")
    assert abs(off) < 2


def test_a_kept_seed_gives_the_same_tune(open_page, tmp_path):
    page = open_page()
    compose(page)
    page.get_by_role("link", name="MusicXML").wait_for(timeout=60_000)
    first = download(page, "MIDI", tmp_path)
    page.get_by_role("button", name="More choices").click()
    page.get_by_role("button", name="Keep this tune's seed").click()
    page.wait_for_function("document.querySelector('#seed input, #seed textarea').value !== ''")
    page.evaluate("document.querySelector('.player-files').replaceChildren(document.createElement('span'))")
    compose(page)
    page.get_by_role("link", name="MusicXML").wait_for(timeout=60_000)
    again = tmp_path / "again"
    again.mkdir()
    assert download(page, "MIDI", again).read_bytes() == first.read_bytes()


def test_bad_notes_give_a_sentence_and_nothing_is_lost(open_page):
    page = open_page()
    compose(page)
    page.get_by_role("link", name="MusicXML").wait_for(timeout=60_000)
    tune = page.locator(".player-summary").inner_text()
    compose(page, "C4 H9")
    page.get_by_role("alert").filter(has_text="H9").wait_for(timeout=5_000)
    assert page.get_by_label("How it begins").input_value() == "C4 H9"
    assert page.locator(".player-summary").inner_text() == tune
    compose(page, "${alert(1)} `x` <img src=x onerror=alert(1)>")  # is text, and stays text
    page.get_by_role("alert").filter(has_text="$").wait_for(timeout=5_000)
    assert page.locator(".message img").count() == 0


def test_a_picture_named_mid_gives_one_sentence(open_page, tmp_path):
    path = tmp_path / "photo.mid"
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(200))
    page = open_page()
    page.get_by_role("button", name="Or begin from a file instead").click()
    page.locator("#file input[type=file]").set_input_files(path)
    page.get_by_text("photo", exact=False).first.wait_for()
    page.get_by_role("button", name="Compose", exact=True).click()
    message = page.locator(".message:not(:empty)")
    message.wait_for(timeout=5_000)
    assert "\n" not in message.inner_text() and len(message.inner_text()) < 200


def test_an_idea_fills_in_the_fields_and_composes(open_page):
    page = open_page()
    page.get_by_role("button", name="Irish jig").click()
    page.wait_for_function(PLAYING, timeout=60_000)
    assert page.get_by_label("How it begins").input_value().startswith("D4:0.5")
    assert page.locator(".player-summary").inner_text().startswith("D major · 6/8")


def test_a_phone_has_no_sideways_scrolling(open_page):
    page = open_page(width=360, height=740)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.get_by_role("button", name="More choices").click()
    page.get_by_role("button", name="Or begin from a file instead").click()
    compose(page)
    page.wait_for_function(PLAYING, timeout=60_000)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert page.locator(".player-play").is_visible()


def test_every_field_has_a_name_for_screen_readers(open_page):
    page = open_page()
    page.get_by_role("button", name="More choices").click()
    page.get_by_label("Tempo").wait_for()
    nameless = page.evaluate("""() => [...document.querySelectorAll("button, input, textarea, [role=slider]")]
        .filter((e) => e.offsetParent && !e.labels?.length && !e.getAttribute("aria-label") && !e.title
                       && !e.getAttribute("aria-labelledby") && !e.textContent.trim())
        .map((e) => e.outerHTML.slice(0, 120))""")
    assert nameless == []


def test_the_page_for_programs_asks_no_other_host_either(open_page):
    page = open_page()
    page.get_by_role("button", name="Use via API").click()
    page.get_by_text("/compose").first.wait_for(timeout=30_000)
