"""A scenario: all inputs of a run, validated and complete."""

import hashlib
import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace
from datetime import date
from functools import cache, cached_property, lru_cache
from pathlib import PurePath
from typing import Any

import yaml

from sim._util.dated import ONE_DAY, Path
from sim._util.immutable import FrozenMap, freeze
from sim._util.notebook import notebook_table, short_number
from sim._util.suggestions import shown as as_text
from sim._util.suggestions import suggestion
from sim.missions import DEFAULT, Mission, MissionError, load_mission
from sim.scenario import events, files
from sim.scenario.bases import bases
from sim.scenario.episodes import Context, measures
from sim.scenario.errors import FieldError, ScenarioError
from sim.scenario.inheritance import dotted, merge, variant, with_values, without
from sim.scenario.layers import SET, Keys, Layer
from sim.scenario.parts import BaseDays, Election, Episode, Organisation, Period, Settings, Shocks, Uncertainties
from sim.scenario.reader import read, value_of
from sim.scenario.registry import MEASURES, OUTCOMES, PROCESSES
from sim.scenario.scalars import iso_day
from sim.scenario.schema import parse
from sim.scenario.sections import given
from sim.scenario.validators import is_off

FIRST_KEYS = ("title", "narrative", "sources", "mission", "period", "seed", "replications")
NAMING_BASES = ("measures", "shocks", "elections", "variants")
OWN = ("settings", "parameters", "processes", "organisations", "seed", "uncertainties")
POLICY = {"bases", "measures", "shocks", "forces", "elections", "organisations", "parameters", "processes"}
NOT_HASHED = {
    "name",
    "variant_name",
    "title",
    "narrative",
    "sources",
    "baseline",
    "variants",
    "replications",
    "outcomes",
}


@dataclass(frozen=True, repr=False)
class Scenario:
    """What happens, what the mission does, and how it is run; all defaults are filled in.

    Equal when they say the same, whatever file they came from.  ``parameters`` holds those the scenario sets;
    ``processes``, ``measures``, ``forces`` and ``organisations`` hold every name.
    """

    mission: Mission
    name: str = field(compare=False)
    variant_name: str | None = field(compare=False)
    title: str
    narrative: str
    sources: tuple[str, ...]
    period: Period
    bases: FrozenMap[str, BaseDays]
    seed: int
    replications: int
    settings: Settings
    parameters: FrozenMap[str, float]
    processes: FrozenMap[str, bool]
    measures: FrozenMap[str, tuple[Episode, ...]]
    shocks: Shocks
    forces: FrozenMap[str, Path]
    elections: tuple[Election, ...]
    organisations: FrozenMap[str, Organisation]
    baseline: str | None
    variants: FrozenMap[str, FrozenMap[str, Any]]
    uncertainties: Uncertainties
    outcomes: tuple[str, ...]
    layer: Layer = field(compare=False, repr=False)

    @cached_property
    def hash(self) -> str:
        """sha256 (hex) of what changes a run: not title, narrative, sources, variants or what is reported."""
        text = json.dumps(self.canonical(), sort_keys=True, separators=(",", ":"), allow_nan=False)
        return hashlib.sha256(text.encode()).hexdigest()

    def canonical(self) -> dict[str, Any]:
        """The resolved scenario as plain JSON data, without what the hash leaves out and without the default mission.

        A mission stands as its name: what its tables say is in the engine's fingerprint.
        """
        names = [item.name for item in fields(self) if item.name not in NOT_HASHED | {"layer", "mission"}]
        found = {name: _json(getattr(self, name)) for name in names if name != "bases" or self.bases}
        return found if self.mission.name == DEFAULT else {"mission": self.mission.name, **found}

    def variant(self, name: str) -> "Scenario":
        """The scenario as this variant. ScenarioError for an unknown name."""
        if name not in self.variants:
            raise ScenarioError(f"{self.name}: unknown variant {name!r}; {suggestion(str(name), self.variants)}")
        return self._built[name]

    def with_variants_built(self, built: Mapping[str, "Scenario"]) -> "Scenario":
        """The same with variants that are made already: they must be what its layer says."""
        same = replace(self)
        same.__dict__["_built"] = dict(built)
        return same

    def with_values(self, values: Mapping[str, object], source: str = "with_values") -> "Scenario":
        """The scenario with other values by dotted key, as after ``--set``. ScenarioError names their source."""
        return build(with_values(self.layer, values, source), self.name, self.variant_name)

    def with_draw(self, values: Mapping[str, float]) -> "Scenario":
        """The scenario with drawn values by parameter or lever; a measure or shock that is off stays off."""
        drawn: dict[str, object] = {}
        for key, value in values.items():
            keys = dotted(key)
            if keys[0] in ("measures", "shocks"):
                drawn |= {".".join((*way, keys[-1])): value for way in self._ways(keys[:2])}
            else:
                drawn[f"parameters.{key}"] = value
        return self.with_values(drawn)

    def run_up(self) -> "Scenario | None":
        """What holds on the days before the period: the packaged history, with this scenario's model.

        None where the period starts on the first day there is.
        """
        return None if self.period.start == self.mission.first_day else _run_up(self)

    def base(self) -> "Scenario | None":
        """What this scenario changes, in this scenario's period: what its file extends, or what a variant varies.

        None where there is nothing below it.
        """
        below = self.layer.below
        if below is None:
            return None
        own: dict[str, Any] = {
            key: self.layer.tree[key] for key in ("period", "seed", "mission") if key in self.layer.tree
        }
        return build(merge(without(below, "variants", "baseline"), Layer(own, {})), self.name)

    def against_base(self) -> "Scenario":
        """With two variants, what its file extends and what it makes of it, where the file itself has none.

        The same scenario where the file has variants, extends nothing, or changes only how it is run.
        """
        own, below = self.layer.own, self.layer.below
        if own is None or below is None or "variants" in own.tree or not POLICY & own.tree.keys():
            return self
        policy = {key: value for key, value in own.tree.items() if key in POLICY}
        study = {key: value for key, value in own.tree.items() if key not in POLICY | {"extends"}}
        extended = re.sub(r"\W", "_", PurePath(str(own.tree["extends"])).stem)
        before, after = f"as_in_{extended}"[:60], "as_written"
        variants = {"variants": {before: {}, after: policy}, "baseline": before}
        marks = {("variants", after, *keys): mark for keys, mark in own.marks.items() if keys and keys[0] in POLICY}
        layer = merge(without(below, "variants", "baseline"), Layer({**study, **variants}, {**own.marks, **marks}))
        return build(layer, self.name)

    def where(self, key: str) -> str:
        """``file:line`` of a dotted key; 'default' where nothing was written for it."""
        keys = dotted(key)
        return self.layer.mark(keys).place if self.layer.holds(keys) and keys in self.layer.marks else "default"

    def to_yaml(self) -> str:
        """The scenario as one YAML text with everything it extends; loading it gives an equal scenario."""
        tree = {key: self.layer.tree[key] for key in FIRST_KEYS if key in self.layer.tree} | self.layer.tree
        return yaml.safe_dump(_yaml_data(tree), sort_keys=False, allow_unicode=True, width=110)

    def __repr__(self) -> str:
        title = f" {self.title!r}" if self.title else ""
        return f"<Scenario {self.name}:{title} {self.period.start} to {self.period.end}, {self.hash[:8]}>"

    def _repr_html_(self) -> str:
        about = [
            ("period", f"{self.period.start} to {self.period.end}"),
            ("seed", str(self.seed)),
            *((f"measure {name}", _describe_measure(name, episodes)) for name, episodes in self.measures.items()),
            *((f"parameter {name}", short_number(value)) for name, value in self.parameters.items()),
            ("variants", ", ".join(self.variants) or "none"),
            ("baseline", self.baseline or "none"),
            ("hash", self.hash[:12]),
        ]
        name = self.name if self.variant_name is None else f"{self.name}, variant {self.variant_name}"
        return notebook_table(f"{self.title} ({name})", ("", ""), about, self.narrative)

    @cached_property
    def _built(self) -> dict[str, "Scenario"]:
        """Every variant, made once: studies and pages ask for them often."""
        return {name: build(variant(self.layer, name), self.name, name) for name in self.variants}

    def _ways(self, keys: Keys) -> list[Keys]:
        """The keys of the episodes of a measure or shock; none where it is off."""
        written = (self.layer.tree.get(keys[0]) or {}).get(keys[1])
        if isinstance(written, list):
            return [(*keys, str(n)) for n in range(len(written))]
        return [] if is_off(written) else [keys]


def load(name_or_path: str | os.PathLike[str]) -> Scenario:
    """The scenario of a packaged name or a file. ScenarioError for whatever is wrong with it."""
    file, shown_as = files.find(name_or_path)
    return build(files.load_layer(file, shown_as), file.stem)


def loads(text: str | bytes, name: str = "text") -> Scenario:
    """The scenario of YAML text; messages call it ``name``. It can use packaged scenarios and missions only."""
    layer = read(text, name)
    mission = layer.tree.get("mission")
    if files.is_mission_folder(mission):
        raise layer.error(("mission",), f"{as_text(mission)}: text that is in no file can name packaged missions only")
    return build(files.extend(layer, None), name)


def restored(text: str | bytes, name: str) -> Scenario:
    """The scenario of text that ``to_yaml`` has written, which may name the folder of a mission."""
    return build(files.extend(read(text, name), None), name)


@lru_cache(maxsize=32)  # a plan asks often
def _run_up(scenario: Scenario) -> Scenario:
    period = {"start": scenario.mission.first_day, "end": scenario.period.start - ONE_DAY}
    own = {key: value for key, value in scenario.layer.tree.items() if key in OWN}
    history = _history(scenario.mission)
    return build(merge(history, Layer({**own, "period": period}, {})), scenario.mission.facts.history)


@cache
def _history(mission: Mission) -> Layer:
    """What a mission pack has of the history, read once: a file of the engine, which does not change under a run."""
    file = mission.scenario_folder / f"{mission.facts.history}.yaml"
    shown_as = str(file)
    return without(files.load_layer(file, shown_as), "variants", "baseline", *OWN)


def parse_set(text: str) -> tuple[str, Any]:
    """``KEY=VALUE``, as after ``--set``, as the key and the value that a file would have there."""
    key, equals, value = text.partition("=")
    if not equals or not key.strip():
        raise ScenarioError(f"{SET} {text}: write KEY=VALUE, for example measures.route_clearance=off")
    try:
        return key.strip(), value_of(value)
    except FieldError as bad:
        raise ScenarioError(f"{SET}: {key.strip()}: {bad.text}") from None


def build(layer: Layer, name: str, variant_name: str | None = None) -> Scenario:
    """The complete scenario of a layer, each of its variants checked as well."""
    mission, base_days = _mission(layer), FrozenMap[str, BaseDays]()
    if layer.tree.get("bases"):
        period = parse(without(layer, *NAMING_BASES), mission.vocabulary).period
        mission, base_days = bases(layer, mission, _period(layer, period, mission).start)
    words = mission.vocabulary
    document = parse(layer, words)
    context = Context(layer, words, _period(layer, document.period, mission), base_days)
    switches = given(document.processes)
    scenario = Scenario(
        mission=mission,
        name=name,
        variant_name=variant_name,
        title=document.title or "",
        narrative=document.narrative or "",
        sources=document.sources or (),
        period=context.period,
        bases=base_days,
        seed=1 if document.seed is None else document.seed,
        replications=document.replications or 100,
        settings=Settings(document.settings.persons_per_community or 10_000, document.settings.cell_size or 0.5),
        parameters=FrozenMap(given(document.parameters)),
        processes=FrozenMap((process.name, switches.get(process.name, True)) for process in PROCESSES),
        measures=measures(context, document.measures),
        shocks=events.shocks(context, document.shocks),
        forces=events.forces(words, document.forces),
        elections=events.elections(context, document.elections),
        organisations=events.organisations(context, document.organisations),
        baseline=document.baseline,
        variants=freeze(document.variants or {}),
        uncertainties=document.uncertainties or _default_uncertainties(mission),
        outcomes=document.outcomes or tuple(OUTCOMES),
        layer=layer,
    )
    if scenario.uncertainties.kind == "posterior" and not mission.has_posterior:
        raise layer.error(
            ("uncertainties",), f"the mission {mission.name} has no posterior; allowed: point, prior, ranges"
        )
    _check_variants(scenario)
    return scenario


def _mission(layer: Layer) -> Mission:
    """The mission that a layer names; a folder is meant from where the file is, or else from here."""
    written = layer.tree.get("mission") or DEFAULT
    if not isinstance(written, str):
        raise layer.error(("mission",), f"{as_text(written)} is no name; write a packaged mission or a folder")
    try:
        return load_mission(written)
    except MissionError as problem:
        raise layer.error(("mission",), str(problem)) from None


def _default_uncertainties(mission: Mission) -> Uncertainties:
    """The posterior where the pack has one, else the priors."""
    return Uncertainties("posterior" if mission.has_posterior else "prior", FrozenMap())


def _period(layer: Layer, section: Any, mission: Mission) -> Period:
    start = section.start or mission.first_day
    ends = mission.facts.mission_ends
    end = section.end or (ends if start <= ends else mission.last_day)
    if end < start:
        raise layer.error(("period", "end"), f"{end} is before the start, {start}")
    return Period(start, end)


def _check_variants(scenario: Scenario) -> None:
    names = tuple(scenario.variants)
    baseline = scenario.baseline
    if baseline is not None and baseline not in names:
        advice = suggestion(baseline, names) if names else "there are no variants"
        raise scenario.layer.error(("baseline",), f"unknown variant {baseline!r}; {advice}")
    for name in names:
        scenario.variant(name)  # ScenarioError for what is wrong with it


def _describe_measure(name: str, episodes: tuple[Episode, ...]) -> str:
    """A measure in words: its levels with their unit, or off."""
    measure = MEASURES[name]
    levels = [level for episode in episodes for level in episode.level.values]
    if not levels:
        return f"off: {short_number(measure.reference)} {measure.unit}"
    low, high = short_number(min(levels)), short_number(max(levels))
    since = min(episode.start for episode in episodes)
    return f"{low if low == high else f'{low} to {high}'} {measure.unit}, from {since}"


_PLAIN_TYPES = frozenset({str, int, float, bool, type(None)})


def _json(value: Any) -> Any:
    """Typed parts as plain JSON data."""
    if type(value) in _PLAIN_TYPES:  # nearly all there is: asked first, since a page waits for this with every slider
        return value
    if isinstance(value, date):
        return value.isoformat()
    if is_dataclass(value):
        return {item.name: _json(getattr(value, item.name)) for item in fields(value)}
    if isinstance(value, Mapping):
        return {key: _json(item) for key, item in value.items()}
    if isinstance(value, tuple):
        return [_json(item) for item in value]
    return value


def _yaml_data(value: Any) -> Any:
    """Plain data with ISO keys as dates, so that YAML needs no quotes."""
    if isinstance(value, dict):
        return {iso_day(key) or key: _yaml_data(item) for key, item in value.items()}
    return [_yaml_data(item) for item in value] if isinstance(value, list) else value
