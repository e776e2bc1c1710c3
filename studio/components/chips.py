"""Chips: a choice of one among a few, as a row of labelled radio buttons, single ones greyed out."""

from pathlib import Path

import gradio as gr

_TEMPLATE = """
<fieldset class="chips">
  <legend>{{legend}}</legend>
  <div class="chips-row">
    {{#each choices}}
    <label class="chip" title="{{this.about}}">
      <input type="radio" name="{{@root.group}}" value="{{this.value}}" {{#if this.disabled}}disabled{{/if}}>
      <span>{{this.label}}</span>
    </label>
    {{/each}}
  </div>
</fieldset>
"""
_SCRIPT = (Path(__file__).parents[2] / "assets" / "js" / "chips.js").read_text(encoding="utf-8")


def choice(value: str, label: str, about: str = "", disabled: bool = False) -> dict:
    """One entry of Chips' choices. about: a tool tip."""
    return {"value": value, "label": label, "about": about, "disabled": disabled}


class Chips(gr.HTML):
    """value: the chosen entry's value. group: the radio buttons' common name, unique on the page."""

    def __init__(self, value: str = "", *, legend: str = "", group: str = "", choices: list[dict] = (), **kwargs):
        # gr.HTML takes an attribute that it lacks, and that the script names in quotes, for an event: so here it is.
        self.choices = list(choices)
        super().__init__(
            value,
            html_template=_TEMPLATE,
            js_on_load=_SCRIPT,
            apply_default_css=False,
            legend=legend,
            group=group,
            choices=self.choices,
            **kwargs,
        )
