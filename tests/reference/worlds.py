"""The small worlds in which engine and readable model are held against each other."""

import numpy as np

from sim.model.plan import Plan
from sim.scenario import MEASURES
from tests.engine_support import with_columns, with_parameters
from tests.minusma import parameter_names

SMALL = """
extends: historical
settings: {persons_per_community: 1000000}
period: {start: 2013-07-01, end: 2014-02-28}
"""

# so many times the packaged value: everything that can happen does, within months
RAISED = {
    "device_rate": 8.0, "trigger_rate": 5.0, "ambush_rate": 8.0, "shelling_rate": 5.0, "complex_rate": 80.0,
    "urban_rate": 80.0, "clash_rate": 20.0, "killing_rate": 3.0, "partner_raid_rate": 10.0, "raid_rate": 5.0,
    "tip_rate": 5.0, "accident_rate": 50.0, "illness_rate": 50.0, "recruit_rate": 3.0, "split_size": 0.6,
    "stock_days": 0.5, "airlift_share": 0.3, "escort_deterrence": 3.0, "displacement_share": 3.0,
}  # fmt: skip


def crowded(packaged: Plan) -> Plan:
    """A plan in which everything happens: high rates, all measures, a closed hub, feuds, an end without an heir."""
    days = len(packaged.inputs["movement"])
    columns = {f"lever_{name}": packaged.inputs[f"lever_{name}"].copy() for name in MEASURES}
    for name, measure in MEASURES.items():
        columns[f"lever_{name}"][days // 2 :] = measure.level(1.0)
    for name in ("movement", "flights", "national_activity", "operations"):
        columns[name] = packaged.inputs[name].copy()
        columns[name][60:80] = 0.3
    columns["movement"][80:84] = 0.0
    columns["base_stock"] = np.full_like(packaged.start["base_stock"], 3000.0)
    columns["base_open"] = packaged.inputs["base_open"].copy()
    columns["base_open"][150:, [packaged.names.bases.index(name) for name in ("Gao", "Menaka")]] = 0
    columns["organisation_ended"] = packaged.inputs["organisation_ended"].copy()
    columns["organisation_ended"][packaged.names.actors.index("AQIM")] = 100
    columns["organisation_heir"] = packaged.inputs["organisation_heir"].copy()
    columns["organisation_heir"][packaged.names.actors.index("AQIM")] = -1
    columns["rivalry_start"] = np.minimum(packaged.inputs["rivalry_start"], 0)
    columns["national_kind"] = packaged.inputs["national_kind"].copy()
    columns["national_kind"][::5] = 2
    raised = {name: times * packaged.parameters[parameter_names().index(name)] for name, times in RAISED.items()}
    return with_parameters(with_columns(packaged, **columns), **raised)
