"""The real app in its own process, and a real browser to drive it."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
from tiny_vae import save_tiny_vae

ROOT = Path(__file__).parents[2]
START_SECONDS = 120
# An empty profile, and nothing that asks the network on the browser's own account.
FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-component-update",
    "--disable-background-networking", "--disable-sync", "--mute-audio",
]


@pytest.fixture(scope="session")
def own_models(tmp_path_factory):
    """The app's folder for models of one's own: a VAE, and what a test puts there and takes away.

    The VAE is a tiny one; where one is bundled, that one is used and not this.
    """
    folder = tmp_path_factory.mktemp("models")
    save_tiny_vae(folder / "vae")
    return folder


@pytest.fixture(scope="session")
def address(tmp_path_factory, own_models):
    """Where the app is served, for the whole session of tests."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = tmp_path_factory.mktemp("app") / "log.txt"
    environment = {
        **os.environ, "GRADIO_SERVER_PORT": str(port), "GRADIO_TEMP_DIR": str(log.parent / "cache"),
        "ZOO_MODELS": str(own_models),
    }
    with log.open("w") as output:
        app = subprocess.Popen([sys.executable, "app.py"], cwd=ROOT, env=environment, stdout=output, stderr=output)
    url = f"http://127.0.0.1:{port}/"
    try:
        _wait(url, app, log)
        yield url
    finally:
        app.terminate()
        app.wait(20)
    assert "Traceback" not in log.read_text(), log.read_text()


def _wait(url: str, app: subprocess.Popen, log: Path) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        assert app.poll() is None, log.read_text()
        try:
            urllib.request.urlopen(url, timeout=5)
            return
        except OSError:
            time.sleep(0.3)
    raise AssertionError(f"The app did not answer within {START_SECONDS} s: {log.read_text()}")


@pytest.fixture(scope="session")
def browser():
    """Chromium; the tests that need it skip where it is missing ('make test' installs it)."""
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if program is None:
        pytest.skip("Chromium is not installed here; 'make test' installs it where it may.")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def open_page(browser, address):
    """open_page(width=..., height=...) gives a fresh page of the app.

    In the end it must have asked no other host for anything, and have written no error to the console.
    """
    contexts, faults = [], []

    def ask(request):
        if not request.url.startswith((address, "data:", "blob:")):
            faults.append(f"foreign request: {request.url}")

    def answer(response):
        # Gradio's page for programs asks whether there is an MCP server; there is none yet.
        if response.status >= 400 and "/mcp" not in response.url:
            faults.append(f"{response.status}: {response.url}")

    def complain(line):
        if line.type == "error" and not line.text.startswith("Failed to load resource"):  # answer() knows which
            faults.append(f"console: {line.text}")

    def open_one(width=1280, height=900):
        context = browser.new_context(viewport={"width": width, "height": height}, accept_downloads=True)
        contexts.append(context)
        page = context.new_page()
        page.on("request", ask)
        page.on("pageerror", lambda error: faults.append(f"page error: {error}"))
        page.on("response", answer)
        page.on("console", complain)
        page.goto(address)
        page.get_by_role("button", name="Compose", exact=True).wait_for(timeout=30_000)
        return page

    yield open_one
    for context in contexts:
        context.close()
    assert not faults
