"""The page, as Solara runs it once per session: state in, state out; all drawing is in the browser."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

import solara
from solara.server import kernel_context

from sim.app.initial_state import packaged_summary
from sim.app.policy import composed
from sim.app.reducers import policies, turned
from sim.app.scheduler import DeskError
from sim.app.server import STATIC
from sim.app.sessions import Visit, cases, desk, janitor
from sim.app.texts import catalogue
from sim.app.url_state import View, parsed, query, scenario_of
from sim.app.view_models import about_case, as_text, measure_rows
from sim.scenario import Scenario, ScenarioError

Act = Callable[[dict[str, Any]], None]


class Found(NamedTuple):
    """What is known of the case with a token: a summary as JSON text."""

    token: str = ""
    text: str = '{"pairs":0}'


@solara.component_vue("stage.vue", vuetify=False)
def Stage(  # noqa: N802  # a component's name
    texts_json: str,
    about_json: str,
    found_json: str,
    found_of: str,
    problem: str,
    address: str,
    ended: bool,
    event_act: Act,
) -> None:
    """Maps, player, charts and story; of ``found_json`` nothing is shown where ``found_of`` is another case's token."""


@solara.component_vue("measures.vue", vuetify=False)
def Measures(texts_json: str, rows_json: str, about_json: str, event_act: Act) -> None:  # noqa: N802
    """The switches and sliders."""


@solara.component
def Page() -> None:  # noqa: N802
    """Everything on the page."""
    router = solara.use_router()
    start = solara.use_memo(lambda: _first(router.search or ""), [])
    view = solara.use_reactive(start[0])
    problem = solara.use_reactive(start[1])
    found = solara.use_reactive(Found())
    ended = solara.use_reactive(False)
    visit = solara.use_memo(lambda: _visit(ended), [])
    solara.use_effect(lambda: _stay(visit), [])
    case, token = solara.use_memo(lambda: _case(view.value), [view.value])
    solara.use_effect(lambda: _watch(case, token, found, problem), [token])

    def act(event: dict[str, Any]) -> None:
        visit.touch()
        try:
            changed = turned(view.value, event)
            if changed != view.value:
                _case(changed)
                view.set(changed)
            problem.set("")
        except ScenarioError as wrong:
            problem.set(str(wrong))

    solara.Title("minusim")
    solara.Style(_STYLE)
    texts = texts_of(view.value.language)
    about = solara.use_memo(lambda: as_text(about_case(case, token, view.value)), [token, view.value])
    rows = solara.use_memo(lambda: as_text(measure_rows(case, view.value)), [token, view.value])
    with solara.Div(classes=["ms-page"]):
        with solara.Div(classes=["ms-side"]):
            Measures(texts_json=texts, rows_json=rows, about_json=about, event_act=act)
        Stage(
            texts_json=texts,
            about_json=about,
            found_json=found.value.text,
            found_of=found.value.token,
            problem=problem.value,
            address=query(view.value),
            ended=ended.value,
            event_act=act,
        )


def _first(search: str) -> tuple[View, str]:
    """The view of an address, and what is wrong with it; the first page where it cannot be shown."""
    try:
        view = parsed(search)
        _case(view)
        return view, ""
    except ScenarioError as wrong:
        return View(), str(wrong)


def _case(view: View) -> tuple[Scenario, str]:
    """The case of a view and its token."""
    scenario = scenario_of(view)
    seed = scenario.seed if view.seed is None else view.seed
    case = composed(scenario, *policies(view), seed)
    return case, cases.token(case)


def _watch(
    case: Scenario, token: str, found: solara.Reactive[Found], problem: solara.Reactive[str]
) -> Callable[[], None]:
    """Keep ``found`` the best that is known of a case, or say why nothing will be; the function that stops it."""
    stop = threading.Event()
    ready = packaged_summary(case)
    if ready is not None:
        found.set(Found(token, ready))
        return stop.set

    def told(summary: str) -> None:
        if not stop.is_set():
            found.set(Found(token, summary))

    def follow() -> None:
        try:
            desk.watch(case, told, stop)
        except DeskError as wrong:
            if not stop.is_set():
                problem.set(str(wrong))

    threading.Thread(target=follow, daemon=True).start()
    return stop.set


def _visit(ended: solara.Reactive[bool]) -> Visit:
    context = kernel_context.get_current_context()

    def ask_to_leave() -> None:
        with context:
            ended.set(True)

    return Visit(ask_to_leave, context.close)


def _stay(visit: Visit) -> Callable[[], None]:
    janitor.welcome(visit)
    return lambda: janitor.goodbye(visit)


@cache
def texts_of(language: str) -> str:
    """The texts of the page."""
    return as_text(catalogue(language))


_STYLE = (STATIC / "page.css").read_text(encoding="utf-8")
