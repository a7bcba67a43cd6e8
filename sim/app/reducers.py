"""What a visitor does, as a change of the view.  Whatever a page sends is checked like any input."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from sim._util.suggestions import shown
from sim.app.policy import OFF, Policy, first_policies
from sim.app.url_state import LANGUAGES, LARGEST_FILE, LARGEST_SEED, OUTCOMES, View, scenario_of
from sim.scenario import MEASURES, ScenarioError, packaged_names
from sim.scenario.scalars import is_whole_text

Event = Mapping[str, Any]


def reduce(view: View, event: Event) -> View:
    """The view after an event.  ScenarioError for one that cannot be."""
    do = event.get("do") if isinstance(event, Mapping) else None
    turn = REDUCERS.get(do) if isinstance(do, str) else None
    if turn is None:
        raise ScenarioError("the page sent something unknown; reload it")
    return turn(view, event)


def policies(view: View) -> tuple[Policy, Policy]:
    """The two policies of a view."""
    first, second = first_policies(scenario_of(view)) if view.first is None or view.second is None else (None, None)
    return view.first or first or Policy(), view.second or second or Policy()


def _level(view: View, event: Event) -> View:
    name, level = _measure(event), event.get("level")
    if level is not OFF:
        level = _number(name, level, MEASURES[name].minimum, MEASURES[name].maximum)
    return _changed(view, event, lambda policy: policy.set(name, level))


def _clear(view: View, event: Event) -> View:
    return _changed(view, event, lambda policy: policy.cleared(_measure(event)))


def _variant(view: View, event: Event) -> View:
    name = _text(event, "variant")
    return _changed(view, event, lambda _: Policy(name))


def _scenario(view: View, event: Event) -> View:
    name = _text(event, "name")
    if name not in packaged_names():
        raise ScenarioError(f"{name[:60]}: not a packaged scenario")
    return View(scenario=name, outcome=view.outcome, language=view.language)


def _file(view: View, event: Event) -> View:
    """A loaded file.  ScenarioError for one that is too large; what it says is checked when it is shown."""
    name, text = _text(event, "name")[-80:], _text(event, "text")
    if len(text) > LARGEST_FILE or len(text.encode()) > LARGEST_FILE:
        raise ScenarioError(f"{name}: larger than {LARGEST_FILE // 1000} kB")
    if not text:
        raise ScenarioError(f"{name}: empty; a scenario is a mapping of keys such as title and measures")
    return View(scenario=name, text=text, outcome=view.outcome, language=view.language)


def _seed(view: View, event: Event) -> View:
    return replace(view, seed=int(_number("seed", event.get("seed"), 0, LARGEST_SEED)))


def _outcome(view: View, event: Event) -> View:
    name = event.get("outcome")
    return replace(view, outcome=name) if name in OUTCOMES else view


def _language(view: View, event: Event) -> View:
    name = event.get("language")
    return replace(view, language=name) if name in LANGUAGES else view


def _changed(view: View, event: Event, change: Callable[[Policy], Policy]) -> View:
    first, second = policies(view)
    if event.get("policy") == "a":
        return replace(view, first=change(first), second=second)
    return replace(view, first=first, second=change(second))


def _measure(event: Event) -> str:
    name = _text(event, "measure")
    if name not in MEASURES:
        raise ScenarioError(f"{name[:40]}: not a measure")
    return name


def _text(event: Event, key: str) -> str:
    """A text of an event that is whole: half a character could not be sent back."""
    value = event.get(key)
    if not isinstance(value, str) or not is_whole_text(value):
        raise ScenarioError(f"{key}: {shown(value)} where a text is needed")
    return value


def _number(name: str, value: Any, low: float, high: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        raise ScenarioError(f"{name}: {shown(value)} is not between {low:g} and {high:g}")
    return float(value)


REDUCERS: Mapping[str, Callable[[View, Event], View]] = {
    "level": _level,
    "clear": _clear,
    "variant": _variant,
    "scenario": _scenario,
    "file": _file,
    "seed": _seed,
    "outcome": _outcome,
    "language": _language,
    "touch": lambda view, _: view,
}
