"""What an archive may hold, and what it must."""

import re
import subprocess
import sys
import tarfile
import zipfile
from base64 import urlsafe_b64encode
from collections.abc import Iterable
from csv import reader
from hashlib import sha256
from pathlib import Path

from tools.release import ReleaseError

ALLOWED = re.compile(
    r"""
    minusim\.py
    | sim/([a-z_]+/)*[a-z_]+\.py
    | sim/py\.typed
    | sim/missions/[a-z_]+/([a-z_]+/)*(README\.md | [a-z_0-9]+\.(csv|geojson|yaml))
    | sim/validation/golden_runs\.json
    | sim/app/([a-z_]+\.vue | [a-z_]+\.json\.gz | static/[a-z_]+\.(css|html|js))
    | sim/(_util|present)/([a-z_]+/)*templates/[a-z_]+\.(css|html|js|txt|(md|py)\.txt)
    | sim/(app|present)/([A-Za-z_]+/)*[a-z]+\.(po|mo)
    | minusim-[\d.]+\.dist-info/(METADATA|WHEEL|RECORD|entry_points\.txt|licenses/LICENSE)
    """,
    re.VERBOSE,
)
ALLOWED_IN_SOURCE = re.compile(
    r"""
    PKG-INFO | pyproject\.toml | README\.md | LICENSE | CHANGELOG\.md | CITATION\.cff | SECURITY\.md | constraints\.txt
    | Makefile | \.gitignore
    | minusim\.py
    | sim/.+
    | tests/([a-z_]+/)*[a-z_0-9]+\.(csv|png|py|txt)
    """,
    re.VERBOSE,
)
NEVER = re.compile(r"(^|/)(__pycache__|\.git|\.env|\.venv)(/|$)|\.(pyc|key|pem|swp|orig|log)$|~$")
CHECKOUT = Path(__file__).parents[2]
PRIVATE_KEY = re.compile(rb"-----BEGIN [A-Z ]*PRIVATE KEY-----")


def shipped(source: Path) -> set[str]:
    """The files of a folder of sources that a wheel must hold, by their names in it."""
    files = [source / "minusim.py", *(source / "sim").rglob("*")]
    return {path.relative_to(source).as_posix() for path in files if _is_source(path)}


def check_wheel(wheel: Path, source: Path) -> int:
    """ReleaseError unless a wheel holds all that it must, nothing else, and what its RECORD says; how many files."""
    with zipfile.ZipFile(wheel) as archive:
        held = {info.filename: archive.read(info) for info in archive.infolist()}
        if len(held) != len(archive.infolist()):
            raise ReleaseError(f"{wheel.name} holds a file twice")
    _refuse_strange(wheel.name, held, ALLOWED)
    missing = shipped(source) - held.keys()
    if missing:
        raise ReleaseError(f"{wheel.name} lacks {_listed(missing)}")
    extra = {name for name in held if ".dist-info/" not in name} - shipped(source)
    if extra:
        raise ReleaseError(f"{wheel.name} holds {_listed(extra)}, which the sources do not")
    _refuse_secrets(wheel.name, held, source)
    _check_record(wheel.name, held)
    _library_check(wheel)
    return len(held)


def check_sdist(sdist: Path, source: Path) -> int:
    """ReleaseError unless a source archive holds plain files alone, of the kinds that it may; how many."""
    with tarfile.open(sdist) as archive:
        members = archive.getmembers()
        strange = [member.name for member in members if not member.isfile()]
        if strange:
            raise ReleaseError(f"{sdist.name} holds {_listed(strange)}, which is no plain file")
        held = {member.name.partition("/")[2]: archive.extractfile(member).read() for member in members}
    _refuse_strange(sdist.name, held, ALLOWED_IN_SOURCE)
    _refuse_secrets(sdist.name, held, source)
    return len(held)


def _is_source(path: Path) -> bool:
    return path.is_file() and "__pycache__" not in path.parts


def _refuse_strange(archive: str, names: Iterable[str], allowed: re.Pattern[str]) -> None:
    strange = {name for name in names if NEVER.search(name) or not allowed.fullmatch(name)}
    if strange:
        raise ReleaseError(
            f"{archive} holds {_listed(strange)}, which nobody said may be in it (tools/release/contents.py)"
        )


def _refuse_secrets(archive: str, held: dict[str, bytes], source: Path) -> None:
    """Nothing of the machine that built it, and no key."""
    # a place such as /root is a word that a file may use
    places = [str(place).encode() for place in (source, CHECKOUT, Path.home()) if len(place.parts) > 2]
    telling = {
        name for name, text in held.items() if PRIVATE_KEY.search(text) or any(place in text for place in places)
    }
    if telling:
        raise ReleaseError(f"{archive}: {_listed(telling)} holds a private key, or a path of the machine that built it")


def _check_record(wheel: str, held: dict[str, bytes]) -> None:
    (name,) = (name for name in held if name.endswith(".dist-info/RECORD"))
    listed = {row[0]: row[1] for row in reader(held[name].decode().splitlines())}
    found = {
        file: "" if file == name else "sha256=" + urlsafe_b64encode(sha256(text).digest()).decode().rstrip("=")
        for file, text in held.items()
    }
    wrong = {file for file in {**listed, **found} if listed.get(file) != found.get(file)}
    if wrong:
        raise ReleaseError(f"{wheel}: RECORD does not agree on {_listed(wrong)}")


def _library_check(wheel: Path) -> None:
    command = [sys.executable, "-m", "check_wheel_contents", "--no-config", "--toplevel", "sim,minusim.py", str(wheel)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise ReleaseError(f"{wheel.name}: {done.stdout.strip() or done.stderr.strip()}")


def _listed(names: Iterable[str]) -> str:
    first, *others = sorted(names)
    return f"{first} and {len(others)} more" if others else first
