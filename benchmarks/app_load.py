"""Sessions at once in the browser view: how long from a slider to its result.

``python -m benchmarks.app_load [SESSIONS]`` serves the view, opens SESSIONS pages (default 30) in a headless Chromium,
moves a slider in all of them at the same moment, each to another place, and prints the median and the longest wait for
the first result and for the finished comparison.  Server, workers and browsers share this machine; the browsers, which
are elsewhere in life, give way to the others.
"""

import asyncio
import os
import re
import shutil
import statistics
import subprocess
import sys
from typing import Any

SESSIONS = 30
CALM = 5.0  # s in which everybody looks at a finished comparison
BEGIN = "?s=quickstart&a=variant:as_reported&b=variant:without_the_five,convoy_escort:{level}"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-timer-throttling",
         "--disable-renderer-backgrounding", "--disable-backgrounding-occluded-windows"]  # fmt: skip
READY = "main.ms-stage[data-ready=true]"
MOVE = """async (level) => {
  const pause = () => new Promise((go) => setTimeout(go, 100));
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


def main(sessions: int) -> None:
    """Serve, measure, print."""
    command = [sys.executable, "-m", "sim", "app", "--port", "0"]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    os.nice(15)  # the browsers inherit it, the server does not
    try:
        found = re.match(r"(http://\S+)", server.stdout.readline())
        assert found, "the server gave no address"
        waits = asyncio.run(_measured(found[1], sessions))
    finally:
        server.terminate()
        server.wait()
    for name, column in zip(("first result", "50 pairs"), zip(*waits, strict=True), strict=True):
        print(f"{sessions} sessions, {name}: median {statistics.median(column):.1f} s, longest {max(column):.1f} s")


async def _measured(address: str, sessions: int) -> list[list[float]]:
    from playwright.async_api import async_playwright

    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    async with async_playwright() as driver:
        browser = await driver.chromium.launch(executable_path=chromium, args=FLAGS)
        pages = [await _opened(browser, address + BEGIN.format(level=2)) for _ in range(sessions)]
        for page in pages:
            await page.wait_for_function("document.querySelectorAll('circle.s-dot').length === 50", timeout=600_000)
        await asyncio.sleep(CALM)
        moves = [page.evaluate(MOVE, 4.5 + 0.25 * (number % 30)) for number, page in enumerate(pages)]
        waits: list[list[float]] = await asyncio.gather(*moves)
        await browser.close()
    return waits


async def _opened(browser: Any, address: str) -> Any:
    context = await browser.new_context(viewport={"width": 1280, "height": 800})
    page = await context.new_page()
    await page.goto(address, wait_until="commit")
    await page.wait_for_selector(READY, timeout=120_000)
    return page


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else SESSIONS)
