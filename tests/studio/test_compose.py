"""The Compose tab's event: what the page is told, step by step."""

import json
import re
from dataclasses import replace

import gradio as gr

import zoo
from studio import compose, strings
from studio.app import build, launch_options
from studio.components.player import WORDS, Player, Shown
from zoo.theory import Meter

SKIPPED = gr.skip()


def steps(**wishes) -> list[compose.Answer]:
    fields = {**compose.DEFAULTS, "model": "walker", "bars": 2, "seed": "7", **wishes}
    return list(compose.respond((), *fields.values()))


def test_roll_and_midi_come_first_then_sound_then_the_rest():
    busy, *answers, last = steps(notes="C4 E4 G4")
    assert not any(a.compose["interactive"] for a in (busy, *answers)) and last.compose["interactive"]
    tunes = [answer.player for answer in answers]
    assert [list(tune.files) for tune in tunes] == [
        ["MIDI"], ["MIDI"], ["MIDI", "MP3", "WAV"], ["MIDI", "MP3", "WAV", "MusicXML"],
    ]
    assert [[path.suffix for path in tune.sounds] for tune in tunes] == [[], [".ogg"], *[[".ogg", ".mp3"]] * 2]
    assert all(a.message == "" and a.seed == "7" for a in answers)
    assert "seed 7" in tunes[-1].summary and tunes[-1].given
    assert not answers[-1].tools["visible"], "there is no model that varies"


def test_bad_input_gives_its_sentence_and_keeps_the_old_tune():
    _, answer = steps(notes="H9")
    assert answer.player == answer.seed == answer.history == SKIPPED
    assert "H9" in answer.message and answer.compose["interactive"]


def test_a_picture_named_mid_gives_one_sentence(tmp_path):
    path = tmp_path / "photo.mid"
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(64))
    _, answer = steps(file=str(path))
    assert answer.player == SKIPPED and answer.message and "\n" not in answer.message


def test_a_file_begins_the_tune(tmp_path):
    source = steps(notes="D4 F4 A4")[-2].player.files["MIDI"]
    player = steps(file=str(source), bars=6, seed="8")[-2].player
    assert player.given and "6 bars" in player.summary


def test_our_own_mistake_is_logged_and_said_in_one_sentence(walker, monkeypatch, caplog):
    monkeypatch.setattr(walker, "compose", lambda prompt: 1 / 0)
    _, answer = steps()
    assert answer.player == SKIPPED and answer.message == strings.text("unexpected") and answer.compose["interactive"]
    assert "ZeroDivisionError" in caplog.text


def test_without_sound_the_tune_is_shown_and_the_reason_said(no_fluidsynth):
    last = steps()[-2].player
    assert not last.sounds and "apt-get install fluidsynth" in last.note
    assert list(last.files) == ["MIDI", "MusicXML"]


def test_the_page_itself_says_what_is_missing_for_sound(no_fluidsynth):
    page = build().get_config_file()
    message, _ = (part for part in page["components"] if part["props"].get("component_class_name") == "Message")
    assert "apt-get install fluidsynth" in message["props"]["value"]


def test_each_request_has_its_own_folder():
    first, second = (steps()[-2].player.sounds[0].parent for _ in range(2))
    assert first != second


def test_the_player_hands_out_files_by_address():
    shown = steps()[-2].player
    (value,) = Player().postprocess(shown)["stops"]
    assert value["sounds"][0]["meta"] == {"_type": "gradio.FileData"}
    assert [entry["label"] for entry in value["files"]] == list(shown.files)
    assert isinstance(shown, Shown)


def test_what_the_model_cannot_honour_is_greyed_out(walker):
    styles = {entry["value"]: entry["disabled"] for entry in compose.styles({"walker": walker.card})}
    assert styles["folk"] is False and styles["jazz"] is True
    style, meter, bars, *_ = compose._honour(walker.card.supports, "jazz", "6/8")
    assert style == "folk" and meter["value"] == "" and bars["maximum"] == 32


def test_a_style_of_another_model_brings_that_model_along(walker, monkeypatch):
    supports = replace(walker.card.supports, styles=("jazz",))
    cards = {"walker": walker.card, "runner": replace(walker.card, title="Runner", supports=supports)}
    monkeypatch.setattr(zoo, "list_models", lambda: list(cards))
    monkeypatch.setattr(zoo, "card", cards.get)
    assert compose._able("jazz", "walker") == "runner"
    assert compose._able("folk", "runner") == "walker"
    assert compose._able("folk", "walker") == "walker"
    assert compose._able("song", "runner") == "runner", "nobody knows it; the sentence says so"
    loaded = []
    monkeypatch.setattr(zoo, "load", lambda name: loaded.append(name) or walker)
    assert steps(style="jazz")[-2].player.files and loaded == ["runner"]


def test_a_style_made_since_the_start_is_in_the_menus_of_the_next_visit(walker, monkeypatch, tmp_path):
    app = build()
    row = {
        "title": "Mine", "title_zh": "Mine", "about": "", "tempos": {"other": 100}, "keys": [], "lead": 0,
        "accompaniment": [0, 32], "corpora": [], "writes": "melody",
    }
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "config.json").write_text(json.dumps({"style_rows": {"mine": row}}))
    monkeypatch.setenv("ZOO_MODELS", str(tmp_path))
    card = replace(walker.card, title="My own", supports=replace(walker.card.supports, styles=("mine",)))
    monkeypatch.setattr(zoo, "list_models", lambda: ["walker", "mine"])
    monkeypatch.setattr(zoo, "card", {"walker": walker.card, "mine": card}.get)
    (on_load,) = (f for f in app.fns.values() if any(event == "load" for _, event in f.targets))
    styles, models = on_load.fn()
    assert {**styles["choices"][-1]} == {"value": "mine", "label": "Mine", "about": "", "disabled": False}
    assert models["choices"] == [("Walker", "walker"), ("My own", "mine")]


def test_the_page_offers_compose_alone_to_programs_and_remembers_nothing():
    app = build()
    assert list(app.get_api_info()["named_endpoints"]) == ["/compose"]
    assert app.delete_cache and not app.analytics_enabled
    running = [fn for fn in app.fns.values() if fn.concurrency_id == "compose"]
    assert {fn.concurrency_limit for fn in running} == {2}
    assert len(running) == 4 + len(compose.EXAMPLES)  # Compose, Vary, Undo, the ideas, the endpoint


def test_where_a_model_blends_programs_may_blend(vae):
    assert list(build().get_api_info()["named_endpoints"]) == ["/compose", "/blend"]


def test_vary_and_undo(vae):
    *_, composed, ready = steps(notes="C4 E4 G4")
    assert composed.tools["visible"] and ready.vary["interactive"] and not ready.undo["interactive"]
    busy, *_, varied, ready = compose.vary(composed.history, 0.5)
    assert not any(b["interactive"] for b in (busy.compose, busy.vary, busy.undo)) and busy.player == SKIPPED
    assert "seed 7" in varied.player.summary and "varied by 0.5" in varied.player.summary
    assert varied.player.roll != composed.player.roll and ready.undo["interactive"]
    *_, again, _ = compose.vary(varied.history, 1)
    assert "varied by 0.5, 1" in again.player.summary
    *_, back, _ = compose.undo(again.history)
    assert (back.player.roll, back.player.summary) == (varied.player.roll, varied.player.summary)
    *_, back, ready = compose.undo(back.history)
    assert back.player.roll == composed.player.roll and not ready.undo["interactive"]


def test_what_cannot_be_varied_stays_and_a_sentence_says_why(vae, walker, monkeypatch):
    *_, composed, _ = steps()
    nine = replace(composed.history[0].written, meters=((0, Meter(9, 8)),))
    _, answer = compose.vary((replace(composed.history[0], written=nine),), 0.5)
    assert answer.player == answer.history == SKIPPED and answer.vary["interactive"] and not answer.message
    assert "9/8" in answer.vary_message and "\n" not in answer.vary_message


def test_no_font_is_asked_from_another_host():
    theme = launch_options()["theme"]
    assert not theme._stylesheets
    assert not re.search(r"url\([\"']?https?://", theme._get_theme_css())


def test_every_word_has_a_place_and_every_place_a_word():
    names = json.loads((strings.LOCALES / "en.json").read_text())
    sources = "".join(path.read_text() for path in strings.LOCALES.parents[1].glob("studio/**/*.py"))
    used = set(re.findall(r"text\(\s*[\"'](\w+)", sources)) | set(compose.EXAMPLES)
    used |= {f"mood_{mood}" for mood in compose.MOODS}
    used |= {name for which in ("first", "second") for name in (f"to_{which}", f"{which}_tune")}
    assert used | set(WORDS) == set(names)
