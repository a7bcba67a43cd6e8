"""Whatever is written: a scenario or one clear message, never a traceback; reading back gives the same."""

import pickle
from collections.abc import Callable
from datetime import date
from functools import cache
from typing import Any, TypeVar

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sim._util import trick
from sim.missions import Mission
from sim.scenario import MEASURES, OUTCOMES, SHOCKS, Scenario, ScenarioError, json_schema, loads, parse_set
from tests.minusma import FIRST_DAY, LAST_DAY, PROCESS_NAMES
from tests.scenario_words import WORDS

many = settings(derandomize=True, deadline=None, max_examples=200, suppress_health_check=list(HealthCheck))
few = settings(many, max_examples=60)


@pytest.fixture(autouse=True)
def words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Mission, "vocabulary", WORDS)


T = TypeVar("T")


def answer(ask: Callable[[], T]) -> T | str:
    """What is asked for, or the message that refuses it."""
    try:
        return ask()
    except ScenarioError as problem:
        return str(problem)


def is_clear(message: str, *openings: str) -> bool:
    """Whether a message opens as it should, is one line, and is short enough to be read."""
    return message.startswith(openings) and message.isprintable() and len(message) < 1500


def comes_back_or_is_refused(text: str | bytes) -> bool:
    """Whether there is a scenario that is read back equal, or one clear message."""
    found = answer(lambda: loads(text, "x.yaml"))
    return loads(found.to_yaml()) == found if isinstance(found, Scenario) else is_clear(found, "x.yaml:")


# anything

TOP = [
    "title", "seed", "period", "measures", "shocks", "forces", "elections", "variants", "baseline", "extends",
    "parameters", "processes", "organisations", "outcomes", "uncertainties", "settings", "replications", "sources",
]  # fmt: skip
BELOW = [
    *MEASURES, *(row.key for row in MEASURES.values()), *SHOCKS, *WORDS.forces, *WORDS.organisations, *WORDS.parameters,
    *PROCESS_NAMES, "start", "end", "place", "intensity", "strength", "closures", "contributors", "Kidal", "Chad",
    "2016-01-01", "0", "a", "measures.patrols.intensity", "measures.patrols", "period.end",
]  # fmt: skip
WORDS_AS_VALUES = ["off", "Gao", "Gao base", "posterior", "2016-01-01", "0,6", "a", "ied_found", "historical", ""]

scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 3),
    st.integers(),
    st.floats(),
    st.dates(),
    st.datetimes(),
    st.text(max_size=8),
    st.sampled_from(WORDS_AS_VALUES),
    st.binary(max_size=4),
)
keys = st.one_of(st.sampled_from(BELOW), st.text(max_size=6), st.dates(), st.integers(0, 3), st.booleans())
trees = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=4),
    max_leaves=12,
)


@many
@given(st.dictionaries(st.sampled_from(TOP) | st.text(max_size=5), trees, max_size=4))
def test_any_tree(tree: dict[str, Any]):
    assert comes_back_or_is_refused(yaml.safe_dump(tree))


@many
@given(st.sampled_from(["measures", "shocks"]), st.data())
def test_any_measure_or_shock(section: str, data: st.DataObject):
    names = st.sampled_from([*(MEASURES if section == "measures" else SHOCKS)])
    assert comes_back_or_is_refused(yaml.safe_dump({section: data.draw(st.dictionaries(names, trees, max_size=3))}))


@many
@given(st.text(max_size=200) | st.binary(max_size=200))
def test_any_text(text: str | bytes):
    assert comes_back_or_is_refused(text)


@many
@given(st.data())
def test_any_slip_of_the_pen(data: st.DataObject):
    text = SAMPLE
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(text) - 1))
        slip = data.draw(
            st.sampled_from(["", " ", "\n", "\t", ":", ",", "-", "{", "]", "&a", "*a", "'", "0", "#", "é"])
        )
        text = text[:place] + slip + text[place + data.draw(st.integers(0, 3)) :]
    assert comes_back_or_is_refused(text)


@many
@given(st.dictionaries(st.sampled_from([*TOP, *BELOW, "variants.a.title", "sources.0"]) | st.text(), trees, max_size=3))
def test_any_value_set(values: dict[str, Any]):
    sample = loads(SAMPLE)
    found = answer(lambda: sample.with_values(values))
    if isinstance(found, Scenario):
        assert loads(found.to_yaml()) == found
    else:
        assert is_clear(found, "with_values", "text:")


@many
@given(st.text(max_size=30))
def test_any_assignment(text: str):
    found = answer(lambda: parse_set(f"seed={text}"))
    assert is_clear(found, "--set: seed: ", "with_values: seed: ") if isinstance(found, str) else found[0] == "seed"


# valid scenarios

days = st.dates(FIRST_DAY, LAST_DAY)
shares = st.floats(0, 1)
places = st.sampled_from(["Gao", "Gao base", "Ansongo", ["Kidal", "Gossi"], None])
regions = st.sampled_from(["Gao", ["Kidal", "Mopti"], None])


def texts(longest: int) -> st.SearchStrategy[str]:
    """Texts that command no terminal."""
    return st.text(max_size=longest).filter(lambda text: trick(text) is None)


def dated(values: st.SearchStrategy[float]) -> st.SearchStrategy[Any]:
    return values | st.dictionaries(days, values, min_size=1, max_size=4)


def sorted_days(pair: tuple[date, date]) -> dict[str, date]:
    return {"start": min(pair), "end": max(pair)}


windows = st.tuples(days, days).map(sorted_days) | st.just({})


@st.composite
def episodes(draw: st.DrawFn, name: str) -> Any:
    row = MEASURES[name]
    levels = st.floats(row.minimum, row.maximum)
    how_much = draw(
        st.fixed_dictionaries({row.key: dated(levels)}) | st.fixed_dictionaries({"intensity": dated(shares)})
    )
    one = {**how_much, **draw(windows), "place": draw(places if row.scope == "base" else regions)}
    return draw(st.sampled_from([one, [one], False, None, "off"]))


@st.composite
def measures(draw: st.DrawFn) -> dict[str, Any]:
    return {name: draw(episodes(name)) for name in draw(st.sets(st.sampled_from([*MEASURES]), max_size=4))}


moves = st.fixed_dictionaries(
    {"from": st.just("Gao"), "to": st.just("Kidal"), "persons": st.integers(0, 50_000)},
    optional={"end": st.just(LAST_DAY)},
)
shocks = st.fixed_dictionaries(
    {},
    optional={
        "deployment": st.just(False)
        | st.builds(lambda s, w: {"strength": s, **w}, dated(st.floats(0, 50_000)), windows)
        | st.fixed_dictionaries({"move": st.lists(moves, max_size=2)}),
        "coup": st.lists(st.fixed_dictionaries({"start": days, "intensity": shares}), max_size=2),
        "consent": st.builds(lambda i, w: {"intensity": i, **w}, dated(shares), windows),
        "pause": st.builds(lambda i, w, p: {"intensity": i, **w, "place": p}, dated(shares), windows, places),
        "withdrawal": st.builds(
            lambda w, k, h: {"start": FIRST_DAY, **w, "air_support": k, "hand_over": h}, windows, shares, shares
        ),
        "contributor_exit": st.fixed_dictionaries(
            {"contributors": st.dictionaries(st.just("Chad"), days | st.just(False))}
        ),
    },
)
scenarios = st.fixed_dictionaries(
    {"title": texts(20)},
    optional={
        "narrative": texts(40),
        "sources": st.lists(texts(5), unique=True, max_size=3),
        "period": st.tuples(days, days).map(sorted_days),
        "seed": st.integers(0, 2**63 - 1),
        "replications": st.integers(1, 100_000),
        "settings": st.fixed_dictionaries({"cell_size": st.sampled_from([0.5, 0.25, 0.1])}),
        "parameters": st.fixed_dictionaries(
            {}, optional={"find_rate": st.floats(0.1, 0.9), "copy.rate": st.floats(0, 5)}
        ),
        "processes": st.dictionaries(st.sampled_from(PROCESS_NAMES), st.booleans()),
        "measures": measures(),
        "shocks": shocks,
        "forces": st.dictionaries(st.sampled_from([*WORDS.forces]), dated(st.floats(0, 10_000)) | st.just(False)),
        "elections": st.lists(st.fixed_dictionaries({"start": days, "place": regions}), max_size=2),
        "organisations": st.dictionaries(st.sampled_from(["AQIM", "JNIM"]), st.sampled_from([False, {"fighters": 5}])),
        "uncertainties": st.sampled_from(["point", "prior", "posterior", {"find_rate": [0.2, 0.3]}]),
        "outcomes": st.lists(st.sampled_from([*OUTCOMES]), unique=True, min_size=1, max_size=3),
        "variants": st.dictionaries(st.sampled_from(["a", "b_2"]), st.builds(lambda m: {"measures": m}, measures())),
    },
)


@few
@given(scenarios)
def test_what_is_valid_comes_back_equal(tree: dict[str, Any]):
    text = yaml.safe_dump(tree, allow_unicode=True)
    scenario = loads(text)
    again = loads(scenario.to_yaml())
    assert again == scenario == pickle.loads(pickle.dumps(scenario))
    assert again.hash == scenario.hash
    for name in scenario.variants:
        assert again.variant(name).hash == scenario.variant(name).hash


@few
@given(scenarios)
def test_what_is_valid_fits_the_schema(tree: dict[str, Any]):
    assert [*validator().iter_errors(as_json(yaml.safe_load(yaml.safe_dump(tree))))] == []


@few
@given(measures())
def test_levels_stay_in_range_on_every_day(tree: dict[str, Any]):
    for name, found in loads(yaml.safe_dump({"measures": tree})).measures.items():
        for episode in found:
            row = MEASURES[name]
            assert episode.level.dates[0] == episode.start
            assert all(row.minimum - 1e-9 <= value <= row.maximum + 1e-9 for value in episode.level.values)


def as_json(value: Any) -> Any:
    """YAML data as an editor's validator sees it: days are text."""
    if isinstance(value, dict):
        return {as_json(key): as_json(item) for key, item in value.items()}
    if isinstance(value, list):
        return [as_json(item) for item in value]
    return value.isoformat() if isinstance(value, date) else value


@cache
def validator() -> Any:
    import jsonschema

    return jsonschema.Draft202012Validator(json_schema())


SAMPLE = """\
title: Route clearance, 2016-2018
period: {start: 2016-01-01, end: 2018-12-31}
seed: 1
measures:
  route_clearance: {share_of_convoy_km: 0.6, start: 2016-07-01}
  patrols:
    - {intensity: {2016-01-01: 0.5, 2017-01-01: 0.6}, place: [Gao, Kidal]}
    - {patrols_per_1000_per_day: 6, place: Gossi}
shocks:
  coup: {start: 2020-08-18, intensity: 0.5}
parameters: {find_rate: 0.5}
baseline: as_reported
variants:
  as_reported: {}
  no_clearance: {measures: {route_clearance: off}}
  more: {measures.convoy_escort.vehicles_per_escort: 6}
"""
