"""Is a pinned version known to be unsafe?  The second half of ``make audit``; kept in ``results/reliability``.

pip-audit asks the registry about each version.  A mirror may serve no more than the page of a project, which speaks of
its newest release: there the pins that are the newest are asked, and the others are named as not answered.  A registry
that knows of nothing against ``KNOWN`` is no source, and its silence no answer.

Exit code 0: nothing is known against what could be asked; 1: something is; 2: there was no answer at all.
"""

import csv
import json
import subprocess
import sys
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from pathlib import Path

import requests
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from pip._internal.models.index import PyPI  # where the pip of this machine asks

from tools import pages
from tools.release import ReleaseError

ROOT = Path(__file__).parents[2]
PINS = ROOT / "constraints.txt"
KEPT = ROOT / "results" / "reliability" / "advisories.csv"
PAGE = ROOT / "SECURITY.md"
KNOWN = "ecdsa"  # an advisory of 2024 that its maintainers will not correct: CVE-2024-23342
FOUND, SILENT = 1, 2
AT_ONCE = 4
VERSION, NEWEST, NOT = "its version", "the newest release", "not answered"


@dataclass(frozen=True)
class Answer:
    """What is known of one pin, and from where."""

    package: str
    version: str
    newest: str
    asked: str
    answered_by: str
    advisories: str


def pins(file: Path) -> list[tuple[str, str]]:
    """Name and version of every line, those for other interpreters too."""
    lines = (line.strip() for line in file.read_text(encoding="utf-8").splitlines())
    needed = [Requirement(line) for line in lines if line and not line.startswith("#")]
    return [(one.name, next(iter(one.specifier)).version) for one in needed]


def of_versions(file: Path) -> dict[tuple[str, str], list[str]]:
    """What pip-audit says of the versions that the registry answers for, by name and version."""
    command = [sys.executable, "-m", "pip_audit", "--format", "json", "--no-deps", "--disable-pip"]
    command += ["--progress-spinner", "off", "--requirement", str(file)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    try:
        listed = json.loads(done.stdout)["dependencies"]
    except ValueError:
        raise ReleaseError(f"pip-audit gave no list: {done.stderr.strip()[-200:]}") from None
    answered = (one for one in listed if "skip_reason" not in one)
    return {
        (canonicalize_name(one["name"]), one["version"]): [found["id"] for found in one["vulns"]] for one in answered
    }


def of_project(name: str) -> tuple[str, list[str]]:
    """The newest release of a project, and the advisories that hold for it."""
    try:
        page = requests.get(f"{PyPI.pypi_url}/{name}/json", timeout=60)
        page.raise_for_status()
        facts = page.json()
        known = [one["id"] for one in facts["vulnerabilities"] if not one.get("withdrawn")]
        return facts["info"]["version"], known
    except (requests.RequestException, ValueError, KeyError) as problem:
        raise ReleaseError(f"no answer about {name}: {problem}") from None


def answers(file: Path, asked: str) -> list[Answer]:
    """One for each pin."""
    _, against_known = of_project(KNOWN)
    if not against_known:
        raise ReleaseError(f"this registry knows of nothing against {KNOWN}: it serves no advisories")
    by_version = of_versions(file)
    pinned = pins(file)
    with ThreadPoolExecutor(AT_ONCE) as threads:
        projects = list(threads.map(of_project, (name for name, _ in pinned)))
    found = []
    for (name, version), (newest, against_newest) in zip(pinned, projects, strict=True):
        against = by_version.get((canonicalize_name(name), version))
        by = VERSION if against is not None else NEWEST if version == newest else NOT
        known = against if against is not None else against_newest if by == NEWEST else []
        found.append(Answer(name, version, newest, asked, by, " ".join(known)))
    return found


def keep(found: Iterable[Answer], file: Path) -> None:
    """A row for each pin."""
    with file.open("w", newline="", encoding="utf-8") as out:
        table = csv.DictWriter(out, [field.name for field in fields(Answer)], lineterminator="\n")
        table.writeheader()
        table.writerows(asdict(one) for one in found)


def kept(file: Path) -> list[Answer]:
    """The rows of a file that ``keep`` wrote."""
    with file.open(newline="", encoding="utf-8") as rows:
        return [Answer(**row) for row in csv.DictReader(rows)]


def told(found: list[Answer]) -> str:
    """The answers as a paragraph: what was asked, what is known, what nobody said anything of."""
    answered = [one for one in found if one.answered_by != NOT]
    against = [f"{one.package} {one.version} ({one.advisories})" for one in answered if one.advisories]
    silent = [f"{one.package} {one.version} (newest: {one.newest})" for one in found if one.answered_by == NOT]
    text = (
        f"{len(found)} pinned versions, asked on {found[0].asked}: of {len(answered)} the registry knows "
        f"{'these advisories: ' + ', '.join(against) if against else '**no advisory**'}."
    )
    if silent:
        text += f" Of {len(silent)} it says nothing, since a newer release is out: {', '.join(silent)}."
    return text


def main() -> int:
    """The exit code."""
    try:
        found = answers(PINS, f"{datetime.now(UTC):%Y-%m-%d}")
    except ReleaseError as problem:
        print(f"audit: {problem}", file=sys.stderr)
        return SILENT
    keep(found, KEPT)
    pages.rewrite(PAGE, lambda page: pages.with_block(page, "advisories", told(found)))
    print(told(found))
    return FOUND if any(one.advisories for one in found) else 0


if __name__ == "__main__":
    sys.exit(main())
