"""Makes assets/screenshot.png from the real app: 'make screenshot'."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).parents[1]
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]


def main() -> None:
    """Serve the app on a free port, compose the first idea with a fixed seed, and photograph the page."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {**os.environ, "GRADIO_SERVER_PORT": str(port)}
    app = subprocess.Popen([sys.executable, "app.py"], cwd=ROOT, env=environment)
    try:
        _photograph(f"http://127.0.0.1:{port}/")
    finally:
        app.terminate()
        app.wait()


def _photograph(address: str) -> None:
    for _ in range(300):
        try:
            urllib.request.urlopen(address, timeout=5)
            break
        except OSError:
            time.sleep(0.2)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        page = browser.new_page(viewport={"width": 1280, "height": 880}, color_scheme="light")
        page.goto(address)
        page.get_by_role("button", name="More choices").click()
        page.locator("#seed").get_by_role("textbox").fill("7")
        page.get_by_role("button", name="More choices").click()
        page.get_by_label("How it begins").fill("C4 E4 G4")
        page.get_by_role("button", name="Compose", exact=True).click()
        page.wait_for_function("document.querySelector('.player audio')?.currentTime > 5", timeout=60_000)
        page.evaluate("scrollTo(0, 0)")
        page.mouse.move(0, 0)
        page.screenshot(path=ROOT / "assets" / "screenshot.png")
        browser.close()


if __name__ == "__main__":
    main()
