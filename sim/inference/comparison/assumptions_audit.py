"""Audit of the assumptions behind a conclusion: the record, what is assumed, the deciding parameter, missing data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import stdtrit

from sim.inference.comparison.averages import normal_points
from sim.inference.comparison.pairs import Pairs, standardised
from sim.missions import Mission
from sim.missions.record import SERIES
from sim.scenario.assumptions import assumed_inputs
from sim.scenario.registry import MEASURES

if TYPE_CHECKING:
    from sim.scenario import Period, Scenario

FloatArray = npt.NDArray[np.float64]
Deciding = tuple[str, float]  # name of a drawn number, its rank correlation; empty where none stands out


@dataclass(frozen=True)
class AssumptionsAudit:
    """The assumptions behind one conclusion: a variant against the baseline in one outcome.

    record: what was observed in the period, in words.
    intensities: measures in force under either policy; their intensities are assumed.  changed: those that differ.
    drawn: number of uncertain parameters that were drawn.
    deciding: the drawn parameter with the largest rank correlation with the noise-averaged difference; empty if none
    is distinguishable from noise.
    flips_at: its value at which the average difference changes sign; None if there is none in the swept range.
    sd_ratio: its posterior over its prior standard deviation; None unless drawn from a posterior.
    needed_data: data that would resolve the uncertainty, in words.
    """

    variant: str
    outcome: str
    record: str
    intensities: tuple[str, ...]
    changed: tuple[str, ...]
    assumed_parameters: int
    drawn: int
    deciding: str
    rank_correlation: float
    flips_at: float | None
    sd_ratio: float | None
    needed_data: str


def audit_conclusions(pairs: Pairs, deciding: Mapping[str, Deciding]) -> list[AssumptionsAudit]:
    """One audit per outcome of a variant.  ``deciding``: outcome -> result of ``deciding_draw``."""
    scenario = pairs.frame.scenario
    base, own = (variant_scenario(scenario, name) for name in (pairs.frame.baseline, pairs.variant))
    here, there = assumed_inputs(own), assumed_inputs(base)
    return [
        AssumptionsAudit(
            variant=pairs.variant,
            outcome=outcome,
            record=record_text(scenario, outcome),
            intensities=tuple(dict.fromkeys((*there.measures, *here.measures))),
            changed=tuple(name for name in MEASURES if base.measures[name] != own.measures[name]),
            assumed_parameters=len(here.parameters),
            drawn=len(pairs.draws.columns),
            **_deciding_fields(pairs, outcome, *decided),
        )
        for outcome, decided in deciding.items()
    ]


def _deciding_fields(pairs: Pairs, outcome: str, name: str, correlation: float) -> dict[str, Any]:
    flips_at = sign_change(pairs.draws[name].to_numpy(), _change(pairs, outcome)) if name else None
    scenario = pairs.frame.scenario
    ratio = posterior_narrowing(scenario.mission, name) if scenario.uncertainties.kind == "posterior" else None
    return {
        "deciding": name,
        "rank_correlation": correlation,
        "flips_at": flips_at,
        "sd_ratio": ratio,
        "needed_data": needed_datum(scenario.mission, name),
    }


def variant_scenario(scenario: Scenario, variant: str) -> Scenario:
    """The scenario as this variant; itself where the variant is not among its own."""
    return scenario.variant(variant) if variant in scenario.variants else scenario


@cache
def posterior_narrowing(mission: Mission, name: str) -> float | None:
    """Posterior over prior standard deviation of a drawn number: 1 for intensities, which no record speaks about."""
    if name.startswith("measures."):
        return 1.0
    return mission.posterior().narrowing(name, mission.parameters) if name else None


def deciding_draw(pairs: Pairs, outcome: str) -> Deciding:
    """The drawn number that the noise-averaged difference follows most, and their rank correlation.

    Empty where the paired differences themselves do not follow it more closely than the closest of as many unrelated
    numbers would in 95 % of studies.
    """
    (names, ranks), change = pairs.ranks, _change(pairs, outcome)
    if not names or len(change) < 4 or np.ptp(change) == 0:
        return "", float("nan")
    known = pairs.average(change).noise_averaged
    if np.ptp(known) == 0:  # the deviation of equal numbers may not be zero
        return "", float("nan")
    following = (ranks * _ranked(known)[:, None]).sum(axis=0)
    most = int(np.abs(following).argmax())
    plain = float(ranks[:, most] @ _ranked(change))
    least = stdtrit(len(change) - 2, 1 - 0.025 / len(names)) / np.sqrt(len(change) - 1)
    return (names[most], float(following[most])) if abs(plain) > least else ("", float("nan"))


def _ranked(values: FloatArray) -> FloatArray:
    return standardised(pd.Series(values).rank().to_numpy())


def sign_change(drawn: FloatArray, change: FloatArray) -> float | None:
    """The drawn value at which the average of ``change`` is zero, all else on average; None outside the swept range.

    A line through the differences over the normal scores of the ranks, so that the scale of the number does not matter.
    """
    order = np.argsort(drawn, kind="stable")
    curve = normal_points(len(drawn))
    slope, middle = np.polyfit(curve, change[order], 1)
    if slope == 0 or not curve[0] <= -middle / slope <= curve[-1]:
        return None
    return float(np.interp(-middle / slope, curve, drawn[order]))


def needed_datum(mission: Mission, name: str) -> str:
    """The datum that would settle a conclusion that depends on this number."""
    if not name:
        return ""
    row = mission.parameters.get(name)
    if row is not None:
        return f"a published figure for {name} ({row.note}; {row.unit}), now between {row.low:g} and {row.high:g}"
    measure = MEASURES.get(name.split(".")[1]) if name.startswith("measures.") else None
    return f"dated levels of {measure.name} ({measure.unit})" if measure else f"the true {name}"


_SUMMARIES: dict[str, Callable[[Any], float]] = {
    "total": lambda seen: float(seen["value"].sum()),
    "stock": lambda seen: float(seen["value"].iloc[-1]),
}


def record_text(scenario: Scenario, outcome: str) -> str:
    """What was observed of an outcome over the period, in words."""
    if not has_series(outcome):
        return "no series of it in the record"
    seen = observed(scenario, outcome)
    if seen is None:
        return "nothing in the record for this period"
    value, first, last = seen
    series = SERIES[outcome]
    return f"{value:,.0f} {series.unit}, {first} to {last} ({series.definition})"


def has_series(outcome: str) -> bool:
    """Whether the record has a series of an outcome that one number can summarise."""
    return outcome in SERIES and SERIES[outcome].measure in _SUMMARIES


def observed(scenario: Scenario, outcome: str) -> tuple[float, str, str] | None:
    """What the record has of an outcome in the period, its first and last month (``YYYY-MM``); None for nothing."""
    return _observed(scenario.mission, scenario.period, outcome)


@cache
def _observed(mission: Mission, period: Period, outcome: str) -> tuple[float, str, str] | None:
    if not has_series(outcome):
        return None
    series = SERIES[outcome]
    seen = series.observations(mission)
    start, end = pd.Timestamp(period.start), pd.Timestamp(period.end)
    column = "end" if series.measure == "stock" else "start"
    inside = seen[(seen[column] >= start) & (seen["end"] <= end)]
    if inside.empty:
        return None
    first, last = inside[column].iloc[0], inside["end"].iloc[-1]
    return _SUMMARIES[series.measure](inside), f"{first:%Y-%m}", f"{last:%Y-%m}"


def _change(pairs: Pairs, outcome: str) -> FloatArray:
    return pairs.values(outcome) - pairs.baseline(outcome)
