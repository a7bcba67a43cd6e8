"""Make a release of the commit that is checked out: ``make release``.

Builds the source archive and the wheel twice, from other folders, dates and modes, and once more from the source
archive; they must be equal to the byte.  Looks what is inside, installs the wheel in an empty environment outside the
checkout and works with it there.  What passed all that is put into ``dist`` with a bill of materials and checksums.
Exit code 0: done; 1: something is not as it must be; 2: not a clean checkout.  ``dist`` is untouched but for 0.
"""

import hashlib
import shutil
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from tools.release import ReleaseError, build, contents, sbom
from tools.release.clean_install import Trial, try_out

ROOT = Path(__file__).parents[2]
FAILED, REFUSED = 1, 2


def made(root: Path, folder: Path, epoch: int) -> tuple[Path, Path]:
    """Source archive and wheel of the commit, the same whichever way they are built, with the right contents."""
    first = build.export(root, folder / "first")
    second = build.export(root, folder / "in" / "another place")
    build.disturb(second)
    sdist, wheel = build.build(first, folder / "built", epoch)
    again = build.build(second, folder / "built again", epoch, umask=0o077, zone="Pacific/Kiritimati")
    third = build.unpacked(sdist, folder / "from the archive")
    from_archive = build.build(third, folder / "built from the archive", epoch)
    for same in zip((sdist, wheel), again, from_archive, strict=True):
        build.refuse_difference(same)
    say(f"{sdist.name} and {wheel.name} are the same to the byte from two folders and from the archive")
    say(f"{contents.check_sdist(sdist, first)} files in the archive, {contents.check_wheel(wheel, first)} in the wheel")
    return sdist, wheel


def release(root: Path, dist: Path) -> None:
    """Everything, then ``dist``."""
    epoch = build.source_date(root)
    with TemporaryDirectory(prefix="minusim-release-") as name:
        folder = Path(name)
        sdist, wheel = made(root, folder, epoch)
        trial = Trial(folder / "trial")
        trial.install(wheel, root / "constraints.txt")
        try_out(trial, say)
        listed = folder / wheel.name.replace("-py3-none-any.whl", ".cdx.json")
        sbom.write(trial.python, root / "pyproject.toml", wheel, listed, epoch)
        dist.mkdir(exist_ok=True)
        files = [Path(shutil.copyfile(file, dist / file.name)) for file in (sdist, wheel, listed)]
    sums = "".join(f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file.name}\n" for file in files)
    (dist / "SHA256SUMS").write_text(sums, encoding="utf-8")
    print(sums, end="")


def say(line: str) -> None:
    """One line of what was found."""
    print(line, file=sys.stderr, flush=True)


def main() -> int:
    """The exit code."""
    try:
        build.refuse_changes(ROOT)
    except ReleaseError as problem:
        say(f"release: {problem}")
        return REFUSED
    try:
        release(ROOT, ROOT / "dist")
    except ReleaseError as problem:
        say(f"release: {problem}")
        return FAILED
    return 0


if __name__ == "__main__":
    sys.exit(main())
