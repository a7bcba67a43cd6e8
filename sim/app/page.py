"""The page, as Solara runs it once per session: state in, state out; all drawing is in the browser."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

import solara
from solara.server import kernel_context

from sim.app.initial_state import packaged_summary
from sim.app.policy import composed
from sim.app.reducers import policies, reduce
from sim.app.scheduler import SchedulerError
from sim.app.server import STATIC
from sim.app.sessions import Session, cases, reaper, scheduler
from sim.app.url_state import View, parse, scenario_of, to_query
from sim.app.view_models import about_case, answer_words, as_text, measure_rows
from sim.present.locale import Locale
from sim.present.page_text import page_texts
from sim.scenario import Scenario, ScenarioError

Act = Callable[[dict[str, Any]], None]


class CaseSummary(NamedTuple):
    """What is known of the case with a token: a summary as JSON text."""

    token: str = ""
    text: str = '{"pairs":0}'


@solara.component_vue("map_view.vue", vuetify=False)
def MapView(  # noqa: N802  # a component's name
    texts_json: str,
    about_json: str,
    words_json: str,
    found_json: str,
    found_of: str,
    problem: str,
    address: str,
    ended: bool,
    event_act: Act,
) -> None:
    """Maps, player, charts and events; ``found_json`` is ignored while ``found_of`` is the token of another case."""


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
    found = solara.use_reactive(CaseSummary())
    ended = solara.use_reactive(False)
    session = solara.use_memo(lambda: _session(ended), [])
    solara.use_effect(lambda: _stay(session), [])
    case, token = solara.use_memo(lambda: _case(view.value), [view.value])
    solara.use_effect(lambda: _watch(case, token, found, problem), [token])

    def act(event: dict[str, Any]) -> None:
        session.touch()
        try:
            changed = reduce(view.value, event)
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
    ours = found.value.text if found.value.token == token else CaseSummary().text  # never the answer of the case before
    words = solara.use_memo(lambda: as_text(answer_words(case, view.value, json.loads(ours))), [ours, view.value])
    rows = solara.use_memo(lambda: as_text(measure_rows(case, view.value)), [token, view.value])
    with solara.Div(classes=["ms-page"]):
        with solara.Div(classes=["ms-side"]):
            Measures(texts_json=texts, rows_json=rows, about_json=about, event_act=act)
        MapView(
            texts_json=texts,
            about_json=about,
            words_json=words,
            found_json=found.value.text,
            found_of=found.value.token,
            problem=problem.value,
            address=to_query(view.value),
            ended=ended.value,
            event_act=act,
        )


def _first(search: str) -> tuple[View, str]:
    """The view of an address, and what is wrong with it; the first page where it cannot be shown."""
    try:
        view = parse(search)
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
    case: Scenario, token: str, found: solara.Reactive[CaseSummary], problem: solara.Reactive[str]
) -> Callable[[], None]:
    """Keep ``found`` the best that is known of a case, or say why nothing will be; the function that stops it."""
    stop = threading.Event()
    ready = packaged_summary(case)
    if ready is not None:
        found.set(CaseSummary(token, ready))
        return stop.set

    def publish(summary: str) -> None:
        if not stop.is_set():
            found.set(CaseSummary(token, summary))

    def follow() -> None:
        try:
            scheduler.watch(case, publish, stop)
        except SchedulerError as wrong:
            if not stop.is_set():
                problem.set(str(wrong))

    threading.Thread(target=follow, daemon=True).start()
    return stop.set


def _session(ended: solara.Reactive[bool]) -> Session:
    context = kernel_context.get_current_context()

    def request_end() -> None:
        with context:
            ended.set(True)

    return Session(request_end, context.close)


def _stay(session: Session) -> Callable[[], None]:
    reaper.add(session)
    return lambda: reaper.remove(session)


@cache
def texts_of(language: str) -> str:
    """The texts of the page."""
    return as_text(page_texts(Locale(language)))


_STYLE = (STATIC / "page.css").read_text(encoding="utf-8")
