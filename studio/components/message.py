"""Message: one sentence about what to change, read out by screen readers; empty and unseen most of the time."""

import gradio as gr


class Message(gr.HTML):
    """value: the sentence, or an empty text."""

    def __init__(self, value: str = "", **kwargs):
        super().__init__(
            value,
            html_template='<p class="message" role="alert"></p>',
            js_on_load="""
                const show = () => { element.querySelector("p").textContent = props.value || ""; };
                watch("value", show);
                show();
            """,
            apply_default_css=False,
            **kwargs,
        )
