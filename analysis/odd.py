"""The generated sections of the ODD+D description: tables in Markdown, each from the part of the code that decides.

``make generate`` writes them into ``docs/odd.md``, ``docs/columns.md`` and ``docs/parameters.md``; all else in these
pages is written by hand.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from functools import cache, partial
from pathlib import Path

from analysis.process_draws import draws_of
from sim.calibration.mission import MISSION
from sim.calibration.observation import observations
from sim.calibration.observation.simulated import __doc__ as observation_models
from sim.missions.parameters import Parameter
from sim.model import plan
from sim.model.plan import Plan
from sim.model.streams import STREAMS_PER_PROCESS
from sim.model.tables import COLUMNS, Column
from sim.scenario import MEASURES, load
from sim.scenario.registry import OUTCOMES, PROCESSES, SHOCKS, Process, users_of
from sim.validation.patterns import PATTERNS

STATUS = {"reported": "r", "calibrated": "c", "assumed": "a"}
# parameters that no process takes: what does
ELSEWHERE = dict.fromkeys(plan.PLAN_PARAMETERS, "initialisation")
REPORTING = "reporting_share_"
INPUT_ROW = re.compile(r"^\| `(?P<file>[^`]+)` \|(?P<cells>.*)\|$", re.MULTILINE)

ENTITIES = {
    "region": "region",
    "cell": "cell",
    "base": "base",
    "route": "supply route",
    "ring": "patrol area",
    "unit": "unit of the mission",
    "convoy": "convoy",
    "trip": "trip",
    "organisation": "organisation",
    "rivalry": "organisation",
    "band": "band",
    "scheduled": "band",
    "national": "national unit",
    "community": "community",
    "lever": "measure",
}
PLACE_AND_DAY = "environment"
BOOKS = ("events", "event_count", "event_today", "ledger", "balance")
SCRATCH = (
    "step_utility", "trip_count", "trip_chance", "band_chance", "cell_chance", "cell_crowd", "cell_crowd_ratio",
    "ring_near", "ring_reached",
)  # fmt: skip


def entity_of(column: Column) -> str:
    """The entity that a column describes; politics and calendar are the environment."""
    if column.name in BOOKS or column.name in SCRATCH:
        return "books"
    dated = column.shape[0] == "days" and not column.name.startswith(("lever_", "base_"))
    return PLACE_AND_DAY if dated else ENTITIES[column.name.partition("_")[0]]


def by_entity() -> dict[str, list[Column]]:
    """Every column, grouped; entities in the order of their first column."""
    groups: dict[str, list[Column]] = {}
    for column in COLUMNS.values():
        groups.setdefault(entity_of(column), []).append(column)
    return groups


def entities() -> str:
    """One row per entity: how many there are, its state variables and its inputs."""
    rows = [
        (entity, _extent(entity), _names(c for c in group if not c.input), _names(c for c in group if c.input))
        for entity, group in by_entity().items()
    ]
    return _table(("entity", "number", "state variables", "inputs"), rows)


def columns() -> str:
    """Every column of every entity."""
    head = ("column", "", "shape", "unit", "meaning")
    return "\n\n".join(
        f"## {entity[0].upper()}{entity[1:]}\n\n" + _table(head, [_column(column) for column in group])
        for entity, group in by_entity().items()
    )


def schedule() -> str:
    """Phases and processes in the order in which they run."""
    return _table(
        ("phase", "process", "claim", "measures that act in it"),
        [
            (process.phase if process == _first(process.phase) else "", _link(process.name), process.claim,
             _code(process.measures))
            for process in PROCESSES
        ],
    )  # fmt: skip


def process(process: Process) -> str:
    """Claim, source and parameters of one process."""
    rows = MISSION.parameters
    taken = "; ".join(_short(rows[name]) for name in process.arguments if name in rows)
    measures = f"\n>\n> **Measures:** {_code(process.measures)}" if process.measures else ""
    return (
        f"> **Claim** (phase {process.phase}): {process.claim}\n>\n> **Source:** {process.source}{measures}"
        f"\n>\n> **Parameters:** {taken or 'none'}"
    )


def streams() -> str:
    """First stream of every process that draws, and whose keys its draws take."""
    return _table(
        ("process", "stream", "drawn for"),
        [
            (f"`{process.name}`", str(process.stream * STREAMS_PER_PROCESS), ", ".join(_drawn(process.name)))
            for process in PROCESSES
            if draws_of(process.name)
        ],
    )


def measures() -> str:
    """Every measure with its levels."""
    return _table(
        ("measure", "level", "`off` means", "range", "by", "acts in"),
        [
            (f"[`{m.name}`](measures/{m.name}.md)", f"`{m.key}`: {m.unit}", f"{m.reference:g}: {m.reference_note}",
             f"{m.minimum:g} to {m.maximum:g}", m.scope, _code(process.name for process in users_of(m.lever)))
            for m in MEASURES.values()
        ],
    )  # fmt: skip


def shocks() -> str:
    """Every shock with its numbers."""
    return _table(
        ("shock", "claim", "numbers", "`off` means"),
        [
            (f"[`{s.name}`](measures/{s.name}.md)", s.claim,
             "; ".join(f"`{key}`: {lever.unit}, {lever.minimum:g} to {lever.maximum:g}"
                       for key, lever in s.levers.items()), s.off_note)
            for s in SHOCKS.values()
        ],
    )  # fmt: skip


def inputs() -> str:
    """Tables of facts that a run reads."""
    return _table(("table", "what", "licence"), [row for row in _facts() if not row[0].startswith("`record_")])


def record() -> str:
    """Tables of the record, which a run never reads."""
    return _table(("table", "what", "licence"), [row for row in _facts() if row[0].startswith("`record_")])


def observation() -> str:
    """The observation models, and how many numbers of each series there are."""
    text = (observation_models or "").replace("``", "`")
    models = [line for line in text.splitlines() if line.startswith("- ")]
    found = observations().values()
    number = Counter(item.name.partition("/")[0] for item in found)
    spans = {
        series: (min(i.start for i in own), max(i.end for i in own))
        for series in number
        for own in [[i for i in found if i.name.startswith(f"{series}/")]]
    }
    rows = [(f"`{series}`", str(number[series]), *(_day(day) for day in spans[series])) for series in sorted(number)]
    return "\n".join(models) + "\n\n" + _table(("series", "observations", "first day", "last day"), rows)


def outcomes() -> str:
    """Every outcome with unit and definition."""
    return _table(
        ("outcome", "unit", "definition", "overlaps"),
        [(f"`{o.name}`", o.unit, o.definition, o.overlaps) for o in OUTCOMES.values()],
    )


def status() -> str:
    """How many parameters have which status."""
    number = Counter(row.status for row in MISSION.parameters.values())
    return f"{len(MISSION.parameters)} parameters: " + ", ".join(f"{number[name]} {name}" for name in STATUS) + "."


def patterns() -> str:
    """The patterns that were not fitted."""
    return _table(("pattern", "what it is"), [(f"`{pattern.name}`", pattern.says) for pattern in PATTERNS.values()])


def parameter_rows() -> str:
    """Every parameter."""
    return _table(
        ("parameter", "value", "range, prior", "unit", "status", "meaning", "source", "used by"),
        [
            (f"`{row.name}`", f"{row.value:g}", f"{row.low:g} to {row.high:g}, {row.law.law}", row.unit, row.status,
             row.note, row.source.replace(";", ", "), used_by(row.name))
            for row in MISSION.parameters.values()
        ],
    )  # fmt: skip


def used_by(parameter: str) -> str:
    """Who takes a parameter.  KeyError where nobody is known to."""
    found = [process.name for process in users_of(parameter)]
    if found:
        return ", ".join(f"[{name}](odd.md#{name})" for name in found)
    return "observation" if parameter.startswith(REPORTING) else ELSEWHERE[parameter]


@cache
def _historical() -> Plan:
    return Plan.build(load("historical"))


def _extent(entity: str) -> str:
    """Rows of an entity in the packaged history, for those that have rows of their own."""
    arrays = {**_historical().inputs, **_historical().start}
    own = {
        "region": "region_key",
        "cell": "cell_key",
        "base": "base_key",
        "unit of the mission": "unit_key",
        "national unit": "national_key",
        "community": "community_key",
        "organisation": "organisation_family",
    }
    room = {"convoy": "convoy_key", "trip": "trip_key", "band": "band_key"}  # fmt: skip
    if entity in own:
        return str(len(arrays[own[entity]]))
    return f"up to {len(arrays[room[entity]])}" if entity in room else ""


def _column(column: Column) -> tuple[str, ...]:
    kind = "input" if column.input else "state"
    return f"`{column.name}`", kind, " x ".join(column.shape), column.unit, column.meaning


def _first(phase: str) -> Process:
    return next(process for process in PROCESSES if process.phase == phase)


def _drawn(process: str) -> Iterator[str]:
    """Whose keys, with what is added to the first stream where something is."""
    for draw in draws_of(process):
        yield draw.entity if draw.offset == "0" else f"{draw.entity} (+{draw.offset})"


def _short(row: Parameter) -> str:
    unit = "" if row.unit in ("share", "ratio") else f" {row.unit}"
    return f"`{row.name}` {row.value:g}{unit} {STATUS[row.status]}"


def _facts() -> list[tuple[str, ...]]:
    """File, what it holds and licence, from the page of facts."""
    text = (MISSION.folder / "README.md").read_text("utf-8")
    cells = [
        (match["file"], [cell.strip() for cell in match["cells"].split("|")]) for match in INPUT_ROW.finditer(text)
    ]
    return [(f"`{file}`", row[2], row[4]) for file, row in cells]


def _day(day: date) -> str:
    return day.isoformat()


def _link(process: str) -> str:
    return f"[`{process}`](#{process})"


def _code(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _names(chosen: Iterable[Column]) -> str:
    return _code(column.name for column in chosen)


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


DOCS = Path(__file__).parent.parent / "docs"
PAGES = (DOCS / "odd.md", DOCS / "columns.md", DOCS / "parameters.md")
SECTIONS: Mapping[str, Callable[[], str]] = {
    "entities": entities,
    "columns": columns,
    "schedule": schedule,
    "streams": streams,
    "measures": measures,
    "shocks": shocks,
    "inputs": inputs,
    "record": record,
    "observation": observation,
    "outcomes": outcomes,
    "status": status,
    "parameters": parameter_rows,
    "patterns": patterns,
    **{f"process {row.name}": partial(process, row) for row in PROCESSES},
}
