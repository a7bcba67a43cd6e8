"""The ODD+D description says what the code does: its generated parts are fresh, and its prose names what there is."""

import re
from collections import Counter

import pytest

from analysis import odd
from analysis.process_draws import Draw, draws_of
from sim.model.recorder import LEDGER_ITEMS
from sim.model.streams import STREAMS_PER_PROCESS
from sim.model.tables import COLUMNS, FAMILIES
from sim.scenario import MEASURES
from sim.scenario.registry import OUTCOMES, PHASES, PROCESSES, SHOCKS
from tests.minusma import parameters
from tools.pages import BLOCK, with_blocks

TEXTS = {page.name: page.read_text("utf-8") for page in odd.PAGES}
ODD = TEXTS["odd.md"]
NAME = re.compile(r"`([a-z]+(?:_[a-z]+)+)`")
HEADING = re.compile(r"^### ([a-z_]+)$", re.MULTILINE)


def prose(text: str) -> str:
    """What is written by hand."""
    return BLOCK.sub("", text)


def named(text: str) -> list[str]:
    """The generated sections of a page, in order."""
    return [found["name"] for found in BLOCK.finditer(text)]


def paragraph(process: str) -> str:
    """What is written by hand under the heading of a process."""
    return prose(ODD).partition(f"\n### {process}\n")[2].partition("\n#")[0].strip()


def slug(heading: str) -> str:
    """The anchor that a heading gets."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


@pytest.mark.parametrize("page", ["odd.md", "parameters.md", "columns.md", "model.md"])
def test_links_into_the_page_lead_to_a_heading(page: str) -> None:
    text = (odd.DOCS / page).read_text("utf-8")
    anchors = {slug(heading) for heading in re.findall(r"^#+ (.+)$", ODD, re.MULTILINE)}
    links = re.findall(r"\]\(odd\.md#([^)]+)\)" if page != "odd.md" else r"\]\(#([^)]+)\)", text)
    assert [link for link in links if link not in anchors] == []


def test_every_section_stands_on_one_page() -> None:
    assert Counter(name for text in TEXTS.values() for name in named(text)) == Counter(list(odd.SECTIONS))


def test_a_changed_range_makes_the_page_stale(monkeypatch: pytest.MonkeyPatch) -> None:
    row = parameters()["ambush_rate"]
    monkeypatch.setitem(parameters(), "ambush_rate", type(row)(**{**vars(row), "value": 2.0 * row.value}))
    assert with_blocks(TEXTS["parameters.md"], odd.SECTIONS) != TEXTS["parameters.md"]
    assert with_blocks(ODD, odd.SECTIONS) != ODD


def test_every_process_has_its_own_paragraph_in_the_order_of_the_day() -> None:
    assert HEADING.findall(ODD) == [process.name for process in PROCESSES]
    for process in PROCESSES:
        assert len(paragraph(process.name)) > 100, process.name
        if process.name != "tally":  # it claims nothing
            assert "*Why:* " in " ".join(paragraph(process.name).split()), process.name
            assert "*Uncertain:* " in " ".join(paragraph(process.name).split()), process.name


@pytest.mark.parametrize("names", [MEASURES, SHOCKS, OUTCOMES], ids=["measures", "shocks", "outcomes"])
def test_every_name_is_on_the_page(names: dict[str, object]) -> None:
    assert [name for name in names if f"| `{name}` |" not in ODD and f"| [`{name}`](" not in ODD] == []


def test_every_column_and_parameter_has_its_row() -> None:
    assert [name for name in COLUMNS if TEXTS["columns.md"].count(f"| `{name}` |") != 1] == []
    assert [name for name in parameters() if TEXTS["parameters.md"].count(f"| `{name}` |") != 1] == []


def test_prose_names_only_what_there_is() -> None:
    known = {*COLUMNS, *parameters(), *MEASURES, *SHOCKS, *OUTCOMES, *LEDGER_ITEMS, *FAMILIES, *PHASES}
    known |= {process.name for process in PROCESSES}
    found = NAME.findall(prose(ODD))
    assert len(found) > 100
    assert [name for name in found if name not in known] == []


def test_prose_of_a_process_names_only_parameters_that_it_takes() -> None:
    for process in PROCESSES:
        taken = process.arguments
        wrong = [name for name in NAME.findall(paragraph(process.name)) if name in parameters() and name not in taken]
        assert wrong == [], process.name


def test_draws_are_read_from_the_source() -> None:
    assert draws_of("emplacement") == (Draw("cell", "0"), Draw("band", "1"))
    assert draws_of("explosives") == (Draw("trip", "0"), Draw("trip", "1"), Draw("national", "2"), Draw("cell", "3"))
    assert draws_of("rivalry") == (Draw("band and band", "0"),)
    assert draws_of("accidents") == (Draw("base", "0"),)  # through a function of sim.model.conflict


def test_who_takes_a_stream_draws_from_it_and_within_it() -> None:
    for process in PROCESSES:
        found = draws_of(process.name)
        assert bool(found) == ("stream" in process.arguments), process.name
        assert all(draw.entity for draw in found), process.name
        assert all(int(draw.offset) < STREAMS_PER_PROCESS for draw in found if draw.offset.isdigit()), process.name
