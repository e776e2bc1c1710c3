"""Composer Zoo's web app, and the Space's entry: python app.py serves it on http://127.0.0.1:7860."""

import studio.zerogpu  # noqa: F401, I001  (first: see there)

import os
import sys
import threading

import zoo
from studio import service
from studio.app import build, launch_options


def main() -> None:
    """Build the page and serve it until interrupted. GRADIO_SERVER_NAME and GRADIO_SERVER_PORT change the address."""
    for name in zoo.list_models()[:1]:  # the first visitor should not wait for the model to load
        threading.Thread(target=service.composer, args=(name,), daemon=True).start()
    on_a_space = "SPACE_ID" in os.environ
    try:
        build().launch(
            server_name=os.environ.get("GRADIO_SERVER_NAME", "0.0.0.0" if on_a_space else "127.0.0.1"),
            server_port=int(os.environ.get("GRADIO_SERVER_PORT", "7860")),
            **launch_options(),
        )
    except OSError as error:  # most often another program has the port; the text says what to set
        sys.exit(str(error))


if __name__ == "__main__":
    main()
