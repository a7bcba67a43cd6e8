"""The measures a mission can take: what each is counted in and the level it is held against.

A literal, printed by `minusim list measures`.  Reference levels are assumed where no practice was published.
"""

from dataclasses import dataclass, field
from typing import Literal

from sim._util.immutable import FrozenMap

Scope = Literal["base", "region"]


@dataclass(frozen=True, slots=True)
class Measure:
    """A measure: its intensity key with unit and range, and what `off` means.

    ``best`` is the level of intensity 1; ``scope`` says whether single bases or only regions can have it.
    """

    name: str
    key: str
    unit: str
    reference: float
    minimum: float
    maximum: float
    scope: Scope
    claim: str
    reference_note: str
    best: float = field(default=-1.0)

    def __post_init__(self) -> None:
        if self.best < 0:
            object.__setattr__(self, "best", self.maximum)

    def level(self, intensity: float) -> float:
        """The level at an intensity of 0 (reference) to 1 (best)."""
        return self.reference + intensity * (self.best - self.reference)


NEW = "absent before it was introduced"

_ROWS = (
    Measure(
        "training", "days_per_month", "days a month in training", 1, 0, 6, "base",
        "Trained troops find more devices and lose fewer in an attack; the days are lost to other tasks",
        "ordinary training of a contingent in the field (assumed)",
    ),
    Measure(
        "patrols", "patrols_per_1000_per_day", "patrols a day per 1,000 troops", 3.2, 0, 12, "base",
        "Patrols reassure people and deter violence where they are seen; they also expose the patrols",
        "the 45 patrols a day of 2013-14, held at 14,000 troops",
    ),
    Measure(
        "route_clearance", "share_of_convoy_km", "share of convoys, and so of their km, cleared ahead", 0, 0, 1, "base",
        "Inspecting the road before trucks drive on it finds devices, and slows the convoy",
        NEW,
    ),
    Measure(
        "convoy_escort", "vehicles_per_escort", "armed vehicles in an escort", 2, 0, 12, "base",
        "Stronger escorts deter ambushes and shorten them; they bind combat troops",
        "light escorts before combat convoy companies arrived (assumed)",
    ),
    Measure(
        "drills", "drills_per_month", "drills a month", 0.5, 0, 8, "base",
        "Units that rehearse react faster and lose fewer; what was rehearsed is forgotten again",
        "a drill every other month (assumed)",
    ),
    Measure(
        "joint_patrols", "share_of_patrols", "share of patrols with national forces", 0, 0, 0.5, "base",
        "Where national forces stand, patrols go with them: town attacks are stopped, and the parties attract attacks",
        NEW,
    ),
    Measure(
        "checkpoints", "checkpoints_per_day", "checkpoints a day at a base", 0, 0, 20, "base",
        "Inspecting vehicles stops large attacks on the camp and its town",
        NEW,
    ),
    Measure(
        "equipment", "protected_vehicle_share", "share of mine-protected vehicles", 0.15, 0, 0.95, "base",
        "Protected vehicles turn deaths by explosion into wounds",
        "re-hatted contingents of 2013 with few protected vehicles (assumed)",
    ),
    Measure(
        "base_protection", "hardening", "share of full protection", 0.2, 0, 1, "base",
        "Shelters, walls and warning make shells and assaults on camps less deadly",
        "tents and earth walls of the first years (assumed)",
    ),
    Measure(
        "medevac", "launch_delay_minutes", "minutes from call to take-off", 120, 15, 360, "base",
        "The sooner the wounded are treated the fewer of them die",
        "launch approved at headquarters (assumed)",
        best=15,
    ),
    Measure(
        "quick_reaction", "share_on_standby", "share of troops on standby", 0.02, 0, 0.25, "base",
        "Reinforcement within reach cuts an attack short; troops on standby do nothing else",
        "a section at the larger bases (assumed)",
    ),
    Measure(
        "coordination", "share_of_information", "share of information passed on", 0, 0, 1, "region",
        "Sharing information with national forces helps both find bands; it costs trust where those do harm",
        NEW,
    ),
    Measure(
        "information", "coverage", "share of communities covered", 0.2, 0, 1, "base",
        "Mapping conflict and collecting reports brings more warnings of devices and attacks",
        "what patrols pick up without a system to collect it (assumed)",
    ),
    Measure(
        "protection_of_civilians", "share_of_patrols", "share of patrols in places at risk", 0, 0, 0.8,
        "base",
        "Patrols sent where civilians are at risk prevent killings there and are missed elsewhere",
        NEW,
    ),
    Measure(
        "civil_projects", "projects_per_month", "projects a month at a base", 0, 0, 20, "base",
        "Projects for towns near a base raise trust, and with it the reports people make",
        NEW,
    ),
    Measure(
        "election_security", "share_of_troops", "share of troops on the days of a vote", 0, 0, 0.3, "base",
        "Troops at polling places keep a vote safe; other tasks wait",
        NEW,
    ),
    Measure(
        "disarmament", "fighters_per_month", "fighters a month, whole country", 0, 0, 300, "region",
        "Fighters of the signatory movements who enter the programme leave their bands",
        NEW,
    ),
)  # fmt: skip

MEASURES: FrozenMap[str, Measure] = FrozenMap((row.name, row) for row in _ROWS)
