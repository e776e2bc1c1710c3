"""The whole page: head, tabs, foot; and how it is served."""

from pathlib import Path

import gradio as gr

import zoo
from studio import api, blend, blending, compose
from studio.strings import text
from studio.theme import theme

ASSETS = Path(__file__).parents[1] / "assets"
HOUR = 3600


def build() -> gr.Blocks:
    """The app, not yet launched."""
    with gr.Blocks(title=text("title"), analytics_enabled=False, delete_cache=(HOUR // 4, HOUR)) as app:
        gr.HTML(_header(), elem_id="header", apply_default_css=False)
        if zoo.list_models():
            _tabs(app)
            api.build()
        else:
            gr.HTML(f"<p>{text('no_model')}</p>")
        gr.HTML(f"<p>{text('footer')}</p>", elem_id="footer-note", apply_default_css=False)
    # A page that many people have open: more waiting than this would wait for minutes.
    app.queue(max_size=100)
    return app


def _tabs(app: gr.Blocks) -> None:
    """The tabs; without a model that blends Compose stands alone."""
    if not blending.model():
        compose.build(app)
        return
    with gr.Tabs() as tabs:
        with gr.Tab(text("compose")):
            composed = compose.build(app)
        with gr.Tab(text("blend"), id=blend.TAB):
            blend.build(tabs, composed)


def launch_options() -> dict:
    """What launch() needs beside the address. No server-side rendering: it would need Node."""
    return {
        "theme": theme(),
        "css_paths": ASSETS / "css" / "studio.css",
        "favicon_path": ASSETS / "favicon.png",
        "footer_links": ["api"],
        "run_history": False,
        "max_file_size": "2mb",
        "ssr_mode": False,
    }


def _header() -> str:
    mark = (ASSETS / "mark.svg").read_text(encoding="utf-8")
    return f'<div class="head">{mark}<div><h1>{text("title")}</h1><p>{text("tagline")}</p></div></div>'
