"""The page's colours and type, for Gradio's own parts; assets/css/studio.css dresses the rest with the same ones."""

import gradio as gr

TEAL = gr.themes.Color(
    c50="#eef6f4", c100="#d9ece9", c200="#b3d9d3", c300="#85c4bb", c400="#5cc8bd", c500="#14857e", c600="#0b6e69",
    c700="#095a56", c800="#0a4845", c900="#0b3a38", c950="#06211f",
)
SAND = gr.themes.Color(
    c50="#faf8f4", c100="#f4f0e8", c200="#e6dfd2", c300="#d3cabb", c400="#9aa3a3", c500="#66737a", c600="#4c5a61",
    c700="#33424a", c800="#222c31", c900="#1a2226", c950="#12181b",
)


def theme() -> gr.themes.Base:
    """The theme: system fonts only, so that the page asks no other host for one."""
    return gr.themes.Base(
        primary_hue=TEAL,
        secondary_hue=TEAL,
        neutral_hue=SAND,
        radius_size="lg",
        font=("system-ui", "-apple-system", "Segoe UI", "Roboto", "Noto Sans", "sans-serif"),
        font_mono=("ui-monospace", "Menlo", "Consolas", "monospace"),
    ).set(
        body_background_fill="#f7f4ee",
        body_background_fill_dark="#12181b",
        body_text_color="#1f2a30",
        body_text_color_dark="#e8ecea",
        body_text_color_subdued="#566369",
        body_text_color_subdued_dark="#a9b6b8",
        block_background_fill="transparent",
        block_background_fill_dark="transparent",
        block_border_width="0px",
        block_shadow="none",
        block_padding="0px",
        block_label_background_fill="transparent",
        block_label_background_fill_dark="transparent",
        block_label_border_width="0px",
        block_title_text_color="#1f2a30",
        block_title_text_color_dark="#e8ecea",
        block_title_text_weight="600",
        block_info_text_color="#566369",
        block_info_text_color_dark="#a9b6b8",
        input_border_width="1px",
        input_background_fill="#ffffff",
        input_background_fill_dark="#12181b",
        input_border_color="#8b9498",
        input_border_color_dark="#6b787d",
        input_border_color_focus="#0b6e69",
        input_border_color_focus_dark="#5cc8bd",
        input_placeholder_color="#6b777c",
        input_placeholder_color_dark="#8d9a9d",
        button_primary_background_fill="#0b6e69",
        button_primary_background_fill_hover="#095a56",
        button_primary_background_fill_dark="#5cc8bd",
        button_primary_background_fill_hover_dark="#7ad6cc",
        button_primary_text_color="#ffffff",
        button_primary_text_color_dark="#06211f",
        slider_color="#0b6e69",
        slider_color_dark="#5cc8bd",
        layout_gap="16px",
    )
