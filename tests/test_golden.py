"""Golden runs: a few short histories give the kept numbers, on every interpreter, compiled or not."""

import json
import os
import platform
import subprocess
import sys
from copy import deepcopy
from pathlib import Path

import pytest

from analysis import portability
from sim.cli.main import main
from sim.model.engine import ROOMS
from sim.scenario import OUTCOMES as ALL_OUTCOMES
from sim.validation import golden
from sim.validation.golden import BITS, OUTCOMES, RUNS, Runs, Verdict, compare_runs, stored_numbers
from sim.validation.golden import main as command
from sim.validation.machine import LEVELS, Machine, cpu_class, this_machine
from tools.pages import with_blocks

ROOT = Path(golden.__file__).parents[2]
PLAIN = "first_weeks"  # few agents and weeks, so that plain Python ends it in seconds
KNOWN, BITS_OF = stored_numbers()


@pytest.fixture(scope="module")
def found() -> Runs:
    """All golden runs on this machine."""
    return golden.run_golden()


def elsewhere(**environment: str) -> Runs:
    """The short golden run in a fresh Python, with warnings as errors."""
    code = f"import json\nfrom sim.validation import golden\nprint(json.dumps(golden.run_golden(['{PLAIN}'])))"
    everything = {**os.environ, "PYTHONPATH": str(ROOT), **environment}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], env=everything, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    runs: Runs = json.loads(done.stdout)
    return runs


def moved(name: str, value: int | str) -> Runs:
    """The kept numbers with one of them changed."""
    runs = deepcopy(KNOWN)
    runs["withdrawal"]["2"][name] = value
    return runs


def test_this_machine_gives_the_kept_numbers(found: Runs) -> None:
    """To the bit on the class of machine that the bits were kept on, in every event elsewhere."""
    verdict, differences = compare_runs(found, KNOWN)
    own_class = this_machine().kind == BITS_OF
    assert verdict <= (Verdict.EQUAL_TO_THE_BIT if own_class else Verdict.EQUAL_IN_EVENTS), [*map(str, differences)]


def test_kept_are_all_runs_as_whole_numbers_and_something_happens() -> None:
    assert {name: [*seeds] for name, seeds in KNOWN.items()} == {run.name: [*map(str, run.seeds)] for run in RUNS}
    assert set(OUTCOMES) <= set(ALL_OUTCOMES)
    for seeds in KNOWN.values():
        for numbers in seeds.values():
            assert [*numbers] == ["events", *OUTCOMES, "events_sha256", BITS]
            assert all(isinstance(numbers[name], int) for name in ("events", *OUTCOMES))
    every_seed = [numbers for seeds in KNOWN.values() for numbers in seeds.values()]
    assert [name for name in OUTCOMES if not any(numbers[name] for numbers in every_seed)] == []
    assert len({numbers[BITS] for numbers in every_seed}) == len(every_seed)


@pytest.mark.slow
def test_plain_python_gives_the_same_to_the_bit(found: Runs) -> None:
    """The whole program with numba disabled, and no integer that overflows with a warning."""
    assert elsewhere(NUMBA_DISABLE_JIT="1") == {PLAIN: found[PLAIN]}


@pytest.mark.slow
@pytest.mark.skipif(
    platform.machine() != "x86_64" or not this_machine().libc.startswith("glibc"), reason="asks glibc on x86-64"
)
def test_the_functions_of_an_older_processor_give_the_same_events(found: Runs) -> None:
    """glibc has an exponential with and one without fused multiplication, which differ in the last bit."""
    older = elsewhere(GLIBC_TUNABLES="glibc.cpu.hwcaps=-AVX2,-FMA,-FMA4,-AVX2_Usable,-FMA_Usable")
    assert compare_runs(older, found)[0] <= Verdict.EQUAL_IN_EVENTS


def test_only_the_bits_may_differ_between_classes() -> None:
    assert compare_runs(KNOWN, KNOWN) == (Verdict.EQUAL_TO_THE_BIT, [])
    verdict, differences = compare_runs(moved(BITS, "0"), KNOWN)
    assert (verdict, len(differences)) == (Verdict.EQUAL_IN_EVENTS, 1)
    for name in ("events", "events_sha256", "peacekeepers_killed"):
        verdict, differences = compare_runs(moved(name, 10**6), KNOWN)
        old = KNOWN["withdrawal"]["2"][name]
        assert (verdict, str(differences[0])) == (
            Verdict.DIFFERENT,
            f"withdrawal, seed 2: {name} {old} -> 1000000",
        )


def test_a_run_that_was_never_kept_differs_and_one_not_asked_for_does_not() -> None:
    verdict, differences = compare_runs({"new": {"1": {"events": 3}}}, KNOWN)
    assert (verdict, [*map(str, differences)]) == (Verdict.DIFFERENT, ["new, seed 1: events None -> 3"])
    assert compare_runs({PLAIN: KNOWN[PLAIN]}, KNOWN)[0] == Verdict.EQUAL_TO_THE_BIT


def test_numbers_are_renewed_by_the_flag_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(golden, "FILE", tmp_path / "runs.json")
    golden.store_numbers(KNOWN, this_machine())
    before = golden.FILE.read_bytes()
    monkeypatch.setattr(golden, "run_golden", lambda names=(): moved("events", 5))
    monkeypatch.setattr(sys, "argv", ["golden"])
    assert command() == 1
    assert golden.FILE.read_bytes() == before
    monkeypatch.setattr(sys, "argv", ["golden", "--renew"])
    assert command() == 0
    old = KNOWN["withdrawal"]["2"]["events"]
    assert capsys.readouterr().out.count(f"withdrawal, seed 2: events {old} -> 5\n") == 2
    assert stored_numbers() == (moved("events", 5), this_machine().kind)


@pytest.mark.parametrize(
    ("arguments", "message"), [(["nothing"], "no run 'nothing'"), (["--renew", PLAIN], "--renew renews all runs")]
)
def test_what_the_module_refuses(
    arguments: list[str], message: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["golden", *arguments])
    with pytest.raises(SystemExit) as ended:
        command()
    assert ended.value.code == 2
    assert message in capsys.readouterr().err


# minusim check --install

OTHER_CLASS = Machine("Linux", "x86-64-v2", "glibc 2.31", "nehalem", {"minusim": "0.1.0", "Python": "3.12.1"})
SAME_CLASS = Machine("Linux", BITS_OF["cpu"], BITS_OF["libc"], "nehalem", {"minusim": "0.1.0", "Python": "3.12.1"})
KEPT_ON = f"the bits were kept on {BITS_OF['cpu']}, {BITS_OF['libc']}."
VERDICTS = {
    "equal": (KNOWN, SAME_CLASS, 0, "Equal to the bit: all 8 golden runs give the kept numbers."),
    "events of another class": (
        moved(BITS, "0"),
        OTHER_CLASS,
        0,
        "Equal in events: all 8 golden runs give the kept events and totals; 1 differs in the last digits of "
        "quantities behind them, as elsewhere they may.",
    ),
    "events of the same class": (
        moved(BITS, "0"),
        SAME_CLASS,
        0,
        "Equal in events: all 8 golden runs give the kept events and totals; 1 differs in the last digits of "
        "quantities behind them, though the class is the same: look at the versions.",
    ),
    "different": (
        moved("events", 5),
        OTHER_CLASS,
        1,
        f"Different: 1 of 8 golden runs gives other events; the first: withdrawal, seed 2, events is 5, kept is "
        f"{KNOWN['withdrawal']['2']['events']}.",
    ),
}


@pytest.mark.parametrize("case", VERDICTS)
def test_check_install_says_how_far_this_machine_agrees(
    case: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    runs, machine, code, line = VERDICTS[case]
    monkeypatch.setattr(golden, "run_golden", lambda names=(): runs)
    monkeypatch.setattr("sim.validation.machine.this_machine", lambda: machine)
    assert main(["check", "--install"]) == code
    assert capsys.readouterr().out.splitlines() == [line, f"This is {machine}; {KEPT_ON}"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["quickstart", "--install"], "minusim check: --install takes no scenario, --variant or --set"),
        (["--install", "--set", "seed=2"], "minusim check: --install takes no scenario, --variant or --set"),
        ([], "minusim check: Missing argument 'SCENARIO'; or say --mission or --install. See `minusim check --help`."),
    ],
)
def test_check_wants_a_scenario_or_the_installation(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", *arguments]) == 2
    said = capsys.readouterr()
    assert (said.out, said.err.count("\n")) == ("", 1)
    assert said.err.startswith(message)


# Machines


def test_this_machine_is_named() -> None:
    machine = this_machine()
    for name in ("Python", "numba", "NumPy", "Mesa"):
        assert machine.versions[name]
    assert platform.system() in str(machine)
    assert set(machine.kind) == {"cpu", "libc"}


def test_the_class_of_a_processor_is_the_highest_level_that_is_whole() -> None:
    there: set[str] = {"sse2"}
    assert cpu_class("x86_64-unknown-linux-gnu", there) == "x86-64"
    for level, added in LEVELS:
        assert cpu_class("x86_64-pc-windows-msvc", there | {min(added)}) != level
        there |= added
        assert cpu_class("x86_64-pc-windows-msvc", there) == level
    without = there - {"fma"}
    assert cpu_class("x86_64-apple-darwin", without) == "x86-64-v2"
    assert cpu_class("arm64-apple-darwin23", {"neon"}) == "arm64"


def test_golden_runs_are_above_the_model_and_decide_nothing() -> None:
    assert "validation" not in ROOMS


# The page


def test_the_page_has_what_was_measured() -> None:
    text = portability.PAGE.read_text("utf-8")
    assert with_blocks(text, portability.BLOCKS) == text, "python -m analysis.portability writes it"


def test_what_was_measured_has_every_condition_and_a_control_that_was_seen() -> None:
    rows = portability.kept(portability.PART)["rows"]
    assert [row["label"] for row in rows] == [condition.label for condition in portability.CONDITIONS]
    assert rows[-1]["label"].startswith("control")
    assert rows[-1]["verdict"] != "equal to the bit"
    assert {row["verdict"] for row in rows[:-1]} <= {"equal to the bit", "equal in events"}
    assert portability.kept(portability.PART)["decades"]["differing"] == 0, "the page says so in words"


@pytest.mark.slow
def test_a_condition_that_does_not_run_is_an_error() -> None:
    with pytest.raises(RuntimeError, match=r"broken: (.|\n)*no run 'nothing'"):
        portability.tried(portability.Condition("broken", arguments=("-m", "sim.validation.golden", "nothing")))
