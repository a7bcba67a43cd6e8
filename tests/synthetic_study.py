"""A study with known truth, made without the model: for tests of what reads a study."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from sim.results.panel import OUTCOME_NAMES
from sim.scenario import loads
from sim.study.exposure import EXTRAS
from sim.study.frame import InMemory, StudyFrame
from tests.minusma import REGIONS

MEANS = {
    "peacekeepers_killed": 40.0,
    "peacekeepers_wounded": 150.0,
    "peacekeepers_died_other": 25.0,
    "contractors_killed": 12.0,
    "civilians_killed": 600.0,
    "civilians_wounded": 300.0,
    "civilians_displaced": 90_000.0,
    "internally_displaced": 80_000.0,
    "malian_forces_killed": 350.0,
    "partner_forces_killed": 15.0,
    "fighters_killed": 500.0,
    "attacks_on_mission": 220.0,
    "ied_incidents": 420.0,
    "ied_found": 110.0,
    "organised_violence_deaths": 1400.0,
    "convoys_completed": 900.0,
    "supply_shortfall": 4000.0,
    "personnel_days": 14e6,
    "patrol_days": 80_000.0,
    "convoy_km": 400_000.0,
    "effort_person_days": 9e6,
    "vehicle_days": 400_000.0,
    "flight_hours": 20_000.0,
    "treatment_minutes": 15_000.0,
}


def synthetic_study(
    effects: Mapping[str, Mapping[str, float]],
    replications: int = 100,
    seed: int = 1,
    shared: float = 0.8,
    draws: Mapping[str, Sequence[float]] | None = None,
    failed: Sequence[tuple[str, int]] = (),
    period: str = "{start: 2016-01-01, end: 2018-12-31}",
) -> StudyFrame:
    """variant -> {outcome or extra: factor on its mean}; the first variant is the baseline.

    ``shared`` is the share of the (log) variance of a run that variants have in common (the shared random numbers);
    the true difference of a variant is MEANS[outcome] * (factor - 1).  Totals are whole numbers, and equal the sums of
    the monthly panel.  ``draws`` become the columns of drawn quantities; they have no effect on the outcomes.
    """
    variants = tuple(effects)
    listed = ", ".join(f"{name}: {{}}" for name in variants)
    text = f"title: Synthetic\nperiod: {period}\nseed: {seed}\nbaseline: {variants[0]}\nvariants: {{{listed}}}"
    frame = StudyFrame(
        scenario=loads(text, "synthetic"),
        variants=variants,
        baseline=variants[0],
        runs=pd.DataFrame(),
        draws=pd.DataFrame(dict(draws or {}), index=pd.RangeIndex(replications, name="replication")),
        detail=InMemory((), ()),
    )
    rng = np.random.default_rng(seed)
    common = rng.normal(0, 0.3 * np.sqrt(shared), (replications, len(OUTCOME_NAMES)))
    rows, pieces, cells = [], [], []
    for variant in variants:
        for replication in range(replications):
            key = {"variant": variant, "replication": replication}
            if (variant, replication) in failed:
                rows.append({**key, "status": "failed", "stage": "run", "traceback": "ValueError: made to fail"})
                continue
            noise = common[replication] + rng.normal(0, 0.3 * np.sqrt(1 - shared), len(OUTCOME_NAMES))
            panel = _panel(rng, np.exp(noise - 0.3**2 / 2), effects[variant], len(frame.months))
            totals = panel.sum(axis=(0, 1))
            totals[OUTCOME_NAMES.index("internally_displaced")] = panel[-1, :, 7].sum()
            outcomes = dict(zip(OUTCOME_NAMES, totals, strict=True))
            rows.append({**key, "status": "done", "stage": "", "traceback": "", **outcomes, **_extras(outcomes)})
            pieces.append(_piece(key, panel, frame.months))
            cells.append(_cells(rng, key, frame.gids, outcomes))
    columns = ["variant", "replication", "status", "stage", "traceback", "seconds", *OUTCOME_NAMES, *EXTRAS]
    runs = pd.DataFrame(rows).assign(seconds=0.1).reindex(columns=columns)
    detail = InMemory((pd.concat(pieces, ignore_index=True),), (pd.concat(cells, ignore_index=True),))
    return StudyFrame(frame.scenario, variants, frame.baseline, runs, frame.draws, detail)


def _panel(rng: np.random.Generator, luck: np.ndarray, effects: Mapping[str, float], months: int) -> np.ndarray:
    """Whole numbers [month, region, outcome]; the stock is about its mean in every month."""
    weight = np.array([0.05, 1, 0.02, 1, 0.05, 2, 0.4, 0.02, 0.5])
    means = np.array([MEANS[name] * effects.get(name, 1.0) for name in OUTCOME_NAMES]) * luck
    share = np.outer(np.full(months, 1 / months), weight / weight.sum())[:, :, None] * means
    share[:, :, OUTCOME_NAMES.index("internally_displaced")] *= months
    return rng.poisson(share).astype(float)


def _extras(outcomes: Mapping[str, float]) -> dict[str, float]:
    """Extras that fit the outcomes, so that a decomposition multiplies to the total; others are zero."""
    hit = outcomes["peacekeepers_killed"] + outcomes["peacekeepers_wounded"]
    attacks = outcomes["attacks_on_mission"]
    found = {"patrols": outcomes["patrol_days"], "escorts": 4000.0, "peacekeepers_hit": hit}
    found |= {"attacks_with_casualties": float(np.floor(0.36 * attacks)), "civilians_killed_by_jihadist": 0.0}
    found["civilians_killed_by_jihadist"] = outcomes["civilians_killed"]
    return {name: found.get(name, 0.0) for name in EXTRAS}


def _piece(key: dict[str, object], panel: np.ndarray, months: Sequence[str]) -> pd.DataFrame:
    head = pd.MultiIndex.from_product([months, REGIONS], names=["month", "region"])
    wide = pd.DataFrame(panel.reshape(len(head), -1), columns=list(OUTCOME_NAMES), index=head).reset_index()
    return wide.assign(**key)


def _cells(
    rng: np.random.Generator, key: dict[str, object], gids: np.ndarray, outcomes: Mapping[str, float]
) -> pd.DataFrame:
    chosen = rng.choice(gids, 5, replace=False)
    split = {
        name: rng.multinomial(int(outcomes[name]), [0.2] * 5) for name in ("peacekeepers_killed", "civilians_killed")
    }
    return pd.DataFrame({"gid": chosen, **split}).assign(**key)
