"""Settings in which a comparison must not repeat what its author believes, and a study that runs under one.

A setting says how effects are drawn, which may lie outside the range that a scenario may set (an effect of zero where
the packaged range begins above it, or one of the other sign), and by how much the latent threat falls in 2018.  The
scenario door refuses such values on purpose; here they enter as draws of the study, behind the door.
"""

import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property, lru_cache
from pathlib import Path

import yaml

from sim.calibration.mission import CLOCK, MISSION
from sim.missions.parameters import Prior
from sim.model.plan import Plan
from sim.scenario import Scenario, load, loads
from sim.study import Study, StudyFrame
from sim.study.draws import Draws, Quantity
from sim.study.study import Progress
from sim.study.task import Blueprint

FIRST, LAST = "2016-01-01", "2018-12-31"
FALL = CLOCK.day_index(date(2018, 1, 1))
REMAINS = 1 / 3  # of the tempo of armed groups in 2018 where the threat falls
NEAR_ZERO = 0.1  # sceptical effects: drawn between nothing and this share of the stated value
WAR = ("ambush_rate", "complex_rate", "device_rate", "shelling_rate")  # drawn in every setting, effects or not
WAR_RANGE = (0.7, 1.4)  # of the packaged value


@dataclass(frozen=True)
class Effect:
    """A number through which one of the five measures is supposed to help.

    ``mirror``: the largest size that it may have with the other sign; 0 where its rule knows no other sign.
    """

    name: str
    measure: str
    mirror: float = 0.0


EFFECTS = (
    Effect("training_effect", "training", 0.8),
    Effect("notice_training_gain", "training", 0.8),
    Effect("find_training_gain", "training"),
    Effect("first_aid_training_gain", "training", 0.5),
    Effect("drill_effect", "drills", 1.2),
    Effect("presence_deterrence", "patrols", 0.2),
    Effect("fear_relief", "patrols"),
    Effect("flight_presence_effect", "patrols"),
    Effect("return_presence_gain", "patrols"),
    Effect("trust_presence", "patrols"),
    Effect("witness_effect", "patrols", 0.4),
    Effect("notice_probability", "patrols"),
    Effect("tip_rate", "patrols"),  # no warnings at all: contact with patrols is how they come
    Effect("find_probability", "route_clearance"),
    Effect("escort_deterrence", "convoy_escort", 0.25),
    Effect("ambusher_loss", "convoy_escort"),  # drilled troops and escorts kill attackers
    Effect("ambusher_loss_escort", "convoy_escort"),
)

OFF = {
    "as_reported": (),
    "none": ("training", "patrols", "route_clearance", "convoy_escort", "drills"),
    "unprepared": ("training", "drills"),
    "without_patrols": ("patrols",),
    "without_escorts": ("convoy_escort",),
}
OUTCOMES = ("peacekeepers_killed", "peacekeepers_wounded", "civilians_killed")


def scenario(first_day: str = FIRST, last_day: str = LAST, variants: Sequence[str] = tuple(OFF)) -> Scenario:
    """`measures_2018` with some of the variants of OFF, the first being the baseline; ScenarioError for bad days."""
    tree = yaml.safe_load(load("measures_2018").to_yaml())
    tree |= {
        "title": "The five measures under altered effects",
        "period": {"start": first_day, "end": last_day},
        "baseline": variants[0],
        "variants": {name: {"measures": dict.fromkeys(OFF[name])} if OFF[name] else {} for name in variants},
        "outcomes": list(OUTCOMES),
        "uncertainties": "point",
    }
    return loads(yaml.safe_dump(tree, sort_keys=False), "placebo test")


@dataclass(frozen=True)
class Setting:
    """How effects are drawn (name -> law), and what is left of the threat in 2018 (share of the tempo)."""

    name: str
    claim: str
    effects: Mapping[str, Quantity] = field(default_factory=dict)
    remains: float = 1.0

    @cached_property
    def quantities(self) -> tuple[Quantity, ...]:
        """All that is drawn, the tempo of the war included."""
        return (*_war(), *self.effects.values())

    @cached_property
    def identity(self) -> str:
        """sha256 over everything that decides the runs of the setting."""
        return hashlib.sha256(repr((self.quantities, self.remains)).encode()).hexdigest()

    def altered(self, plan: Plan) -> Plan:
        """The plan with the threat of 2018 as it is here."""
        if self.remains == 1.0:
            return plan
        mean = plan.inputs["threat_mean"].copy()
        mean[FALL:] += math.log(self.remains)
        return replace(plan, inputs=plan.inputs | {"threat_mean": mean})


class AlteredStudy(Study):
    """A study of the scenario under a setting; its folder is named after both, and is taken for no other study's."""

    def __init__(
        self, setting: Setting, known: Scenario, folder: Path | None, replications: int, workers: int = 1
    ) -> None:
        name = f"{setting.name}-{hashlib.sha256((setting.identity + known.hash).encode()).hexdigest()[:8]}"
        super().__init__(known, None if folder is None else folder / name, replications, workers)
        self.setting = setting

    @cached_property
    def blueprint(self) -> Blueprint:
        """Plans and draws of the setting."""
        made = _planned(self.scenario)
        able = {name: self.setting.altered(plan) for name, plan in made.plans.items() if isinstance(plan, Plan)}
        plans = {name: able.get(name, plan) for name, plan in made.plans.items()}
        return replace(made, plans=plans, draws=self._draws)

    @property
    def _draws(self) -> Draws:
        return Draws(self.scenario.seed, self.setting.quantities, self.setting.identity)

    def frame(self) -> StudyFrame:
        """The finished runs, with the draws of the setting."""
        return self._with_draws(super().frame())

    def run(self, progress: Progress | None = None, until: Mapping[str, float] | None = None) -> StudyFrame:
        """Run what is missing and return the frame."""
        return self._with_draws(super().run(progress, until))

    def _with_draws(self, frame: StudyFrame) -> StudyFrame:
        return replace(frame, draws=self._draws.frame(frame.replications))


@lru_cache(maxsize=2)
def _planned(known: Scenario) -> Blueprint:
    """Plans cost half a second each and are the same in every setting but for the threat."""
    return Blueprint.build(known)


def constant(name: str, value: float) -> Quantity:
    """A number that is the same in every replication."""
    return uniform(name, value, value)


def uniform(name: str, low: float, high: float) -> Quantity:
    """A number drawn evenly from a range."""
    return Quantity(name, Prior("uniform", low, low, high))


def stated() -> dict[str, Quantity]:
    """Effects as the table of parameters states them, range and shape."""
    rows = MISSION.parameters
    return {effect.name: Quantity(effect.name, rows[effect.name].law) for effect in EFFECTS}


def inert() -> dict[str, Quantity]:
    """No effect of any of the five measures."""
    return {effect.name: constant(effect.name, 0.0) for effect in EFFECTS}


def sceptical() -> dict[str, Quantity]:
    """Effects near zero."""
    rows = MISSION.parameters
    return {effect.name: uniform(effect.name, 0.0, NEAR_ZERO * rows[effect.name].value) for effect in EFFECTS}


def mirrored() -> dict[str, Quantity]:
    """Effects of the other sign where a rule has one, none elsewhere."""
    rows, drawn = MISSION.parameters, inert()
    for effect in EFFECTS:
        row = rows[effect.name]
        if effect.mirror:
            size = min(row.high, effect.mirror)
            drawn[effect.name] = Quantity(effect.name, Prior("triangular", -size, -min(row.law.mode, size), 0.0))
    return drawn


def _war() -> tuple[Quantity, ...]:
    rows = MISSION.parameters
    return tuple(uniform(name, *(share * rows[name].value for share in WAR_RANGE)) for name in WAR)


def _upper(name: str) -> Quantity:
    """The upper tenth of a packaged range."""
    row = MISSION.parameters[name]
    return uniform(name, row.high - 0.1 * (row.high - row.low), row.high)


def settings() -> tuple[Setting, ...]:
    """Every setting of the placebo tests, in the order of the page."""
    provoking = {name: _upper(name) for name in ("police_provocation", "joint_exposure", "patrol_km", "trigger_rate")}
    provoking |= {name: mirrored()[name] for name in ("presence_deterrence", "witness_effect")}
    learning = ("learning_rate", "learning_deterred", "learning_limit", "weight_limit", "charge_response")
    restless = {name: _upper(name) for name in learning}
    moved = {"forgetting": 0.0, "displacement_share": 1.0, "training_effect": 0.0, "drill_effect": 0.0}
    restless |= {name: constant(name, value) for name, value in moved.items()}
    room = {name: constant(name, 0.0) for name in ("overhead_share", "guard_share")}
    return (
        Setting("stated", "effects as the table of parameters states them", stated()),
        Setting("inert", "no effect, and a threat that falls to a third in 2018", inert(), REMAINS),
        Setting("roomy", "the same, and people to spare for everything", inert() | room, REMAINS),
        Setting("sceptical", "effects between nothing and a tenth of the stated value", sceptical()),
        Setting("mirrored", "effects of the other sign where a rule has one, none elsewhere", mirrored()),
        Setting("provoking",
                "stated effects, but patrols draw attacks on themselves and on civilians where they should deter them",
                stated() | provoking),
        Setting("displaced",
                "who is deterred strikes others, devices found are laid again, troops grow no harder to hurt",
                stated() | restless),
    )  # fmt: skip
