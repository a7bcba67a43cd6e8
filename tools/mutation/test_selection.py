"""The tests that run a line of a module, shortest first: measured once, before mutants are made."""

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import coverage
import pytest

from tools.mutation.mutants import ROOT

QUIET = ("-q", "-x", "-p", "no:cacheprovider", "-p", "no:xdist", "-p", "no:terminalreporter", "--no-header")


def failing(tests: Iterable[str], plugins: Sequence[object] = ()) -> str:
    """The first of some tests that fails, run in this process; empty where all pass."""
    chosen = list(tests)
    if not chosen:
        return ""
    seen = Failures()
    code = pytest.main([*QUIET, f"--rootdir={ROOT}", *chosen], plugins=[seen, *plugins])
    return seen.first or ("" if code == pytest.ExitCode.OK else f"pytest {int(code)}")


class Failures:
    """Notes the first test that fails."""

    def __init__(self) -> None:
        self.first = ""

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """A failure of set-up counts."""
        if report.failed and not self.first:
            self.first = report.nodeid

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """So does a file that cannot be read."""
        if report.failed and not self.first:
            self.first = report.nodeid


class Measuring:
    """Seconds of every test, and whose lines are run."""

    def __init__(self, measured: coverage.Coverage) -> None:
        self.measured = measured
        self.seconds: dict[str, float] = {}
        self.began = 0.0

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        """What follows, with the fixtures that are made for it, belongs to this test."""
        self.measured.switch_context(nodeid)
        self.began = time.process_time()

    def pytest_runtest_logfinish(self, nodeid: str) -> None:
        """Of processor time, set-up and tear-down with it."""
        self.seconds[nodeid] = time.process_time() - self.began


@dataclass(frozen=True)
class Selected:
    """``lines``: module -> line -> tests; ``seconds``: test -> how long it took alone or as the first of its file."""

    lines: Mapping[str, Mapping[int, Sequence[str]]]
    seconds: Mapping[str, float]
    files: Sequence[str]

    @classmethod
    def measured(cls, modules: Sequence[str], files: Sequence[str]) -> "Selected":
        """Run the files once, here, so that a forked copy finds read what they read.

        AssertionError if they are not green before anything is changed.
        """
        watched = coverage.Coverage(data_file=None, include=[str(ROOT / name) for name in modules], config_file=False)
        plugin = Measuring(watched)
        watched.start()
        bad = failing(files, [plugin])
        watched.stop()
        assert not bad, f"not green before any change: {bad}"
        data = watched.get_data()
        lines = {name: data.contexts_by_lineno(str(ROOT / name)) for name in modules}
        own = {name: {n: [t for t in tests if t] for n, tests in found.items()} for name, found in lines.items()}
        return cls(own, plugin.seconds, files)

    def of(self, module: str, line: int, budget: float) -> list[str]:
        """The tests that run a line, shortest first, until their time is more than the budget; at least one."""
        tests = sorted(self.lines.get(module, {}).get(line, ()), key=lambda test: self.seconds.get(test, 0.0))
        return self._within(tests, budget)

    def others(self, module: str, done: Iterable[str], budget: float) -> list[str]:
        """The other tests of the files that run any line of the module: a fixture is made by the first that asks."""
        near = {test.partition("::")[0] for tests in self.lines.get(module, {}).values() for test in tests}
        rest = [test for test in self.seconds if test.partition("::")[0] in near and test not in set(done)]
        return self._within(sorted(rest, key=lambda test: self.seconds[test]), budget)

    def _within(self, tests: Sequence[str], budget: float) -> list[str]:
        chosen, spent = [], 0.0
        for test in tests:
            spent += self.seconds.get(test, 0.0)
            if chosen and spent > budget:
                break
            chosen.append(test)
        return chosen
