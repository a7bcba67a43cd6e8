"""What is kept of every run beside its outcomes: the exposure, attacks and hits that a difference is made of."""

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from sim.missions import Mission
from sim.model.recorder import ACTIVITIES, LEDGER_ITEMS, RunRecord
from sim.results.panel import column, is_kind, is_tactic
from sim.scenario.registry import ITEMS

Mask = npt.NDArray[np.bool_]

TACTICS = ("ied", "ied_then_ambush", "direct_fire", "indirect_fire", "complex_attack")
TARGETS = {"patrols": "patrol", "convoys": "convoy", "camps": "camp"}  # plural of the column -> activity of the event
FLAGS = ("escorted", "cleared", "drilled", "joint")
COLUMNS = {name: (row.unit, row.definition) for name, row in ITEMS.items() if not row.stock}
PERPETRATORS = (
    "jihadist",
    "islamic_state",
    "signatory",
    "platform",
    "self_defence",
    "malian_forces",
    "partner_forces",
    "unknown",
)
STATE_SIDE = ("malian_forces", "partner_forces")


def _documented() -> dict[str, tuple[str, str]]:
    hit = "peacekeepers killed or wounded"
    rows = COLUMNS | {
        "finds": ("events", "searches that found devices"),
        "attacks_with_casualties": ("events", f"attacks on the mission with {hit}"),
        "attacks_with_deaths": ("events", "attacks on the mission with peacekeepers killed"),
        "peacekeepers_hit": ("persons", f"{hit} by malicious acts"),
    }
    rows |= {f"attacks_{name}": ("events", f"attacks on the mission by {name}") for name in TACTICS}
    for name in TARGETS:
        rows[f"attacks_on_{name}"] = ("events", f"attacks on {name} of the mission")
        rows[f"attacks_on_{name}_with_casualties"] = ("events", f"attacks on {name} of the mission with {hit}")
        rows[f"hit_on_{name}"] = ("persons", f"{hit} in attacks on {name}")
        rows[f"killed_on_{name}"] = ("persons", f"peacekeepers killed in attacks on {name}")
    rows |= {f"attacks_{flag}": ("events", f"attacks on the mission where the party was {flag}") for flag in FLAGS}
    rows |= {f"civilians_killed_by_{name}": ("persons", f"civilians killed by {name}") for name in PERPETRATORS}
    return rows


EXTRAS = _documented()  # name -> (unit, definition), in the order of the columns


def extras(record: RunRecord) -> dict[str, float]:
    """Every item of EXTRAS, as totals of the reported period."""
    values = {item: float(record.ledger[:, :, LEDGER_ITEMS.index(item)].sum()) for item in COLUMNS}
    values |= _attacks(record.events)
    values |= _civilians(record)
    return {name: float(values[name]) for name in EXTRAS}


def _attacks(events: npt.NDArray[np.int64]) -> dict[str, float]:
    attack = is_kind(events, "mission")
    killed = np.where(attack, column(events, "peacekeepers_killed"), 0)
    hit = np.where(attack, killed + column(events, "peacekeepers_wounded"), 0)
    values = {
        "finds": is_kind(events, "find").sum(),
        "attacks_with_casualties": (hit > 0).sum(),
        "attacks_with_deaths": (killed > 0).sum(),
        "peacekeepers_hit": hit.sum(),
    }
    values |= {f"attacks_{name}": (attack & is_tactic(events, name)).sum() for name in TACTICS}
    values |= {f"attacks_{flag}": (attack & (column(events, flag) == 1)).sum() for flag in FLAGS}
    for name, activity in TARGETS.items():
        here = attack & (column(events, "activity") == ACTIVITIES.index(activity))
        values[f"attacks_on_{name}"] = here.sum()
        values[f"attacks_on_{name}_with_casualties"] = (here & (hit > 0)).sum()
        values[f"hit_on_{name}"] = hit[here].sum()
        values[f"killed_on_{name}"] = killed[here].sum()
    return {name: float(value) for name, value in values.items()}


def _civilians(record: RunRecord) -> dict[str, float]:
    family = family_of(record.scenario.mission, record.names.actors)
    killed = np.bincount(
        column(record.events, "actor"), column(record.events, "civilians_killed"), len(record.names.actors)
    )
    return {
        f"civilians_killed_by_{name}": float(sum(killed[n] for n, own in enumerate(family) if own == name))
        for name in PERPETRATORS
    }


@lru_cache(maxsize=4)  # equal for all runs of a scenario, and tables are copied when they are read
def family_of(mission: Mission, actors: tuple[str, ...]) -> tuple[str, ...]:
    """The one of PERPETRATORS to which each actor belongs."""
    facts = mission.table("organisations")
    families: dict[str, str] = dict(zip(facts["organisation"], facts["family"], strict=True))
    families |= dict(zip(mission.facts.state_side, STATE_SIDE, strict=True))
    return tuple(families.get(actor, "unknown") for actor in actors)
