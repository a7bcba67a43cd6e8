"""Sessions at once in the browser view: how long from a slider to its result.

``python -m benchmarks.app_load [SESSIONS] [--browsers N]`` serves the view and opens SESSIONS pages (default 30).  When
everybody looks at a finished comparison, all move a slider at the same moment, each to another place; printed are the
median and the longest wait for the first result and for the finished comparison.

N of the sessions (default 1) are pages in a headless Chromium, on this machine too, giving way to the server; the rest
are connections that say what a page says and wait for what it would show.  With N = SESSIONS server and browsers share
the machine, as nowhere in life, and half of the work is the browsers'.
"""

import argparse
import asyncio
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import time
import urllib.request
import uuid
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

SESSIONS = 30
CALM = 5.0  # s in which everybody looks at a finished comparison
HELD = 0.2  # s that a page waits for a slider to rest
PAIRS = 50
BEGIN = "/?s=quickstart&a=variant:as_reported&b=variant:without_the_five,convoy_escort:2"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-timer-throttling",
         "--disable-renderer-backgrounding", "--disable-backgrounding-occluded-windows"]  # fmt: skip
READY = "main.ms-map-view[data-ready=true]"
MOVE = """async (level) => {
  const pause = () => new Promise((go) => setTimeout(go, 50));
  const done = () => document.querySelectorAll('circle.s-dot').length;
  const slider = document.querySelector('[data-test=level-convoy_escort]');
  const start = performance.now();
  slider.value = level;
  slider.dispatchEvent(new Event('change'));
  while (done() === 50) await pause();  // where much happens at once, the page may never be seen empty
  while (done() === 0) await pause();
  const first = performance.now() - start;
  while (done() < 50) await pause();
  return [first / 1000, (performance.now() - start) / 1000];
}"""


class Line:
    """A session without a page: a connection that speaks as Solara's client does."""

    def __init__(self, connection: Any) -> None:
        self.connection = connection
        self.measures = ""  # the component that takes the event of a slider

    @classmethod
    async def opened(cls, address: str) -> "Line":
        """On the line, and the first comparison asked for."""
        from websockets.asyncio.client import connect

        with urllib.request.urlopen(address + BEGIN) as page:  # the server that was just started
            cookie = (page.headers.get("set-cookie") or "").partition(";")[0]
        where = f"ws://{urlsplit(address).netloc}/jupyter/api/kernels/{uuid.uuid4()}/channels?session_id={uuid.uuid4()}"
        line = cls(await connect(where, origin=address, max_size=None, additional_headers={"cookie": cookie}))
        control = str(uuid.uuid4())
        look = {"dark": False, "themes": {"light": {}, "dark": {}}, "appName": None}
        await line.say("kernel_info_request", {})
        await line.say("comm_open", {"comm_id": control, "target_name": "solara.control", "data": {}})
        run = {"method": "run", "args": {"path": BEGIN, **look}}
        await line.say("comm_msg", {"comm_id": control, "data": run})
        return line

    async def say(self, kind: str, content: dict[str, Any]) -> None:
        """Send a message."""
        header = {
            "msg_id": str(uuid.uuid4()),
            "msg_type": kind,
            "session": "",
            "username": "",
            "version": "5.2",
            "date": "",
        }
        said = {
            "header": header,
            "content": content,
            "channel": "shell",
            "metadata": {},
            "parent_header": {},
            "buffers": [],
        }
        await self.connection.send(json.dumps(said))

    async def pairs(self, least: int) -> None:
        """Wait for a summary of so many pairs."""
        async for message in self.connection:
            content = json.loads(message).get("content", {})
            state = (content.get("data") or {}).get("state") or {}
            if "rows_json" in state and not self.measures:
                self.measures = content["comm_id"]
            if json.loads(state.get("found_json", "{}")).get("pairs", 0) >= least:
                return

    async def move(self, level: float, pairs: Sequence[int]) -> list[float]:
        """Seconds from a slider to each of these numbers of pairs."""
        start = time.perf_counter()
        await asyncio.sleep(HELD)
        event = {"do": "level", "measure": "convoy_escort", "level": level, "policy": "b"}
        data = {"method": "custom", "content": {"event": "event_act", "data": event}}
        await self.say("comm_msg", {"comm_id": self.measures, "data": data})
        waits = []
        for least in pairs:
            await self.pairs(least)
            waits.append(time.perf_counter() - start)
        return waits


class Page:
    """A session in a browser."""

    def __init__(self, page: Any) -> None:
        self.page = page

    @classmethod
    async def opened(cls, browser: Any, address: str) -> "Page":
        """Open, and drawn once."""
        context = await browser.new_context(viewport={"width": 1280, "height": 800})
        page = await context.new_page()
        await page.goto(address + BEGIN, wait_until="commit")
        await page.wait_for_selector(READY, timeout=120_000)
        return cls(page)

    async def pairs(self, least: int) -> None:
        """Wait until so many are drawn."""
        await self.page.wait_for_function(
            f"document.querySelectorAll('circle.s-dot').length >= {least}", timeout=600_000
        )

    async def move(self, level: float, pairs: Sequence[int]) -> list[float]:
        """Seconds from a slider to each of these numbers of pairs, 1 or all of them."""
        first, last = await self.page.evaluate(MOVE, level)
        return [first if least == 1 else last for least in pairs]


def waits(sessions: int, browsers: int = 0, pairs: Sequence[int] = (1, PAIRS)) -> Sequence[Sequence[float]]:
    """Seconds of each session, browsers first, from a slider to each of these numbers of pairs."""
    command = [sys.executable, "-m", "sim", "app", "--port", "0"]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    try:
        found = re.match(r"(http://[^/\s]+)", server.stdout.readline())
        assert found, "the server gave no address"
        return asyncio.run(_measured(found[1], sessions, browsers, pairs))
    finally:
        server.terminate()
        server.wait()
        server.stdout.close()


async def _measured(address: str, sessions: int, browsers: int, pairs: Sequence[int]) -> Sequence[Sequence[float]]:
    async with AsyncExitStack() as stack:
        browser = await stack.enter_async_context(_browser()) if browsers else None
        lines = [await Line.opened(address) for _ in range(sessions - browsers)]
        for line in lines:
            stack.callback(line.connection.transport.abort)  # without waiting for a server that is busy
        visitors: list[Page | Line] = [*[await Page.opened(browser, address) for _ in range(browsers)], *lines]
        await asyncio.gather(*(visitor.pairs(PAIRS) for visitor in visitors))
        await asyncio.sleep(CALM)
        levels = [4.5 + 0.25 * (number % 30) for number in range(sessions)]
        moves = (visitor.move(level, pairs) for visitor, level in zip(visitors, levels, strict=True))
        return await asyncio.gather(*moves)


@asynccontextmanager
async def _browser() -> AsyncIterator[Any]:
    """A headless Chromium that gives way to the server."""
    from playwright.async_api import async_playwright

    os.nice(15)  # browsers inherit it, the server, which runs already, does not
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    async with async_playwright() as driver:
        browser = await driver.chromium.launch(executable_path=chromium, args=FLAGS)
        yield browser
        await browser.close()


def main(sessions: int, browsers: int) -> None:
    """Measure and print."""
    rows = waits(sessions, browsers)
    for name, column in zip(("first result", f"{PAIRS} pairs"), zip(*rows, strict=True), strict=True):
        print(f"{sessions} sessions, {name}: median {statistics.median(column):.1f} s, longest {max(column):.1f} s")
        if 0 < browsers < sessions:
            print(f"  in the browser: {', '.join(f'{wait:.1f} s' for wait in column[:browsers])}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m benchmarks.app_load", description="Sessions at once.")
    parser.add_argument("sessions", type=int, nargs="?", default=SESSIONS)
    parser.add_argument("--browsers", type=int, default=1)
    main(**vars(parser.parse_args()))
