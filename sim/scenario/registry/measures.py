"""The measures that a mission can take: one row holds all that anything else says about one of them.

A process takes a measure as its argument ``lever_NAME``, by day and base (or region).  Reference levels are assumed
where no practice was published.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from sim.scenario.registry.base import Message, Row, by_name

Scope = Literal["base", "region"]
Per = Literal["soldier", "base", "country"]
NEW = "absent before it was introduced"


@dataclass(frozen=True, slots=True)
class Bound:
    """Persons that a unit of a measure binds every day: ``share`` times a parameter, per soldier, base or country."""

    per: Per
    share: float = 1.0
    parameter: str = ""  # none: 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure(Row):
    """A measure: the key of its level with unit and range, and the reference level, to which `off` sets it.

    ``strongest`` is the level of intensity 1 where that is not the maximum.  ``scope`` says whether single bases or
    only regions can have it.  ``source`` has keys of the mission's sources, separated by semicolons.  ``brief`` says
    in a line what it is; ``first`` is the place among the measures that are shown first, 0: behind them.  ``binds``:
    who is missing elsewhere, where that follows from the level alone.
    """

    key: str
    unit: str
    reference: float
    minimum: float
    maximum: float
    scope: Scope
    claim: str
    reference_note: str
    source: str
    strongest: float | None = None
    brief: str = ""
    first: int = 0
    binds: Bound | None = None

    @property
    def best(self) -> float:
        """The level of intensity 1."""
        return self.maximum if self.strongest is None else self.strongest

    @property
    def lever(self) -> str:
        """The column of its daily level."""
        return f"lever_{self.name}"

    def level(self, intensity: float) -> float:
        """The level at an intensity of 0 (reference) to 1 (best)."""
        return self.reference + intensity * (self.best - self.reference)

    def messages(self) -> Iterator[Message]:
        """Label, unit, claim and the line in brief."""
        yield from ((text, None) for text in (self.label, self.unit, self.claim, self.brief) if text)


_MEASURES = (
    Measure(
        name="training",
        label="training",
        key="days_per_month",
        unit="days a month in training",
        reference=1,
        minimum=0,
        maximum=6,
        scope="base",
        claim="Trained troops find more devices and lose fewer in an attack; the days are lost to other tasks",
        reference_note="ordinary training of a contingent in the field (assumed)",
        source="articles;sandiego_2011",
        brief="more days of training a month than is usual in the field",
        first=4,
        binds=Bound("soldier", 1 / 30),
    ),
    Measure(
        name="patrols",
        label="patrols",
        key="patrols_per_1000_per_day",
        unit="patrols a day per 1,000 troops",
        reference=3.2,
        minimum=0,
        maximum=12,
        scope="base",
        claim="Patrols reassure people and deter violence where they are seen; they also expose the patrols",
        reference_note="the 45 patrols a day of 2013-14, held at 14,000 troops",
        source="maliweb_patrols;abamako_2016;journaldumali_patrols;informateur_2020;fhn_2019;hks_2013;nomikos",
        brief="more patrols per soldier than in 2013-14",
        first=5,
        binds=Bound("soldier", 1 / 1000, "patrol_persons"),
    ),
    Measure(
        name="route_clearance",
        label="route clearance",
        key="share_of_convoy_km",
        unit="share of convoys, and so of their km, cleared ahead",
        reference=0,
        minimum=0,
        maximum=1,
        scope="base",
        claim="Inspecting the road before trucks drive on it finds devices, and slows the convoy",
        reference_note=NEW,
        source="usatoday_2011;newslk_2020;unmas_2014",
        brief="roads inspected before trucks drive on them",
        first=1,
    ),
    Measure(
        name="convoy_escort",
        label="convoy escort",
        key="vehicles_per_escort",
        unit="armed vehicles in an escort",
        reference=2,
        minimum=0,
        maximum=12,
        scope="base",
        claim="Stronger escorts deter ambushes and shorten them; they bind combat troops",
        reference_note="light escorts before combat convoy companies arrived (assumed)",
        source="egypt_ccc;slarmy_ccc;articles",
        brief="combat convoy companies: more armed vehicles per escort",
        first=2,
    ),
    Measure(
        name="drills",
        label="drills",
        key="drills_per_month",
        unit="drills a month",
        reference=0.5,
        minimum=0,
        maximum=8,
        scope="base",
        claim="Units that rehearse react faster and lose fewer; what was rehearsed is forgotten again",
        reference_note="a drill every other month (assumed)",
        source="articles",
        brief="rehearsals and drills more often",
        first=3,
        binds=Bound("soldier", 1 / 30, "drill_day_length"),
    ),
    Measure(
        name="joint_patrols",
        label="joint patrols",
        key="share_of_patrols",
        unit="share of patrols with national forces",
        reference=0,
        minimum=0,
        maximum=0.5,
        scope="base",
        claim="Where national forces stand, patrols go with them: town attacks are stopped, and the parties attract "
        "attacks",
        reference_note=NEW,
        source="unpol_2018;menaka_joint;sahelec_2017",
    ),
    Measure(
        name="checkpoints",
        label="checkpoints",
        key="checkpoints_per_day",
        unit="checkpoints a day at a base",
        reference=0,
        minimum=0,
        maximum=20,
        scope="base",
        claim="Inspecting vehicles stops large attacks on the camp and its town",
        reference_note=NEW,
        source="informateur_2020;articles",
        binds=Bound("base", 1.0, "checkpoint_persons"),
    ),
    Measure(
        name="equipment",
        label="equipment",
        key="protected_vehicle_share",
        unit="share of mine-protected vehicles",
        reference=0.15,
        minimum=0,
        maximum=0.95,
        scope="base",
        claim="Protected vehicles turn deaths by explosion into wounds",
        reference_note="re-hatted contingents of 2013 with few protected vehicles (assumed)",
        source="tacticallife_2010;unmas_2014;articles",
    ),
    Measure(
        name="base_protection",
        label="base protection",
        key="hardening",
        unit="share of full protection",
        reference=0.2,
        minimum=0,
        maximum=1,
        scope="base",
        claim="Shelters, walls and warning make shells and assaults on camps less deadly",
        reference_note="tents and earth walls of the first years (assumed)",
        source="malilink",
        binds=Bound("soldier", 1.0, "guard_per_hardening"),
    ),
    Measure(
        name="medevac",
        label="medical evacuation",
        key="launch_delay_minutes",
        unit="minutes from call to take-off",
        reference=120,
        minimum=15,
        maximum=360,
        strongest=15,
        scope="base",
        claim="The sooner the wounded are treated the fewer of them die",
        reference_note="launch approved at headquarters (assumed)",
        source="bmj_2021;kotwal_2016;bmj_1012;globe_2018;civic_2020",
    ),
    Measure(
        name="quick_reaction",
        label="quick reaction",
        key="share_on_standby",
        unit="share of troops on standby",
        reference=0.02,
        minimum=0,
        maximum=0.25,
        scope="base",
        claim="Reinforcement within reach cuts an attack short; troops on standby do nothing else",
        reference_note="a section at the larger bases (assumed)",
        source="asil_2016;adf_2021",
        binds=Bound("soldier"),
    ),
    Measure(
        name="coordination",
        label="coordination",
        key="share_of_information",
        unit="share of information passed on",
        reference=0,
        minimum=0,
        maximum=1,
        scope="region",
        claim="Sharing information with national forces helps both find bands; it costs trust where those do harm",
        reference_note=NEW,
        source="articles;ucdp",
    ),
    Measure(
        name="information",
        label="information",
        key="coverage",
        unit="share of communities covered",
        reference=0.2,
        minimum=0,
        maximum=1,
        scope="base",
        claim="Mapping conflict and collecting reports brings more warnings of devices and attacks",
        reference_note="what patrols pick up without a system to collect it (assumed)",
        source="articles;nomikos",
        binds=Bound("base", 1.0, "analyst_persons"),
    ),
    Measure(
        name="protection_of_civilians",
        label="protection of civilians",
        key="share_of_patrols",
        unit="share of patrols in places at risk",
        reference=0,
        minimum=0,
        maximum=0.8,
        scope="base",
        claim="Patrols sent where civilians are at risk prevent killings there and are missed elsewhere",
        reference_note=NEW,
        source="fhn_2019;hks_2013;recalled;urdupoint_ogossagou",
    ),
    Measure(
        name="civil_projects",
        label="civil projects",
        key="projects_per_month",
        unit="projects a month at a base",
        reference=0,
        minimum=0,
        maximum=20,
        scope="base",
        claim="Projects for towns near a base raise trust, and with it the reports people make",
        reference_note=NEW,
        source="articles;malimetre_2023",
        binds=Bound("base", 1.0, "project_persons"),
    ),
    Measure(
        name="election_security",
        label="election security",
        key="share_of_troops",
        unit="share of troops on the days of a vote",
        reference=0,
        minimum=0,
        maximum=0.3,
        scope="base",
        claim="Troops at polling places keep a vote safe; other tasks wait",
        reference_note=NEW,
        source="articles;eisa_mali",
    ),
    Measure(
        name="disarmament",
        label="disarmament",
        key="fighters_per_month",
        unit="fighters a month, whole country",
        reference=0,
        minimum=0,
        maximum=300,
        scope="region",
        claim="Fighters of the signatory movements who enter the programme leave their bands",
        reference_note=NEW,
        source="recalled",
        binds=Bound("country", 1.0, "disarmament_persons"),
    ),
)

MEASURES = by_name(_MEASURES)

SHOWN_FIRST = tuple(
    sorted((name for name, row in MEASURES.items() if row.first), key=lambda name: MEASURES[name].first)
)
