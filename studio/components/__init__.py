"""The page's own components: gr.HTML subclasses with constant templates.

Their templates never contain a visitor's text: Gradio evaluates a template's result as JavaScript, so such text goes
in through the DOM (textContent), in the component's script.
"""
