"""Which cluster: an address, or a short YAML file that names one or asks a batch system for workers."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sim._util import Unreadable, is_file, one_line, read_bytes, trick
from sim._util.suggestions import shown, suggestion
from sim.scenario import ScenarioError
from sim.scenario.layers import Layer
from sim.scenario.reader import BYTES, read

ADDRESS = re.compile(r"(tcp|tls)://[^\s/:]+:\d+|(tcp|tls)://\[[0-9a-fA-F:]+\]:\d+")
SYSTEMS = ("slurm", "pbs", "sge", "lsf", "htcondor", "moab", "oar", "local")
NEEDED = ("jobs", "cores", "memory")
MOST = 100_000  # jobs, cores, processes
KINDS = {
    "text": "a text",
    "count": "a whole number above 0",
    "lines": "a list of texts",
}
KEYS = {
    "address": "text", "system": "text", "jobs": "count", "cores": "count", "processes": "count", "memory": "text",
    "walltime": "text", "queue": "text", "account": "text", "interface": "text", "python": "text",
    "directives": "lines", "prologue": "lines", "tls": "tls",
}  # fmt: skip
TLS = ("ca", "cert", "key")


class ClusterError(RuntimeError):
    """A cluster that cannot be used, or is gone, in one line: the place, what is wrong, what to do."""

    def __init__(self, message: str) -> None:
        super().__init__(one_line(message))


@dataclass(frozen=True)
class Tls:
    """PEM files: the authority that signed everybody's certificate, and our own certificate and key."""

    ca: Path
    cert: Path
    key: Path


@dataclass(frozen=True)
class Jobs:
    """What is asked of a batch system; ``processes`` workers in each of ``jobs`` jobs.  ``memory`` is of a job."""

    system: str
    jobs: int
    cores: int
    processes: int
    memory: str
    interface: str | None
    options: Mapping[str, Any]  # walltime, queue, account, python, directives, prologue: what was given of them


@dataclass(frozen=True)
class Spec:
    """An address, or jobs; ``name`` is what the user wrote."""

    name: str
    address: str | None = None
    jobs: Jobs | None = None
    tls: Tls | None = None


def spec_of(text: str) -> Spec:
    """What ``--cluster`` names.  ClusterError in one line for an address or file that will not do."""
    if ADDRESS.fullmatch(text):
        if text.startswith("tls"):
            raise ClusterError(f"{text}: needs certificates: name address and tls in a YAML file, and the file here")
        return Spec(text, text)
    if "://" in text or not text.endswith((".yaml", ".yml")):
        raise ClusterError(f"{text}: neither an address such as tcp://127.0.0.1:8786 nor a YAML file")
    try:
        content = read_bytes(Path(text), BYTES, links=True)
    except Unreadable as problem:
        raise ClusterError(f"{text}: {problem}") from None
    if not content.strip():
        raise ClusterError(f"{text}: empty; give address, or system with {', '.join(NEEDED)}")
    try:
        return _spec(text, read(content, text))
    except ScenarioError as problem:
        raise ClusterError(str(problem)) from None


def _spec(name: str, layer: Layer) -> Spec:
    found: dict[str, Any] = {}
    for key, value in layer.tree.items():
        if key not in KEYS:
            raise layer.error((key,), f"unknown key; {suggestion(key, KEYS)}")
        found[key] = _tls(layer, Path(name).parent) if key == "tls" else _value(layer, key, value)
    if ("address" in found) == ("system" in found):
        raise layer.error((), "give one of address (a scheduler that runs) and system (a batch system)")
    if "system" in found:
        return Spec(name, None, _jobs(layer, found), found.get("tls"))
    return _running(name, layer, found)


def _running(name: str, layer: Layer, found: Mapping[str, Any]) -> Spec:
    address = found["address"]
    if not ADDRESS.fullmatch(address):
        raise layer.error(("address",), f"{shown(address)} is no address such as tcp://127.0.0.1:8786")
    if address.startswith("tls") != ("tls" in found):
        raise layer.error(("address",), "tls:// needs tls with ca, cert and key, and tls needs an address with tls://")
    for key in found.keys() - {"address", "tls"}:
        raise layer.error((key,), "goes with system, not with address")
    return Spec(name, address, None, found.get("tls"))


def _jobs(layer: Layer, found: Mapping[str, Any]) -> Jobs:
    system = found["system"]
    if system not in SYSTEMS:
        raise layer.error(("system",), f"unknown system {shown(system)}; {suggestion(system, SYSTEMS)}")
    for key in NEEDED:
        if key not in found:
            raise layer.error((), f"{key} is missing; a batch system needs {', '.join(NEEDED)}")
    if "interface" not in found and system != "local":
        raise layer.error((), "interface is missing: the network by which jobs reach this machine, such as ib0 or eth0")
    known = {"system", *NEEDED, "processes", "interface", "tls"}
    options = {key: value for key, value in found.items() if key not in known}
    return Jobs(
        system, found["jobs"], found["cores"], found.get("processes", found["cores"]), found["memory"],
        found.get("interface"), options,
    )  # fmt: skip


def _value(layer: Layer, key: str, value: Any) -> Any:
    fits: dict[str, Callable[[], bool]] = {
        "text": lambda: isinstance(value, str) and bool(value),
        "count": lambda: type(value) is int and value > 0,
        "lines": lambda: isinstance(value, list) and all(isinstance(line, str) for line in value),
    }
    kind = KEYS[key]
    if not fits[kind]():
        quotes = "; put it in quotes" if kind == "text" and isinstance(value, (int, float)) else ""
        raise layer.error((key,), f"{shown(value)} where {KINDS[kind]} is needed{quotes}")
    if kind == "count" and value > MOST:
        raise layer.error((key,), f"{shown(value)} is out of range; at most {MOST:,}")
    if kind != "count" and not all(map(_is_line, value if kind == "lines" else [value])):
        raise layer.error((key,), "each text must be one line, without control characters")
    return value


def _is_line(text: str) -> bool:
    """Whether a text is one line of a job's script, and no more: a second one could hide behind it."""
    return trick(text) is None and len(text.splitlines()) < 2


def _tls(layer: Layer, folder: Path) -> Tls:
    given = layer.tree["tls"]
    if not isinstance(given, dict):
        raise layer.error(("tls",), f"{shown(given)} where ca, cert and key are needed")
    for key in given:
        if key not in TLS:
            raise layer.error(("tls", key), f"unknown key; {suggestion(key, TLS)}")
    files = {}
    for key in TLS:
        if not isinstance(given.get(key), str):
            raise layer.error(("tls",), f"{key} is missing: the path of a PEM file")
        files[key] = folder / given[key]
        if not is_file(files[key]):
            raise layer.error(("tls", key), f"{files[key]}: no such file")
    return Tls(**files)
