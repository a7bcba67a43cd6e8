"""Compiled code: private, as it was compiled, or compiled again; a place that cannot be written costs nothing else."""

import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from sim.model import compiled_cache, engine
from sim.model.compiled_cache import CHECKSUMS, cache_folder, clear, fits, is_private, seal

TAG = "0123456789abcdef-py311-numba0.1"
NAMES = ("day.days-1.py311.nbi", "day.days-1.py311.1.nbc")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Compiled code with its checksums."""
    for name in NAMES:
        (tmp_path / name).write_bytes(name.encode() * 100)
    seal(tmp_path)
    return tmp_path


@pytest.fixture
def caches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of caches of a user."""
    monkeypatch.setattr("platformdirs.user_cache_path", lambda name: tmp_path / "home" / name)
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    return tmp_path / "home" / "minusim"


def flip(file: Path, place: int) -> None:
    content = bytearray(file.read_bytes())
    content[place] ^= 1
    file.write_bytes(content)


def test_what_was_sealed_fits(folder: Path) -> None:
    assert fits(folder)
    assert {stat.S_IMODE((folder / name).stat().st_mode) for name in NAMES} == {0o600}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("place", [0, 1000, -1])
def test_one_flipped_bit_does_not_fit(folder: Path, name: str, place: int) -> None:
    flip(folder / name, place)
    assert not fits(folder)


@pytest.mark.parametrize("name", NAMES)
def test_emptied_halved_missing_and_foreign_files_do_not_fit(folder: Path, name: str) -> None:
    content = (folder / name).read_bytes()
    for damaged in (b"", content[: len(content) // 2]):
        (folder / name).write_bytes(damaged)
        assert not fits(folder)
    (folder / name).unlink()
    assert not fits(folder)
    (folder / name).write_bytes(content)
    assert fits(folder)
    (folder / "day.days-2.py311.1.nbc").write_bytes(b"code of others")
    assert not fits(folder)


@pytest.mark.parametrize("text", ["", "{", "[]", "{}"])
def test_without_its_checksums_nothing_fits(folder: Path, text: str) -> None:
    (folder / CHECKSUMS).write_text(text)
    assert not fits(folder)
    (folder / CHECKSUMS).unlink()
    assert not fits(folder)


def test_a_file_that_others_may_write_does_not_fit(folder: Path) -> None:
    (folder / NAMES[0]).chmod(0o666)
    assert not fits(folder)


def test_a_link_is_not_private(folder: Path) -> None:
    link = folder / "link"
    link.symlink_to(folder / NAMES[0])
    assert not is_private(link)


def test_what_does_not_fit_is_removed_in_one_line(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    clear(folder)
    assert list(folder.iterdir()) == []
    assert capsys.readouterr().err.count("\n") == 1
    assert fits(folder)


def test_the_folder_is_made_for_the_user_alone(caches: Path) -> None:
    old = os.umask(0)
    try:
        assert cache_folder(TAG) == caches / TAG
    finally:
        os.umask(old)
    assert stat.S_IMODE((caches / TAG).stat().st_mode) == 0o700


def test_a_folder_that_others_may_write_is_not_used(caches: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (caches / TAG).mkdir(parents=True)
    (caches / TAG).chmod(0o777)
    found = cache_folder(TAG)
    assert found is not None
    assert found.parent.name == "temporary"
    assert "is not yours alone" in capsys.readouterr().err


def test_a_warm_folder_that_can_only_be_read_is_copied(caches: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    warm = caches / TAG / "model_1"
    warm.mkdir(parents=True)
    for name in NAMES:
        (warm / name).write_bytes(b"code")
    seal(warm)
    _only_read(caches, monkeypatch)
    found = cache_folder(TAG)
    assert found is not None
    assert found != caches / TAG
    assert fits(found / "model_1")
    assert (found / "model_1" / NAMES[1]).read_bytes() == b"code"
    flip(warm / NAMES[1], 0)
    damaged = cache_folder(TAG)
    assert damaged is not None
    assert not (damaged / "model_1").exists()


def test_without_any_place_there_is_none(caches: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _only_read(caches.parents[1], monkeypatch)
    monkeypatch.setattr("tempfile.mkdtemp", _refuse)
    assert cache_folder(TAG) is None


def _only_read(below: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a file system that is mounted to be read: tests may run as root, whom no permissions stop."""
    touch = Path.touch

    def refuse(path: Path, *arguments: Any, **options: Any) -> None:
        if path.is_relative_to(below):
            _refuse()
        touch(path, *arguments, **options)

    monkeypatch.setattr(Path, "touch", refuse)


def _refuse(*_: Any, **__: Any) -> None:
    raise OSError(30, "Read-only file system")


class Function:
    """As numba's dispatcher: the first call compiles, and may fail to keep what it compiled."""

    def __init__(self, folder: Path, fails: bool) -> None:
        self.stats = type("Stats", (), {"cache_path": str(folder), "cache_misses": {1: 1}})()
        self.folder, self.fails, self.calls = folder, fails, 0

    def __call__(self, day: int) -> int:
        self.calls += 1
        if self.fails and self.calls == 1:
            _refuse()
        (self.folder / NAMES[1]).write_bytes(b"compiled")
        return day + 1


@pytest.mark.parametrize("fails", [False, True])
def test_a_first_call_seals_what_it_keeps_and_survives_a_full_disk(tmp_path: Path, fails: bool) -> None:
    days = engine._Checked(Function(tmp_path, fails), tmp_path)
    assert [days(3), days(4)] == [4, 5]
    assert fits(tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("damage", ["flipped", "emptied"])
def test_a_damaged_cache_never_gives_wrong_numbers(tmp_path: Path, damage: str) -> None:
    """A short run of the teaching pack with the real compiled code, damaged: the same numbers after one line."""
    known = Path(engine.cache_folder() or tmp_path)
    days = engine.compiled_days()
    assert isinstance(days, engine._Checked)
    script = (
        "import sim; scenario = sim.load('teaching').with_values(\n"
        "    {'period.end': '2030-01-31', 'settings.persons_per_community': 10_000})\n"
        "print(sim.run(scenario, seed=1).summary())"
    )

    def run() -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "XDG_CACHE_HOME": str(tmp_path), "MINUSIM_CACHE_MB": "off"}
        return subprocess.run(
            [sys.executable, "-c", script], capture_output=True, text=True, check=True, env=environment
        )

    if not engine.is_compiled():
        pytest.skip("nothing is compiled here yet")
    shutil.copytree(known, tmp_path / "minusim" / known.name)
    (tmp_path / "minusim" / known.name).chmod(0o700)
    right = run()
    assert right.stderr == ""
    code = next((tmp_path / "minusim" / known.name / days.folder.name).glob("*.nbc"))
    if damage == "flipped":
        flip(code, code.stat().st_size // 2)
    else:
        code.write_bytes(b"")
    again = run()
    assert again.stdout == right.stdout
    assert "is not as it was written; it is compiled again" in again.stderr
    assert compiled_cache.fits(code.parent)
