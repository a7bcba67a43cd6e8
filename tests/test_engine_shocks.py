"""Every shock of the registry, on against off, acts through its own mechanism."""

from collections.abc import Callable
from datetime import date

import numpy as np
import pytest

from sim.model.mission_model import MissionModel
from sim.scenario import SHOCKS
from tests.engine_support import count, differing, finished, ledger, plan_of
from tests.minusma import day_index

SHORT = "period: {start: 2013-07-01, end: 2014-12-31}\n"


def during(item: str, first: str, last: str) -> Callable[[MissionModel], float]:
    return lambda model: float(
        ledger(model, item)[day_index(date.fromisoformat(first)) : day_index(date.fromisoformat(last)) + 1].sum()
    )


def national_raids(model: MissionModel) -> float:
    return float(count(model, kind="state_based", tactic="raid"))


CHAD = "{contributors: {Chad: 2014-01-01}, intensity: 1}"
AWAY = "{start: 2014-07-01, end: 2014-12-31, intensity: 1, closures: {Kidal: 2014-09-01, Tessalit: 2014-08-01}}"
# shock -> how it is written, what it lowers, on how much of what is left without it at most
SHOCKED: dict[str, tuple[str, Callable[[MissionModel], float], float]] = {
    "deployment": ("{strength: 4000}", during("personnel_days", "2013-07-01", "2014-12-31"), 0.6),
    "coup": ("[{start: 2013-08-01, intensity: 1, recovery_days: 900}]", national_raids, 0.8),
    "contributor_exit": (CHAD, during("personnel_days", "2014-01-01", "2014-12-31"), 0.95),
    "protests": (
        "[{start: 2014-02-01, end: 2014-05-31, intensity: 0.8}]",
        during("patrols", "2014-02-01", "2014-05-31"),
        0.4,
    ),
    "consent": (
        "[{start: 2014-02-01, end: 2014-05-31, intensity: 0.9}]",
        during("convoy_km", "2014-02-01", "2014-05-31"),
        0.6,
    ),
    "pause": (
        "[{start: 2014-02-01, end: 2014-05-31, intensity: 0.8}]",
        during("patrols", "2014-02-01", "2014-05-31"),
        0.4,
    ),
    "withdrawal": (AWAY, during("personnel_days", "2014-07-01", "2014-12-31"), 0.8),
}


def test_every_shock_has_its_mechanism_named() -> None:
    assert set(SHOCKED) == set(SHOCKS)


@pytest.mark.parametrize("name", SHOCKED)
def test_a_shock_acts_through_its_mechanism_and_changes_outcomes(name: str) -> None:
    written, quantity, at_most = SHOCKED[name]
    on = finished(plan_of(SHORT + f"shocks: {{{name}: {written}}}\n"))
    off = finished(plan_of(SHORT + f"shocks: {{{name}: off}}\n"))
    assert 0 < quantity(on) <= at_most * quantity(off)
    assert "events" in differing(on.record(), off.record())


def test_denied_consent_starves_bases_and_grounds_helicopters() -> None:
    text = SHORT + "shocks: {consent: [{start: 2014-02-01, end: 2014-05-31, intensity: 1}]}\n"
    denied, free = finished(plan_of(text)), finished(plan_of(SHORT + "shocks: {consent: off}\n"))
    assert during("supply_shortfall", "2014-02-01", "2014-05-31")(denied) > 0
    assert during("patrols", "2014-02-01", "2014-05-31")(denied) == 0
    assert ledger(free, "supply_shortfall").sum() < ledger(denied, "supply_shortfall").sum()


BUSY = "measures: {checkpoints: {intensity: 0.5}, civil_projects: {intensity: 0.5}, joint_patrols: {intensity: 1}}\n"
PAUSED = "shocks: {pause: [{start: 2014-02-01, end: 2014-05-31, place: %s, intensity: %s}]}\n"
EVERYWHERE = "[Bamako, Gao, Kayes, Kidal, Koulikoro, Mopti, Segou, Sikasso, Tombouctou]"
HALFWAY = day_index(date(2014, 4, 1))


def on_the_way(text: str) -> MissionModel:
    """A model in the middle of the pause."""
    model = MissionModel(plan_of(text), 1)
    model.advance_to(HALFWAY)
    return model


def test_a_pause_stops_patrols_checks_and_projects_and_nothing_else() -> None:
    paused, usual = on_the_way(SHORT + BUSY + PAUSED % (EVERYWHERE, 1)), on_the_way(SHORT + BUSY)
    for name in ("unit_planned", "unit_patrols", "base_checkpoints", "base_projects"):
        assert paused.columns[name].sum() == 0 < usual.columns[name].sum(), name
    for item in ("patrols", "patrol_days"):
        assert during(item, "2014-02-01", "2014-04-01")(paused) == 0 < during(item, "2014-02-01", "2014-04-01")(usual)
    for item in ("convoys_completed", "escorts", "training_days"):
        assert during(item, "2014-02-01", "2014-04-01")(paused) > 0, item


def test_a_pause_frees_effort_for_what_goes_on() -> None:
    training = "measures: {training: {intensity: 1}, patrols: {intensity: 1}}\n"
    paused, usual = (on_the_way(SHORT + training + more) for more in (PAUSED % ("Gao", 1), ""))
    gao = paused.plan.names.bases.index("Gao")
    assert usual.columns["base_scale"][gao] < 0.9, "without the pause not everything fits"
    assert paused.columns["base_scale"][gao] > usual.columns["base_scale"][gao]
    at = paused.plan.inputs["unit_base"] == gao
    assert paused.columns["unit_training_days"][at].sum() > usual.columns["unit_training_days"][at].sum()


def test_a_pause_holds_in_its_place_alone() -> None:
    operations = plan_of(SHORT + PAUSED % ("Gao base", 0.5)).inputs["operations"]
    usual = plan_of(SHORT)
    span = slice(day_index(date(2014, 2, 1)), day_index(date(2014, 5, 31)) + 1)
    assert np.all(operations[span, usual.names.bases.index("Gao")] == 0.5)
    assert (operations != 1.0).sum() == span.stop - span.start


@pytest.mark.parametrize("shock", [PAUSED % ("Gao", 0), "shocks: {pause: off}\n"])
def test_a_pause_of_nothing_is_no_pause(shock: str) -> None:
    idle, usual = finished(plan_of(SHORT + shock)), finished(plan_of(SHORT))
    assert differing(idle.record(), usual.record()) == []


def test_days_before_a_pause_are_equal_to_the_bit() -> None:
    paused, usual = (finished(plan_of(SHORT + text)) for text in (PAUSED % ("Gao", 1), ""))
    first = day_index(date(2014, 2, 1))
    assert np.array_equal(paused.columns["ledger"][:first], usual.columns["ledger"][:first])
    assert not np.array_equal(paused.columns["ledger"][first:], usual.columns["ledger"][first:])


def test_a_closing_base_leaves_by_road() -> None:
    model = finished(plan_of(SHORT + f"shocks: {{withdrawal: {AWAY}}}\n"))
    kidal = model.plan.names.bases.index("Kidal")
    assert model.columns["base_evacuated"][kidal] == 1
    assert model.columns["base_strength"][kidal] == 0
