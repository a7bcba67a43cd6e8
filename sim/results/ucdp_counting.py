"""How sources see what happens: UCDP counts an actor only from 25 deaths in a calendar year.

Attacks on the mission are seen through the parameters ``reporting_share_<tactic>``.
"""

import numpy as np

from sim.model.recorder import EVENT_FIELDS, KINDS, RunRecord

UCDP_THRESHOLD = 25  # deaths per dyad (here: per organised actor) and calendar year; source: UCDP definitions
DEATHS = ("civilians_killed", "malian_forces_killed", "partner_forces_killed", "fighters_killed")


def reported_deaths(record: RunRecord, kind: str, year: int) -> int:
    """Deaths of a type of violence (state_based, non_state, one_sided) that UCDP would count in a calendar year.

    The event row names one actor, so the threshold is per actor where UCDP's is per dyad.  Deaths of the mission are
    not among them.
    """
    events = record.events
    epoch = np.datetime64(record.scenario.mission.first_day)
    years = (epoch + events[:, EVENT_FIELDS.index("day")]).astype("datetime64[Y]").astype(int) + 1970
    chosen = events[(years == year) & (events[:, EVENT_FIELDS.index("kind")] == KINDS.index(kind))]
    deaths = chosen[:, [EVENT_FIELDS.index(name) for name in DEATHS]].sum(axis=1)
    by_actor = np.bincount(chosen[:, EVENT_FIELDS.index("actor")], deaths, minlength=1)
    return int(by_actor[by_actor >= UCDP_THRESHOLD].sum())
