"""What is released: the same bytes from anywhere, the right files inside, and refusals in one line."""

import json
import os
import re
import shutil
import subprocess
import sys
import venv
import zipfile
from base64 import urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import pytest

import sim
from tools.release import ReleaseError, build, sbom
from tools.release import __main__ as script
from tools.release.clean_install import COMMANDS, INSIDE, LEFT, Trial, try_out
from tools.release.contents import check_sdist, check_wheel, shipped

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[1]
EPOCH = 1_767_225_600
Held = dict[str, bytes]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Source archive and wheel of this checkout."""
    return build.build(ROOT, tmp_path_factory.mktemp("built"), EPOCH)


@pytest.fixture(scope="module")
def installed(built: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, unpacked where nothing else is."""
    site = tmp_path_factory.mktemp("site")
    with zipfile.ZipFile(built[1]) as archive:
        archive.extractall(site)
    return site


def alone(site: Path, code: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Code in a fresh Python that finds the unpacked wheel before this checkout."""
    command = [sys.executable, "-c", f"import sys\nsys.path.insert(0, {str(site)!r})\n{code}"]
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


# The same bytes


def test_another_folder_hour_mode_and_umask_give_the_same_bytes(built: tuple[Path, Path], tmp_path: Path) -> None:
    """Built again from the source archive: the wheel of that and the wheel of the checkout are one, too."""
    again = build.unpacked(built[0], tmp_path / "another place")
    build.disturb(again)
    for same in zip(built, build.build(again, tmp_path / "out", EPOCH, 0o077, "Pacific/Kiritimati"), strict=True):
        build.refuse_difference(same)


def test_one_other_byte_is_a_difference(tmp_path: Path) -> None:
    for name, text in (("a", b"1"), ("b", b"2")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "x.whl").write_bytes(text)
    same = tmp_path / "a" / "x.whl"
    build.refuse_difference((same, same))
    with pytest.raises(ReleaseError, match=r"x\.whl and .*x\.whl differ"):
        build.refuse_difference((same, tmp_path / "b" / "x.whl"))


def test_what_cannot_be_built_is_one_error(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[project]\nname = 1\n")
    with pytest.raises(ReleaseError, match="cannot be built"):
        build.build(tmp_path, tmp_path / "out", EPOCH)


# The contents


def test_archives_hold_what_they_must_and_nothing_else(built: tuple[Path, Path]) -> None:
    sdist, wheel = built
    assert check_wheel(wheel, ROOT) == len(shipped(ROOT)) + 5  # METADATA, WHEEL, RECORD, entry points, licence
    assert check_sdist(sdist, ROOT) > check_wheel(wheel, ROOT)
    must = (
        "py.typed", "missions/minusma/posterior.csv", "missions/minusma/scenarios/quickstart.yaml",
        "validation/golden_runs.json",
        "app/initial_state.json.gz", "app/static/map.js", "present/locales/fr/LC_MESSAGES/minusim.po",
        "present/templates/base.html", "_util/templates/notebook.html",
    )  # fmt: skip
    assert {f"sim/{name}" for name in must} <= shipped(ROOT)


def listed(held: Held) -> bytes:
    """A RECORD that agrees with what is held."""
    rows = []
    for name, text in held.items():
        digest = urlsafe_b64encode(sha256(text).digest()).decode().rstrip("=")
        rows.append(f"{name},," if name.endswith("RECORD") else f"{name},sha256={digest},{len(text)}")
    return ("\n".join(rows) + "\n").encode()


def adding(name: str) -> Callable[[Held], Held]:
    return lambda held: {name: b"", **held}


def holding(text: bytes) -> Callable[[Held], Held]:
    return lambda held: {**held, "sim/py.typed": text}


def lacking(name: str) -> Callable[[Held], Held]:
    return lambda held: {kept: text for kept, text in held.items() if kept != name}


SPOILT: dict[str, tuple[Callable[[Held], Held], str]] = {
    "a test": (adding("sim/tests/test_x.py"), "holds sim/tests/test_x.py, which the sources do not"),
    "tests beside": (adding("tests/test_x.py"), "holds tests/test_x.py, which nobody said may be in it"),
    "a cache": (adding("sim/__pycache__/x.cpython-311.pyc"), "holds sim/__pycache__/x.cpython-311.pyc, which nobody"),
    "a note": (adding("sim/missions/minusma/notes.txt"), "holds sim/missions/minusma/notes.txt, which nobody said"),
    "a key": (adding("sim/missions/minusma/server.key"), "holds sim/missions/minusma/server.key, which nobody said"),
    "two strangers": (lambda held: {"a": b"", "b": b"", **held}, "holds a and 1 more, which nobody said"),
    "no posterior": (lacking("sim/missions/minusma/posterior.csv"), "lacks sim/missions/minusma/posterior.csv"),
    "no mark of types": (lacking("sim/py.typed"), "lacks sim/py.typed"),
    "a private key in a file": (
        holding(b"-----BEGIN RSA " + b"PRIVATE KEY-----\n"),
        "sim/py.typed holds a private key",
    ),
    "a path of the builder": (holding(str(ROOT).encode()), "sim/py.typed holds a private key, or a path"),
}


@pytest.mark.parametrize("case", SPOILT)
def test_a_wheel_with_too_much_or_too_little_is_refused(case: str, built: tuple[Path, Path], tmp_path: Path) -> None:
    change, message = SPOILT[case]
    with pytest.raises(ReleaseError, match="minusim") as refused:
        check_wheel(rewritten(built[1], tmp_path, change), ROOT)
    assert message in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_wheel_whose_record_lies_is_refused(built: tuple[Path, Path], tmp_path: Path) -> None:
    check_wheel(rewritten(built[1], tmp_path, lambda held: held), ROOT)  # rewriting alone is no fault
    lying = rewritten(built[1], tmp_path, lambda held: {**held, "sim/py.typed": b"changed"}, record=False)
    with pytest.raises(ReleaseError, match=r"RECORD does not agree on sim/py\.typed"):
        check_wheel(lying, ROOT)


def rewritten(wheel: Path, folder: Path, change: Callable[[Held], Held], record: bool = True) -> Path:
    """The wheel with other files, and with a RECORD to match."""
    with zipfile.ZipFile(wheel) as archive:
        held = change({name: archive.read(name) for name in archive.namelist()})
    if record:
        held |= {name: listed(held) for name in held if name.endswith("RECORD")}
    out = folder / wheel.name
    with zipfile.ZipFile(out, "w") as archive:
        for name, text in held.items():
            archive.writestr(name, text)
    return out


# At work from any folder


def test_the_wheel_has_facts_scenarios_and_posterior_inside(installed: Path, tmp_path: Path) -> None:
    done = alone(installed, INSIDE, tmp_path)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert (Path(found["home"]), found["wrong"]) == (installed / "sim", [])
    facts = [path for path in (ROOT / "sim" / "missions" / "minusma").iterdir() if path.suffix in (".csv", ".geojson")]
    assert found["facts"] == len(facts)
    assert found["scenarios"] == len([*ROOT.glob("sim/missions/*/scenarios/*.yaml")])
    assert found["sets"] > 1000


def test_a_spoilt_fact_is_found_inside(installed: Path, tmp_path: Path) -> None:
    table = installed / "sim" / "missions" / "minusma" / "towns.csv"
    whole = table.read_bytes()
    table.write_bytes(whole + b"\n")
    try:
        assert json.loads(alone(installed, INSIDE, tmp_path).stdout)["wrong"] == ["towns.csv"]
    finally:
        table.write_bytes(whole)


def test_the_wheel_checks_its_scenarios_from_any_folder(installed: Path, tmp_path: Path) -> None:
    code = "from sim.cli.main import main\nsys.exit(main(['check', 'quickstart']))"
    done = alone(installed, code, tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert "quickstart is valid" in done.stdout
    assert str(ROOT) not in done.stdout


def test_the_version_to_cite_is_the_version() -> None:
    cited = re.search(r"^version: (.+)$", (ROOT / "CITATION.cff").read_text("utf-8"), re.MULTILINE)
    assert cited
    assert cited[1] == sim.__version__


@dataclass(frozen=True)
class Acted(Trial):
    """A trial in which commands print a word and leave the files that they should, but for one."""

    found: dict[str, object]
    forgotten: str = ""

    def inside(self) -> dict[str, object]:
        return {"home": str(self.folder / "sim"), "facts": 38, "wrong": [], "scenarios": 9, "sets": 9, **self.found}

    def minusim(self, *arguments: str) -> str:
        for name in {*LEFT} - {self.forgotten}:
            file = self.folder / "work" / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.touch()
        return '{"properties": {}}\n'


def test_a_trial_says_what_it_found(tmp_path: Path) -> None:
    said: list[str] = []
    try_out(Acted(tmp_path, {}), said.append)
    assert said[0] == "inside: 38 files of facts, 9 scenarios, 9 posterior sets"
    assert [line.split(":")[0] for line in said[1:]] == [f"minusim {' '.join(words)}" for words in COMMANDS]


@pytest.mark.parametrize(
    ("found", "forgotten", "message"),
    [
        ({"home": "/elsewhere/sim"}, "", "takes sim from /elsewhere/sim, not from the wheel"),
        ({"wrong": ["towns.csv"]}, "", "facts, scenarios or posterior are not as they were"),
        ({"sets": 0}, "", "facts, scenarios or posterior are not as they were"),
        ({}, "compared/comparison.csv", "the commands did not leave compared/comparison.csv"),
    ],
)
def test_a_trial_that_fails_is_one_error(
    found: dict[str, object], forgotten: str, message: str, tmp_path: Path
) -> None:
    with pytest.raises(ReleaseError, match=message):
        try_out(Acted(tmp_path, found, forgotten), lambda line: None)


# The bill of materials


def test_the_bill_of_materials_is_whole_and_the_same_each_time(
    built: tuple[Path, Path], installed: Path, tmp_path: Path
) -> None:
    venv.create(tmp_path / "venv", symlinks=True)
    (site,) = (tmp_path / "venv").rglob("site-packages")
    (about,) = installed.glob("*.dist-info")
    shutil.copytree(about, site / about.name)
    (site / "numpy-2.0.dist-info").mkdir()
    (site / "numpy-2.0.dist-info" / "METADATA").write_text("Metadata-Version: 2.1\nName: numpy\nVersion: 2.0\n")
    for name in ("one", "two"):
        sbom.write(tmp_path / "venv" / "bin" / "python", ROOT / "pyproject.toml", built[1], tmp_path / name, EPOCH)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
    found = json.loads((tmp_path / "one").read_text("utf-8"))
    assert (found["bomFormat"], found["specVersion"], "serialNumber" in found) == ("CycloneDX", sbom.VERSION, False)
    assert found["metadata"]["timestamp"].startswith("2026-01-01T00:00:00")
    about_us = found["metadata"]["component"]
    assert about_us["purl"] == f"pkg:pypi/minusim@{sim.__version__}"
    assert about_us["hashes"] == [{"alg": "SHA-256", "content": sha256(built[1].read_bytes()).hexdigest()}]
    assert {part["name"]: part["purl"] for part in found["components"]} == {"numpy": "pkg:pypi/numpy@2.0"}


# Refusals


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout with one commit."""
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    (tmp_path / "kept.txt").write_text("kept\n")
    who = ("-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false")
    build.git(tmp_path, "init", "--quiet")
    build.git(tmp_path, "add", "kept.txt")
    build.git(tmp_path, *who, "commit", "--quiet", "--message", "first", "--date", "@5 +0000")
    return tmp_path


def test_changes_are_refused_and_nothing_is_written(
    checkout: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    build.refuse_changes(checkout)
    (checkout / "new.txt").touch()
    monkeypatch.setattr(script, "ROOT", checkout)
    assert script.main() == 2
    assert capsys.readouterr() == (
        "",
        f"release: {checkout}: one file changed or not under version control, the first new.txt; commit or remove "
        "first: a release is made from a commit\n",
    )
    (checkout / "kept.txt").write_text("other\n")
    with pytest.raises(ReleaseError, match=r": 2 files changed or not under version control, the first kept\.txt;"):
        build.refuse_changes(checkout)
    assert not (checkout / "dist").exists()


def test_no_checkout_and_no_git_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    with pytest.raises(ReleaseError, match=r"not a git repository.*; a release is made from a commit"):
        build.refuse_changes(tmp_path)
    monkeypatch.setenv("PATH", "")
    with pytest.raises(ReleaseError, match="git is not installed"):
        build.refuse_changes(tmp_path)


def test_the_date_is_that_of_the_commit_or_the_one_asked_for(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    committed = int(build.git(checkout, "log", "-1", "--format=%ct"))
    assert build.source_date(checkout) == committed
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "12")
    assert build.source_date(checkout) == 12
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "yesterday")
    with pytest.raises(ReleaseError, match="SOURCE_DATE_EPOCH: 'yesterday' is no number of seconds"):
        build.source_date(checkout)


def test_only_what_is_committed_is_exported(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    (checkout / "kept.txt").write_text("other\n")
    (checkout / "new.txt").touch()
    exported = build.export(checkout, tmp_path_factory.mktemp("exported"))
    assert {path.name: path.read_text() for path in exported.iterdir()} == {"kept.txt": "kept\n"}


def test_a_failed_check_leaves_dist_as_it_was(
    checkout: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(script, "ROOT", checkout)
    assert script.main() == 1, "there is nothing to build in it"
    assert capsys.readouterr().err.startswith("release: ")
    assert not (checkout / "dist").exists()
