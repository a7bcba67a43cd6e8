"""A deposit: one archive with which anybody can make a study again and hold it against what is in it."""

from __future__ import annotations

import io
import json
import platform
from collections.abc import Iterator
from hashlib import sha256
from importlib.metadata import Distribution, PackageNotFoundError, distribution, version
from importlib.resources import files
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from sim.inference.attribution import factorial_measures
from sim.present.codebook import whole_codebook
from sim.present.html import template_text
from sim.present.labels import outcome_name
from sim.present.locale import ENGLISH
from sim.present.question import run_time
from sim.present.report.loaders import NoStore

if TYPE_CHECKING:
    from sim.present.report.loaders import Study

PACKAGE = "minusim"
LONG_AGO = (1980, 1, 1, 0, 0, 0)  # the same archive from the same store, to the bit
LEFT_OUT = ("__pycache__",)


def archive(study: Study, page: str) -> bytes:
    """The archive of a study, with its report.  NoStore where the store was made by another version of the model."""
    from sim.study.identity import fingerprint

    current = fingerprint(study.frame.scenario.mission)
    if study.fingerprint != current:
        raise NoStore(
            f"{study.path}: made by another version of the model ({study.fingerprint[:8]}; this one is "
            f"{current[:8]}); an archive of this version would not repeat it"
        )
    content = dict(sorted(_content(study, page).items()))
    content["SHA256SUMS"] = "".join(f"{sha256(data).hexdigest()}  {name}\n" for name, data in content.items()).encode()
    packed = io.BytesIO()
    with ZipFile(packed, "w", ZIP_DEFLATED) as zipped:
        for name, data in content.items():
            entry = ZipInfo(f"{PACKAGE}-replication/{name}", LONG_AGO)
            entry.compress_type, entry.external_attr = ZIP_DEFLATED, 0o644 << 16
            zipped.writestr(entry, data)
    return packed.getvalue()


def _content(study: Study, page: str) -> dict[str, bytes]:
    frame = study.frame
    facts = frame.scenario.mission.folder
    runs = frame.runs.drop(columns=["seconds", "traceback"]).to_csv(index=False, lineterminator="\n")
    texts = {
        "README.md": _readme(study),
        "repeat.py": template_text("repeat.py.txt"),
        "requirements.txt": "".join(f"{line}\n" for line in pinned()),
        "study.json": json.dumps(_facts(study), indent=2, ensure_ascii=False) + "\n",
        "scenario.yaml": frame.scenario.to_yaml(),
        "expected_runs.csv": runs,
        "codebook.csv": whole_codebook().to_csv(index=False, lineterminator="\n"),
        "report.html": page,
        "LICENSE": _licence(),
        "LICENCES_OF_DATA.md": (facts / "README.md").read_text(encoding="utf-8"),
        "sources_of_data.csv": (facts / "sources.csv").read_text(encoding="utf-8"),
    }
    return {name: text.encode() for name, text in texts.items()} | dict(_code())


def _facts(study: Study) -> dict[str, object]:
    """What repeat.py and a reader of the deposit must know."""
    frame = study.frame
    return {
        "simulated": True,
        "title": frame.scenario.title,
        "name": frame.scenario.name,
        "version": study.version,
        "fingerprint": study.fingerprint,
        "scenario_hash": frame.scenario.hash,
        "seed": frame.scenario.seed,
        "replications": len(frame.replications),
        "variants": list(frame.variants),
        "baseline": frame.baseline,
        "numbers_drawn": list(frame.draws.columns),
        "failed": len(frame.failed),
        "run_seconds": round(float(frame.runs["seconds"].sum()), 1),
        "python": platform.python_version(),
        "machine": platform.machine(),
    }


def _readme(study: Study) -> str:
    scenario, frame = study.frame.scenario, study.frame
    outcomes = ", ".join(outcome_name(ENGLISH, name) for name in frame.reported)
    kind = "every subset of its measures" if factorial_measures(scenario) else f"{len(frame.variants)} policies"
    return template_text("replication.md.txt").format(
        title=scenario.title or scenario.name,
        narrative=" ".join(scenario.narrative.split()),
        kind=kind,
        replications=len(frame.replications),
        runs=len(frame.runs),
        outcomes=outcomes,
        run_time=run_time(float(frame.runs["seconds"].sum()), ENGLISH),
        version=study.version,
        fingerprint=study.fingerprint,
        hash=scenario.hash,
        seed=scenario.seed,
        python=platform.python_version(),
    )


def pinned() -> list[str]:
    """`name==version` of everything that the model needs, as it is installed here."""
    from packaging.requirements import Requirement

    found: dict[str, str] = {}
    waiting = list(_installed().requires or [])
    while waiting:
        requirement = Requirement(waiting.pop())
        name = requirement.name.lower().replace("_", "-")
        if name in found or (requirement.marker and not requirement.marker.evaluate({"extra": ""})):
            continue
        try:
            found[name] = version(name)
        except PackageNotFoundError:  # of another platform
            continue
        waiting += distribution(name).requires or []
    return [f"{name}=={number}" for name, number in sorted(found.items())]


def _licence() -> str:
    """The licence of the code, as it was installed or as it stands in the checkout."""
    found = [file for file in _installed().files or [] if file.name == "LICENSE"]
    beside = Path(str(files("sim"))).parent / "LICENSE"
    return found[0].read_text(encoding="utf-8") if found else beside.read_text(encoding="utf-8")


def _installed() -> Distribution:
    try:
        return distribution(PACKAGE)
    except PackageNotFoundError:
        raise NoStore(f"{PACKAGE} is not installed as a package here: an archive needs its requirements") from None


def _code() -> Iterator[tuple[str, bytes]]:
    """The model itself, as it is installed: the archive needs no registry that still has it."""
    package = Path(str(files("sim")))
    for path in sorted(package.rglob("*")):
        inside = PurePosixPath(path.relative_to(package).as_posix())
        if path.is_file() and not set(LEFT_OUT) & set(inside.parts):
            yield f"code/sim/{inside}", path.read_bytes()
