"""The tables of a mission pack: which there are, their columns, and what a value may be.

A row is checked as text from its file.  A column of type ``Of`` holds names of something else in the pack.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, create_model

UNIT_KINDS = ("infantry", "combat_convoy", "engineers", "formed_police", "reconnaissance", "quick_reaction", "support")
TACTICS = ("ied", "ied_then_ambush", "direct_fire", "indirect_fire", "complex_attack")


@dataclass(frozen=True)
class Of:
    """Marks a column of names: of a base, region, town, organisation, force, contributor or cell."""

    what: str
    empty: bool = False  # whether there may be none


def _absent(value: Any) -> Any:
    return None if value == "" else value


Day = date
DayOrNone = Annotated[date | None, BeforeValidator(_absent)]
Number = Annotated[float, Field(allow_inf_nan=False)]
NumberOrNone = Annotated[Number | None, BeforeValidator(_absent)]
Count = Annotated[float, Field(ge=0, allow_inf_nan=False)]
CountOrNone = Annotated[Count | None, BeforeValidator(_absent)]
Share = Annotated[float, Field(ge=0, le=1)]
Lat = Annotated[float, Field(ge=-90, le=90)]
Lon = Annotated[float, Field(ge=-180, le=180)]
Flag = Annotated[int, Field(ge=0, le=1)]
Text = Annotated[str, Field(min_length=1)]
Month = Annotated[str, Field(pattern="^[0-9]{4}-(0[1-9]|1[0-2])$")]
Status = Literal["reported", "calibrated", "assumed"]
Base = Annotated[str, Of("base")]
BaseOrNone = Annotated[str, Of("base", empty=True)]
RegionName = Annotated[str, Of("region")]
RegionOrNone = Annotated[str, Of("region", empty=True)]
Town = Annotated[str, Of("town")]
Organisation = Annotated[str, Of("organisation")]
OrganisationOrNone = Annotated[str, Of("organisation", empty=True)]
Force = Annotated[str, Of("force")]
Contributor = Annotated[str, Of("contributor")]
Cell = Annotated[int, Of("cell")]
PriorText = Annotated[str, Field(pattern=r"^(triangular(\([-0-9.e]+\))?|loguniform|uniform|)$")]


class Row(BaseModel):
    """A row; columns beside those named here are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True)


@dataclass(frozen=True)
class Table:
    """A table: the type of its rows, whether a pack must have it, and the columns that name a row once."""

    name: str
    row: type[Row]
    required: bool
    key: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """All columns in order."""
        return tuple(field.alias or name for name, field in self.row.model_fields.items())

    @property
    def needed(self) -> tuple[str, ...]:
        """The columns that the file must have."""
        return tuple(field.alias or name for name, field in self.row.model_fields.items() if field.is_required())

    def names(self) -> Mapping[str, Of]:
        """Column -> what its values are names of."""
        marks = {field.alias or name: field.metadata for name, field in self.row.model_fields.items()}
        found = {name: [mark for mark in given if isinstance(mark, Of)] for name, given in marks.items()}
        return {name: given[0] for name, given in found.items() if given}


def _table(name: str, columns: Mapping[str, Any], *, required: bool = True, key: tuple[str, ...] = ()) -> Table:
    """A table with these columns; those of provenance (low, high, status, source, note) may be left out."""
    provenance: dict[str, Any] = {
        "low": (NumberOrNone, None),
        "high": (NumberOrNone, None),
        "status": (Status, "assumed"),
        "source": (str, ""),
        "note": (str, ""),
    }
    # 'from' cannot be an attribute in Python
    made: dict[str, Any] = {
        "from_" if column == "from" else column: (kind, Field(..., alias=column)) for column, kind in columns.items()
    }
    return Table(name, create_model(name, __base__=Row, **provenance, **made), required, key)


_HELD = {"place": Text, "gid": Cell, "region": RegionName, "from": Day, "to": DayOrNone, "share": Share}
_YEAR_COUNTS = {"year": int, "attacks": Count}

TABLES: Mapping[str, Table] = {
    table.name: table
    for table in (
        _table("authorised", {"date": Day, "resolution": Text, "military": Count, "police": Count, "total": Count},
               required=False),
        _table("bases", {"base": Text, "town": Town, "lat": Lat, "lon": Lon, "gid": Cell, "region": RegionName,
                         "sector": str, "hub": BaseOrNone, "opened": Day, "closed": DayOrNone,
                         "closure_order": CountOrNone, "hospital": Flag, "helicopters": Flag}, key=("base",)),
        _table("cells", {"gid": int, "row": int, "col": int, "lat": Lat, "lon": Lon, "region": RegionName,
                         "region_new": str, "area_km2": Count, "share_inside": Share, "localities": Count,
                         "population": Count}, key=("gid",)),
        _table("contingents", {"year": int, "base": Base, "contributor": Text, "kind": Literal[UNIT_KINDS],
                               "share": Share}, key=("year", "base", "contributor", "kind")),
        _table("contributor_exits", {"contributor": Contributor, "date": Day, "personnel": Count}, required=False,
               key=("contributor",)),
        _table("contributors", {"contributor": Text, "year": int, "personnel": Count}, required=False),
        _table("corridor_cells", {"corridor": Text, "from_town": Text, "to_town": Text, "gid": Cell, "km": Count},
               required=False),
        _table("corridors", {"corridor": Text, "from_town": Text, "to_town": Text, "from_lat": Lat, "from_lon": Lon,
                             "to_lat": Lat, "to_lon": Lon, "km": Count, "surface": Text, "confidence": str},
               key=("from_town", "to_town")),
        _table("dated_events", {"key": Text, "kind": Text, "start": Day, "end": DayOrNone, "place": str,
                                "value": NumberOrNone}, required=False, key=("key",)),
        _table("garrisons", _HELD),
        _table("organisation_homes", {"organisation": Organisation, "town": Town, "weight": Count},
               key=("organisation", "town")),
        _table("organisations", {"organisation": Text, "family": Text, "founded": Day, "ended": DayOrNone,
                                 "merges_into": OrganisationOrNone, "fighters": Count, "typical_band": Count},
               key=("organisation",)),
        _table("other_forces", {"force": Force, "date": Day, "strength": Count}, key=("force", "date")),
        _table("parameters", {"name": Text, "value": Number, "unit": str, "prior": PriorText},
               required=False, key=("name",)),
        _table("partner_bases", {"force": Force, **_HELD}, required=False),
        _table("planned_strength", {"date": Day, "uniformed": Count}, key=("date",)),
        _table("population_region", {"year": int, "region": RegionName, "population": Count}, key=("year", "region")),
        _table("record_attack_days", {"date": Day, "region": RegionOrNone, "tactic": Literal[TACTICS], "killed": Count,
                                      "wounded": Count}, required=False),
        _table("record_attacks", {"year": int, "tactic": Literal[TACTICS], "attacks": Count, "killed": Count,
                                  "wounded": Count, "attacks_with_killed": Count, "attacks_with_casualty": Count},
               required=False, key=("year", "tactic")),
        _table("record_attacks_region", {"year": int, "region": RegionName, "attacks": Count}, required=False,
               key=("year", "region")),
        _table("record_deaths_contingent", {"start": Day, "end": Day, "contingent": Text, "killed": Count,
                                            "person_years": Count}, required=False, key=("contingent",)),
        _table("record_deaths_month", {"month": Month, "malicious": Count, "accident": Count, "illness": Count,
                                       "other": Count}, required=False, key=("month",)),
        _table("record_deaths_region", {"start": Day, "end": Day, "region": RegionName, "share": Share},
               required=False, key=("start", "region")),
        _table("record_displaced", {"date": Day, "displaced": Count}, required=False, key=("date",)),
        _table("record_fatal_days", {"date": Day, "killed": Count}, required=False, key=("date",)),
        _table("record_ied", {"year": int, "incidents": CountOrNone, "killed": CountOrNone, "wounded": CountOrNone},
               required=False, key=("year",)),
        _table("record_patrols", {"start": Day, "end": Day, "patrols_per_day": CountOrNone,
                                  "escorts_per_week": CountOrNone}, required=False, key=("start",)),
        _table("record_ucdp_month", {"month": Month, "deaths": Count}, required=False, key=("month",)),
        _table("record_ucdp_year", {"year": int, "state_based": Count, "non_state": Count,
                                    "one_sided_government": Count, "one_sided_nonstate": Count, "civilians": Count,
                                    "total": Count}, required=False, key=("year",)),
        _table("record_wounded", {"date": Day, "wounded": Count}, required=False, key=("date",)),
        _table("rivalries", {"a": Organisation, "b": Organisation, "start": Day, "end": DayOrNone}, required=False),
        _table("sources", {"key": Text, "citation": Text, "address": str, "licence": Text}, required=False,
               key=("key",)),
        _table("strength", {"date": Day, "uniformed": Count}, key=("date",)),
        _table("threat_path", {"region": RegionName, "year": int, "value": Number}, key=("region", "year")),
        _table("towns", {"town": Text, "lat": Lat, "lon": Lon, "gid": Cell, "region": RegionName,
                         "population": CountOrNone}, key=("town",)),
    )
}  # fmt: skip
POSTERIORS = ("posterior", "posterior_training")  # tables of drawn sets; sim.missions.posterior reads them
