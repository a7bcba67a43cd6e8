"""Where compiled code is kept, and whether what lies there is what was compiled.

Compiled code is read back as code: it must be the user's own and as it was written.  A folder or file that others may
write is not used; what does not fit its checksums is removed and compiled again.
"""

import atexit
import hashlib
import json
import os
import shutil
import stat
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

CHECKSUMS = "checksums.json"
OTHERS_WRITE = 0o022 if hasattr(os, "getuid") else 0  # Windows keeps rights elsewhere, and shows these for all
CODE = (".nbi", ".nbc")  # numba's index, and its machine code


def cache_folder(tag: str) -> Path | None:
    """The folder of a version's compiled code, which can be written; None where there is no place for any.

    That of the user's cache; where that cannot be written, a copy of what is there, or a folder for temporary files.
    """
    from platformdirs import user_cache_path

    folder = user_cache_path("minusim") / tag
    if _is_writable(folder):
        return folder
    owner = os.getuid() if hasattr(os, "getuid") else 0
    with suppress(OSError):
        if is_private(folder) and all(fits(each) for each in folder.iterdir() if each.is_dir()):
            return _copied(folder)
    with suppress(OSError):
        own = Path(tempfile.gettempdir()) / f"minusim-{owner}-{tag}"
        return own if _is_writable(own) else _temporary()
    return None


def fits(folder: Path) -> bool:
    """Whether all compiled code in a folder is private, and as its checksums say; true where there is none."""
    try:
        files = _code(folder)
        known = json.loads((folder / CHECKSUMS).read_text("utf-8")) if files else {}
        return known == {file.name: _checksum(file) for file in files} and all(map(is_private, files))
    except (OSError, ValueError):
        return False


def seal(folder: Path) -> None:
    """Write the checksums of the compiled code in a folder; where that cannot be, it will be compiled again."""
    with suppress(OSError):
        files = _code(folder)
        for file in files:
            file.chmod(0o600)
        aside = folder / f".{CHECKSUMS}-{os.getpid()}"
        aside.write_text(json.dumps({file.name: _checksum(file) for file in files}), "utf-8")
        aside.replace(folder / CHECKSUMS)


def clear(folder: Path) -> None:
    """Remove the compiled code of a folder, and say so."""
    sys.stderr.write(f"minusim: the compiled model in {folder} is not as it was written; it is compiled again\n")
    for file in (*_code(folder), folder / CHECKSUMS):
        file.unlink(missing_ok=True)


def is_private(path: Path) -> bool:
    """Whether a file or folder, no link, belongs to this user or the system's, and nobody else may write to it."""
    found = path.lstat()
    if not (stat.S_ISDIR(found.st_mode) or stat.S_ISREG(found.st_mode)):
        return False
    own = not hasattr(os, "getuid") or found.st_uid in (os.getuid(), 0)
    return own and not found.st_mode & OTHERS_WRITE


def _code(folder: Path) -> list[Path]:
    return sorted(file for file in folder.iterdir() if file.suffix in CODE) if folder.is_dir() else []


def _checksum(file: Path) -> str:
    return hashlib.blake2b(file.read_bytes(), digest_size=20).hexdigest()


def _is_writable(folder: Path) -> bool:
    """Whether a folder is there or can be made, is private, and takes a file."""
    try:
        for each in (folder.parent, folder):
            each.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not is_private(folder) or (hasattr(os, "getuid") and folder.lstat().st_uid != os.getuid()):
            sys.stderr.write(f"minusim: {folder} is not yours alone; compiled code in it is not used\n")
            return False
        probe = folder / f"probe-{os.getpid()}"
        probe.touch()
        probe.unlink()
    except OSError:
        return False
    return True


def _copied(folder: Path) -> Path:
    """A copy for this process of a folder that can only be read: numba uses none that it cannot write to."""
    copy = _temporary() / folder.name
    shutil.copytree(folder, copy)
    return copy


def _temporary() -> Path:
    made = Path(tempfile.mkdtemp(prefix="minusim-"))
    atexit.register(shutil.rmtree, made, ignore_errors=True)
    return made
