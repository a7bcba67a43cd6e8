"""The bill of materials: every package that the wheel runs on, with version and licence, in CycloneDX's JSON."""

import os
import subprocess
import sys
from pathlib import Path

from release import ReleaseError

VERSION = "1.6"  # of CycloneDX


def write(python: Path, project: Path, out: Path, epoch: int) -> None:
    """The packages of an environment, the same to the byte from the same environment: dated, no random number."""
    command = [sys.executable, "-m", "cyclonedx_py", "environment", "--output-reproducible", "--spec-version", VERSION]
    command += ["--pyproject", str(project), "--output-format", "JSON", "--output-file", str(out), str(python)]
    environment = {**os.environ, "SOURCE_DATE_EPOCH": str(epoch)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise ReleaseError(f"no bill of materials: {done.stderr.strip()}")
