"""What is on the screen as the query of an address, and back.  Whatever an address says is checked like any input."""

from __future__ import annotations

import base64
import zlib
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode

from sim.app.policy import OFF, Policy
from sim.scenario import MEASURES, ScenarioError, load, loads, packaged_names
from sim.scenario.registry import OUTCOMES as ROWS

if TYPE_CHECKING:
    from sim.scenario import Scenario

FIRST_SCENARIO = "quickstart"
LARGEST_FILE = 100_000  # bytes of a scenario file
LONGEST_IN_ADDRESS = 6_000  # characters of a packed file: some browsers and mail programs cut longer addresses
LARGEST_SEED = 2**53 - 1  # what a browser can count
LANGUAGES = ("en", "fr")
OUTCOMES = tuple(name for name, row in ROWS.items() if row.in_app)  # that a page can show, in its order


@dataclass(frozen=True)
class View:
    """What a page shows.  ``text``: a loaded file, '' where ``scenario`` is packaged; policies None: the first ones."""

    scenario: str = FIRST_SCENARIO
    text: str = field(default="", repr=False)
    first: Policy | None = None
    second: Policy | None = None
    seed: int | None = None
    outcome: str = "peacekeepers_killed"
    language: str = "en"


def scenario_of(view: View) -> Scenario:
    """The scenario of a view.  ScenarioError for whatever is wrong with it; nothing but packaged names is opened."""
    if not view.text and view.scenario not in packaged_names():
        raise ScenarioError(f"{view.scenario}: not a packaged scenario; it is one of {', '.join(packaged_names())}")
    return _read_scenario(view.scenario, view.text)


@lru_cache(maxsize=64)  # a page asks again with every move of a slider, and no file of the package changes meanwhile
def _read_scenario(name: str, text: str) -> Scenario:
    return loads(text, name) if text else load(name)


def to_query(view: View) -> str:
    """The query that ``parse`` reads, without '?'; a file too long for an address is left out of it."""
    said = {"lang": view.language, "s": view.scenario}
    packed = _packed(view.text)
    if packed and len(packed) <= LONGEST_IN_ADDRESS:
        said["file"] = packed
    for key, policy in (("a", view.first), ("b", view.second)):
        if policy is not None:
            said[key] = _written(policy)
    if view.seed is not None:
        said["seed"] = str(view.seed)
    return urlencode({**said, "show": view.outcome})


def is_whole(view: View) -> bool:
    """Whether the address says all that is on the screen."""
    return len(_packed(view.text)) <= LONGEST_IN_ADDRESS


def parse(text: str) -> View:
    """The view of a query.  ScenarioError names what it cannot read."""
    try:
        said = dict(parse_qsl(text.removeprefix("?"), keep_blank_values=True, max_num_fields=20))
    except ValueError:
        raise ScenarioError("address: more than 20 fields; open the page without what follows '?'") from None
    view = View(scenario=said.get("s", FIRST_SCENARIO)[:200], text=_unpacked(said.get("file", "")))
    if said.get("lang") in LANGUAGES:
        view = replace(view, language=said["lang"])
    if said.get("show") in OUTCOMES:
        view = replace(view, outcome=said["show"])
    if "seed" in said:
        view = replace(view, seed=_seed(said["seed"]))
    first, second = (_read(said[key]) if key in said else None for key in ("a", "b"))
    return replace(view, first=first, second=second)


def _written(policy: Policy) -> str:
    levels = (f"{name}:{'off' if level is OFF else _digits(level)}" for name, level in policy.levels.items())
    return ",".join([f"variant:{policy.variant}"] * bool(policy.variant) + list(levels))


def _digits(level: float) -> str:
    """A level as short as it can be read back; six digits are not enough for what a visitor writes there."""
    short = format(level, "g")
    return short if float(short) == level else repr(level)


def _read(text: str) -> Policy:
    policy = Policy()
    for part in filter(None, text.split(",")):
        name, _, level = part.partition(":")
        if name == "variant":
            policy = Policy(level, policy.levels)
        elif name in MEASURES:
            policy = policy.set(name, _level(name, level))
        else:
            raise ScenarioError(f"address: {name[:40]}: not a measure; `minusim list measures` names them")
    return policy


def _level(name: str, text: str) -> float | None:
    if text == "off":
        return OFF
    measure = MEASURES[name]
    try:
        level = float(text)
    except ValueError:
        level = float("nan")
    if not measure.minimum <= level <= measure.maximum:
        raise ScenarioError(
            f"address: {name}: {text[:40]!r} is not between {measure.minimum:g} and {measure.maximum:g}"
        )
    return level


def _seed(text: str) -> int:
    if not text.isdecimal() or not text.isascii() or len(text) > 16 or int(text) > LARGEST_SEED:
        raise ScenarioError(f"address: seed: {text[:40]!r} is not a whole number from 0 to {LARGEST_SEED}")
    return int(text)


def _packed(text: str) -> str:
    return base64.urlsafe_b64encode(zlib.compress(text.encode(), 9)).decode() if text else ""


def _unpacked(text: str) -> str:
    if not text:
        return ""
    try:
        unpack = zlib.decompressobj()
        plain = unpack.decompress(base64.urlsafe_b64decode(text[:LONGEST_IN_ADDRESS]), LARGEST_FILE).decode()
    except (ValueError, zlib.error):  # also of base64 and of UTF-8
        raise ScenarioError("address: the scenario in it was cut off or changed") from None
    if unpack.unconsumed_tail or not unpack.eof:
        raise ScenarioError("address: the scenario in it is too long or was cut off")
    return plain
