"""Source archive and wheel, the same to the byte from any folder, at any hour and under any umask."""

import io
import os
import subprocess
import sys
import tarfile
from collections.abc import Iterable
from pathlib import Path

from tools.release import ReleaseError


def git(root: Path, *arguments: str) -> bytes:
    """What git says of a checkout.  ReleaseError where it says no."""
    try:
        done = subprocess.run(["git", "-C", str(root), *arguments], capture_output=True, check=False)
    except FileNotFoundError:
        raise ReleaseError("git is not installed; a release is made from a commit") from None
    if done.returncode:
        raise ReleaseError(f"{root}: {done.stderr.decode(errors='replace').strip()}; a release is made from a commit")
    return done.stdout


def refuse_changes(root: Path) -> None:
    """ReleaseError where the checkout holds what no commit holds."""
    lines = git(root, "status", "--porcelain").decode().splitlines()
    if lines:
        number = "one file" if len(lines) == 1 else f"{len(lines)} files"
        raise ReleaseError(
            f"{root}: {number} changed or not under version control, the first {lines[0][3:]}; commit or remove first: "
            "a release is made from a commit"
        )


def source_date(root: Path) -> int:
    """The second that everything made is dated: SOURCE_DATE_EPOCH where it is set, else that of the commit."""
    asked = os.environ.get("SOURCE_DATE_EPOCH")
    if asked is None:
        return int(git(root, "log", "-1", "--format=%ct"))
    if not asked.isdecimal():
        raise ReleaseError(f"SOURCE_DATE_EPOCH: {asked!r} is no number of seconds since 1970, such as 1767225600")
    return int(asked)


def export(root: Path, folder: Path) -> Path:
    """The files of the checkout's commit, in a new folder."""
    with tarfile.open(fileobj=io.BytesIO(git(root, "archive", "--format=tar", "HEAD"))) as archive:
        archive.extractall(folder, filter="data")
    return folder


def unpacked(sdist: Path, folder: Path) -> Path:
    """A source archive, unpacked into a new folder; the folder of its files."""
    with tarfile.open(sdist) as archive:
        archive.extractall(folder, filter="data")
    return next(folder.iterdir())


def build(source: Path, out: Path, epoch: int, umask: int = 0o022, zone: str = "UTC") -> tuple[Path, Path]:
    """The source archive and the wheel of a folder of files, in another folder."""
    environment = {**os.environ, "SOURCE_DATE_EPOCH": str(epoch), "TZ": zone, "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-d", str(out)],
        cwd=source,
        env=environment,
        umask=umask,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise ReleaseError(f"{source} cannot be built: {done.stderr.strip() or done.stdout.strip()}")
    return next(out.glob("*.tar.gz")), next(out.glob("*.whl"))


def disturb(folder: Path) -> None:
    """Other dates and modes on every file: nothing of them may reach what is built."""
    for path in folder.rglob("*"):
        os.utime(path, (86_400, 86_400))
        if path.is_file():
            path.chmod(0o600)


def refuse_difference(files: Iterable[Path]) -> None:
    """ReleaseError where files that ought to be one and the same are not."""
    first, *others = files
    for other in others:
        if (first.name, first.read_bytes()) != (other.name, other.read_bytes()):
            raise ReleaseError(f"{first} and {other} differ; compare them with diffoscope")
