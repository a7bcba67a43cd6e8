"""The bill of materials: every package that the wheel runs on, with version and licence, in CycloneDX's JSON."""

import json
import os
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

from tools.release import ReleaseError

VERSION = "1.6"  # of CycloneDX


def write(python: Path, project: Path, wheel: Path, out: Path, epoch: int) -> None:
    """The packages of an environment with the wheel in it: the same to the byte from the same environment and wheel.

    Dated by ``epoch``, without a random number.
    """
    # of the extra `release`, and slow to load
    from cyclonedx.schema import SchemaVersion
    from cyclonedx.validation.json import JsonStrictValidator

    command = [sys.executable, "-m", "cyclonedx_py", "environment", "--output-reproducible", "--no-validate"]
    command += ["--spec-version", VERSION, "--pyproject", str(project), str(python)]
    environment = {**os.environ, "SOURCE_DATE_EPOCH": str(epoch)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise ReleaseError(f"no bill of materials: {done.stderr.strip()}")
    text = json.dumps(_with_wheel(json.loads(done.stdout), wheel), indent=2) + "\n"
    fault = JsonStrictValidator(SchemaVersion.from_version(VERSION)).validate_str(text)
    if fault is not None:
        raise ReleaseError(f"the bill of materials is not as CycloneDX asks: {fault}")
    out.write_text(text, encoding="utf-8")


def _with_wheel(bill: dict, wheel: Path) -> dict:
    """The bill of this very file: its version, which the project file does not say, and its checksum."""
    name, version = wheel.name.split("-")[:2]
    digest = {"alg": "SHA-256", "content": sha256(wheel.read_bytes()).hexdigest()}
    bill["metadata"]["component"] |= {"version": version, "purl": f"pkg:pypi/{name}@{version}", "hashes": [digest]}
    return bill
