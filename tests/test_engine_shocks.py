"""Every shock of the registry, on against off, acts through its own mechanism."""

from collections.abc import Callable
from datetime import date

import pytest

from sim.clock import day_index
from sim.model import MissionModel
from sim.scenario import SHOCKS
from tests.engine_support import (
    count,
    differing,
    finished,
    ledger,
    plan_of,
)

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


def test_a_closing_base_leaves_by_road() -> None:
    model = finished(plan_of(SHORT + f"shocks: {{withdrawal: {AWAY}}}\n"))
    kidal = model.plan.names.bases.index("Kidal")
    assert model.columns["base_evacuated"][kidal] == 1
    assert model.columns["base_strength"][kidal] == 0
