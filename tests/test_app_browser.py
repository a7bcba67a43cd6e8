"""The browser view in a real Chromium: it loads, plays, answers to its sliders, and speaks to nobody else."""

import re
import time
import urllib.error
import urllib.request

import pytest

from tests.app_support import CHROMIUM, Watched, browser, served

pytestmark = [pytest.mark.slow, pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here; .ci/system gets one")]

ANSWER = "document.querySelector('[data-test=answer]').innerText"
DATE = "document.querySelector('[data-test=date]').innerText"


@pytest.fixture(scope="module")
def address():
    with served() as found:
        yield found


@pytest.fixture(scope="module")
def chromium():
    with browser() as found:
        yield found


@pytest.fixture
def visit(chromium, address):
    open_pages = []

    def at(query="", **options):
        open_pages.append(Watched(chromium, address + query, **options))
        return open_pages[-1]

    yield at
    for page in open_pages:
        page.close()


def test_it_opens_on_a_finished_comparison_and_asks_nobody_else(visit, address):
    here = visit()
    here.wait(f"{ANSWER}.includes('95 % interval')")
    assert "mission deaths in 2018" in here.text("answer")
    assert here.page.locator("circle.s-dot").count() == 50
    assert here.page.locator("path.s-faint").count() == 100
    here.picture("opening")
    assert here.troubles == []
    host = address.removeprefix("http://").rstrip("/")
    assert {re.match(r"(?:http|ws)://([^/]+)/|(data|blob):", url)[0].split("//")[-1] for url in here.requests} <= {
        f"{host}/",
        "data:",
        "blob:",
    }


def test_it_plays_pauses_and_steps(visit):
    here = visit()
    before = here.text("date")
    here.page.click("[data-test=play]")
    here.wait(f"{DATE} !== {before!r}")
    here.page.wait_for_timeout(2500)
    here.page.click("[data-test=play]")
    paused = here.text("date")
    here.picture("playing")
    here.page.wait_for_timeout(700)
    assert here.text("date") == paused
    here.page.click("[data-test=step]")
    here.wait(f"{DATE} !== {paused!r}")
    assert here.troubles == []


def test_a_year_plays_within_twenty_seconds(visit):
    here = visit()
    start = time.monotonic()
    here.page.click("[data-test=play]")
    here.wait(f"{DATE}.includes('31 Dec 2018')", 60)
    assert time.monotonic() - start < 20


def test_a_switch_changes_the_answer_and_the_address_shares_it(visit, address):
    here = visit()
    here.wait(f"{ANSWER}.includes('95 % interval')")
    before = here.text("answer")
    here.page.check("[data-test=switch-convoy_escort]")
    here.wait(f"{ANSWER} !== {before!r} && {ANSWER}.includes('95 % interval')")
    here.page.fill("[data-test=level-convoy_escort]", "9")
    here.wait("window.location.search.includes('convoy_escort%3A9')")
    here.wait("document.querySelectorAll('circle.s-dot').length === 50", 300)
    here.picture("changed")
    link = here.page.url
    assert "convoy_escort" in link
    other = visit(link.removeprefix(address))
    other.wait("document.querySelectorAll('circle.s-dot').length === 50", 300)
    assert other.text("answer") == here.text("answer")
    assert here.troubles == other.troubles == []


def test_a_cell_tells_its_story(visit):
    here = visit()
    here.page.click("[data-test=play]")
    here.page.wait_for_timeout(1500)
    here.page.click("[data-test=play]")
    here.page.focus(".ms-map canvas")
    here.page.keyboard.press("Enter")
    here.page.wait_for_selector(".ms-story")
    assert "Near " in here.page.inner_text(".ms-story h2")
    assert "trust" in here.page.inner_text(".ms-story")
    here.picture("story")
    here.page.keyboard.press("Escape")
    assert here.page.locator(".ms-story").count() == 0


def test_it_speaks_french(visit):
    here = visit()
    here.page.click(".ms-language")
    here.wait(f"{ANSWER}.includes('intervalle')")
    here.picture("french")
    assert "Ouverture de route" in here.page.inner_text(".ms-measures")
    assert here.troubles == []


def test_a_file_is_loaded_and_its_words_stay_words(visit, tmp_path):
    here = visit()
    bad = tmp_path / "bad.yaml"
    bad.write_text("extends: quickstart\n<img src=x onerror=document.title='owned'>: 1\n", encoding="utf-8")
    here.page.set_input_files("input[type=file]", str(bad))
    here.page.wait_for_selector("[role=alert]")
    assert "bad.yaml:2" in here.page.inner_text("[role=alert]")
    good = tmp_path / "good.yaml"
    good.write_text(
        "extends: quickstart\ntitle: mine\nperiod: {start: 2016-01-01, end: 2016-06-30}\n", encoding="utf-8"
    )
    here.page.set_input_files("input[type=file]", str(good))
    here.wait(f"{ANSWER}.includes('2016')", 300)
    assert here.page.title() != "owned"
    assert here.page.locator("img[src=x]").count() == 0


def test_results_and_scenario_can_be_taken_home(visit, address):
    here = visit()
    for link, start in (("scenario.yaml", b"title"), ("results.zip", b"PK")):
        where = here.page.get_attribute(f"a[href$='{link}']", "href")
        with urllib.request.urlopen(address.rstrip("/") + where) as answer:
            assert start in answer.read()[:400]


def test_everything_can_be_reached_by_keyboard(visit):
    here = visit()
    reached = set()
    for _ in range(60):
        here.page.keyboard.press("Tab")
        reached.add(here.page.evaluate("document.activeElement.dataset.test || document.activeElement.tagName"))
    assert {"play", "step", "switch-patrols", "CANVAS", "SELECT"} <= reached


def test_foreign_hosts_are_refused_by_the_server_itself(address):
    request = urllib.request.Request(address, headers={"Host": "evil.example"})
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request)
    refused.value.close()
    assert refused.value.code == 403


def test_memory_stays_flat_over_a_decade_of_play(visit):
    here = visit("?s=historical")
    here.page.select_option(".ms-player select", "91")
    here.page.click("[data-test=play]")
    sizes = []
    for year in (2014, 2017, 2020, 2023):
        here.wait(f"{DATE}.includes('{year}')", 300)
        sizes.append(here.page.evaluate("performance.memory.usedJSHeapSize"))
    assert sizes[-1] < sizes[1] + 60e6
    assert here.troubles == []
