"""The pages of evidence are written by their commands, for every measure there is; what they count is right."""

from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from analysis import measure_effects as effects
from analysis import pairing
from analysis.mechanisms import MECHANISMS
from sim.inference.attribution import package
from sim.scenario import MEASURES, load
from sim.study import Study

ALPHA = 1e-6
MEASURE_PAGES = effects.DOCS / "measures"


def generated(measure: str) -> str:
    """What stands between the markers of a measure's page."""
    text = (MEASURE_PAGES / f"{measure}.md").read_text("utf-8")
    assert text.count(effects.BEGIN) == text.count(effects.END) == 1
    return text.partition(effects.BEGIN)[2].partition(effects.END)[0]


@pytest.mark.parametrize("measure", MEASURES)
def test_every_measures_page_says_what_the_model_finds(measure: str) -> None:
    text = generated(measure)
    assert effects.TITLE in text
    assert f"`{effects.COMMAND} " in text
    for outcome in effects.OUTCOMES:
        assert f"| {outcome.replace('_', ' ')} |" in text
    for quantity in MECHANISMS[measure]:
        assert f"| {quantity.name} |" in text


def test_every_measure_has_a_quantity_of_its_mechanism_and_a_row_in_the_overview() -> None:
    assert list(MECHANISMS) == list(MEASURES)
    text = effects.PAGE.read_text("utf-8")
    assert [name for name in MEASURES if f"[`{name}`](measures/{name}.md)" not in text] == []


def test_a_section_is_renewed_in_its_place_and_leaves_the_page_alone() -> None:
    first = effects.with_section("# `x`\n\nText.\n", f"{effects.BEGIN}\none\n{effects.END}")
    second = effects.with_section(first, f"{effects.BEGIN}\ntwo\n{effects.END}")
    assert first.startswith("# `x`\n\nText.\n\n<!--")
    assert second == first.replace("one", "two")
    assert effects.with_section(second + "More.\n", f"{effects.BEGIN}\ntwo\n{effects.END}") == second + "More.\n"


@pytest.mark.slow
def test_mechanisms_of_a_short_study_are_kept_and_read_again(tmp_path: Path) -> None:
    """Road inspection in 2016: without it only convoys of 2015 have teams; the second reading runs nothing."""
    known = effects.scenario("point", ("route_clearance", "medevac"), "2016-12-31")
    folder = tmp_path / "study"
    seen = effects.mechanisms(Study(known, folder, 2, 1), 2, folder)
    finds = seen[seen["measure"] == "route_clearance"]
    assert (finds["on"] > finds["off"] + 5).all()
    assert seen.loc[seen["quantity"].str.startswith("minutes"), "off"].between(30, 600).all()

    unable = Study(known, folder, 2, 1)
    unable.__dict__["blueprint"] = None
    again = effects.mechanisms(unable, 2, folder)
    assert again["on"].tolist() == pytest.approx(seen["on"].tolist(), nan_ok=True)


def test_the_variance_ratio_is_that_of_the_parts() -> None:
    """Shared part of variance 3, own part of variance 1: the ratio is 4; without anything shared it is 1."""
    rng = np.random.default_rng(1)
    n = 20_000
    shared = np.sqrt(3.0) * rng.normal(size=n)
    own, other = shared + rng.normal(size=n), shared + rng.normal(size=n)
    for values, truth in ((other, 4.0), (np.roll(other, 1), 1.0)):
        apart, paired = own.var(ddof=1) + values.var(ddof=1), (own - values).var(ddof=1)
        assert float(pairing.ratio(own, values)) == pytest.approx(apart / paired)
        spread = np.sqrt(4.0 / n)  # of the logarithm of a ratio of two variances, independent or nearly so
        assert abs(np.log(apart / paired / truth)) < stats.norm.isf(ALPHA / 2) * spread
    assert np.isinf(pairing.ratio(own, own))


def test_the_page_of_pairing_covers_each_measure_of_the_package() -> None:
    text = pairing.PAGE.read_text("utf-8")
    scenario = load("measures_2018")
    assert set(pairing.WHY) == set(package(scenario))
    assert "`python -m analysis.pairing " in text
    assert [name for name in scenario.variants if f"| `{name}` |" not in text] == []
    assert [name for name in pairing.WHY if f"- **`{name}`**" not in text] == []
