"""Player: the result. Sound with its controls, the piano roll with a playhead, the downloads, one line of facts.

The result of a blend has several stops; a slider, which is there for them alone, goes from one to the next.
"""

from dataclasses import dataclass, field
from pathlib import Path

import gradio as gr
from gradio.data_classes import FileData

from studio.strings import text

_TEMPLATE = """
<section class="player" aria-label="${result}">
  <div class="player-empty">
    <svg viewBox="0 0 120 60" aria-hidden="true"><use href="#zoo-mark"></use></svg>
    <p>${empty}</p><p class="hint">${empty_hint}</p>
  </div>
  <div class="player-body" hidden>
    <div class="player-stops" hidden>
      <input type="range" class="player-stop" min="1" max="1" step="1" value="1" aria-label="${stop}">
      <ol class="player-marks" aria-hidden="true"></ol>
      <p class="player-ends" aria-hidden="true"><span>${first_end}</span><span>${last_end}</span></p>
    </div>
    <div class="player-bar">
      <button type="button" class="player-play" aria-label="${play}" disabled></button>
      <input type="range" class="player-seek" min="0" max="1" step="0.01" value="0" aria-label="${seek}" disabled>
      <span class="player-time" aria-hidden="true">0:00 / 0:00</span>
    </div>
    <p class="player-note" role="status"></p>
    <div class="player-sounds" hidden></div>
    <div class="player-roll" tabindex="0" role="group" aria-label="${roll}">
      <div class="player-sheet"><div class="player-svg"></div><div class="player-head" hidden></div></div>
    </div>
    <ul class="player-legend"></ul>
    <p class="player-summary" aria-live="polite"></p>
    <p class="player-files"><span>${download}</span></p>
  </div>
</section>
"""
_SCRIPT = (Path(__file__).parents[2] / "assets" / "js" / "player.js").read_text(encoding="utf-8")
WORDS = (
    "result", "empty", "empty_hint", "play", "pause", "seek", "roll", "download", "legend_given", "stop", "stop_text",
    "first_end", "last_end",
)


@dataclass(frozen=True)
class Shown:
    """What the player shows of a tune.

    sounds: the same sound in several formats, of which it plays the first that the browser can; files: what it offers
    to download, by the link's label; note: a remark.
    """

    roll: str
    summary: str
    parts: list[str]
    given: bool
    sounds: tuple[Path, ...] = ()
    files: dict[str, Path] = field(default_factory=dict)
    note: str = ""


class Player(gr.HTML):
    """value: a Shown, a list of them for the stops of a blend, or None before the first tune.

    words: other words than the page's own, by their names in WORDS.
    """

    def __init__(self, words: dict[str, str] | None = None, **kwargs):
        super().__init__(
            html_template=_TEMPLATE,
            js_on_load=_SCRIPT,
            apply_default_css=False,
            **{word: text(word) for word in WORDS} | (words or {}),
            **kwargs,
        )

    def postprocess(self, value: Shown | list[Shown] | None) -> dict | None:
        """The value for the page; Gradio turns each FileData into an address that serves the file."""
        if value is None:
            return None
        return {"stops": [_stop(shown) for shown in (value if isinstance(value, list) else [value])]}


def _stop(shown: Shown) -> dict:
    return {
        "roll": shown.roll,
        "summary": shown.summary,
        "parts": shown.parts,
        "given": shown.given,
        "note": shown.note,
        "sounds": [_file(path) for path in shown.sounds],
        "files": [{"label": label, "file": _file(path)} for label, path in shown.files.items()],
    }


def _file(path: Path) -> dict:
    return FileData(path=str(path), orig_name=path.name).model_dump()
