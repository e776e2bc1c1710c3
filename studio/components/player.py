"""Player: the result. Sound with its controls, the piano roll with a playhead, the downloads, one line of facts."""

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
    <div class="player-bar">
      <button type="button" class="player-play" aria-label="${play}" disabled></button>
      <input type="range" class="player-seek" min="0" max="1" step="0.01" value="0" aria-label="${seek}" disabled>
      <span class="player-time" aria-hidden="true">0:00 / 0:00</span>
    </div>
    <p class="player-note" role="status"></p>
    <audio preload="auto"></audio>
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
WORDS = ("result", "empty", "empty_hint", "play", "pause", "seek", "roll", "download", "legend_given")


@dataclass(frozen=True)
class Shown:
    """What the player shows.

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
    """value: a Shown, or None before the first tune."""

    def __init__(self, **kwargs):
        super().__init__(
            html_template=_TEMPLATE,
            js_on_load=_SCRIPT,
            apply_default_css=False,
            **{word: text(word) for word in WORDS},
            **kwargs,
        )

    def postprocess(self, value: Shown | None) -> dict | None:
        """The value for the page; Gradio turns each FileData into an address that serves the file."""
        if value is None:
            return None
        return {
            "roll": value.roll,
            "summary": value.summary,
            "parts": value.parts,
            "given": value.given,
            "note": value.note,
            "sounds": [_file(path) for path in value.sounds],
            "files": [{"label": label, "file": _file(path)} for label, path in value.files.items()],
        }


def _file(path: Path) -> dict:
    return FileData(path=str(path), orig_name=path.name).model_dump()
