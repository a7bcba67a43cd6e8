"""A served page and a Chromium to look at it, for the tests of the browser view."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
OF_THE_SYSTEM = map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))
OF_PLAYWRIGHT = (Path.home() / ".cache" / "ms-playwright").glob("chromium-*/chrome-linux*/chrome")
CHROMIUM = next(filter(None, (*OF_THE_SYSTEM, *OF_PLAYWRIGHT)), None)
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-timer-throttling",
         "--disable-renderer-backgrounding", "--disable-background-networking"]  # fmt: skip
READY = "main.ms-map-view[data-ready=true]"


@contextmanager
def served(*options: str) -> Iterator[str]:
    """The address of a fresh ``minusim app``."""
    command = [sys.executable, "-m", "sim", "app", "--port", "0", *options]
    # nothing may leave the machine: a proxy that is not there breaks every request that would
    nowhere = dict.fromkeys(("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"), "http://127.0.0.1:9")
    environment = {**os.environ, **nowhere, "no_proxy": "127.0.0.1,localhost", "PYTHONPATH": str(ROOT)}
    server = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    try:
        line = server.stdout.readline()
        found = re.match(r"(https?://\S+)", line)
        assert found, f"no address in {line!r}"
        yield found[1]
    finally:
        server.terminate()
        server.wait(timeout=20)
        server.stdout.close()


@contextmanager
def browser() -> Iterator[Any]:
    """A headless Chromium of the system."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        chromium.close()


class Watched:
    """A page whose requests, console and errors are written down."""

    def __init__(self, chromium: Any, address: str, width: int = 1280, height: int = 800) -> None:
        self.context = chromium.new_context(viewport={"width": width, "height": height}, locale="en-GB")
        self.page = self.context.new_page()
        self.requests: list[str] = []
        self.troubles: list[str] = []
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("websocket", lambda socket: self.requests.append(socket.url))
        self.page.on("console", lambda line: self.troubles.append(line.text) if line.type == "error" else None)
        self.page.on("pageerror", lambda problem: self.troubles.append(str(problem)))
        self.page.goto(address, wait_until="commit")
        self.page.wait_for_selector(READY, timeout=120_000)

    def close(self) -> None:
        """End the session."""
        self.context.close()

    def text(self, name: str) -> str:
        """The text of what is marked for tests by this name."""
        return str(self.page.inner_text(f"[data-test={name}]"))

    def wait(self, script: str, seconds: float = 120) -> None:
        """Wait until an expression is true in the page."""
        self.page.wait_for_function(script, timeout=1000 * seconds)

    def picture(self, name: str) -> None:
        """A screenshot under build/, for people to look at."""
        folder = ROOT / "build" / "app"
        folder.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=folder / f"{name}.png")
