"""Mutation testing: what it changes, how a change gets in, and what is said of those that nobody noticed."""

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pandas as pd
import pytest

from tools.mutation import score
from tools.mutation.isolation import KILLED, SURVIVED, TIMEOUT, judged
from tools.mutation.module_patch import forgetting, install

MODULE = """
from dataclasses import dataclass
from functools import cache

LIMIT = 3
TABLE = {"twice": lambda x: 2 * x}


@cache
def limited(x):
    return min(LIMIT, x)


@dataclass
class Box:
    size: int = 5

    @property
    def double(self):
        return self.size + self.size
"""


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    path = tmp_path / "tried.py"
    path.write_text(MODULE, "utf-8")
    spec = importlib.util.spec_from_file_location("sim.tried", path)
    made = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(__import__("sys").modules, "sim.tried", made)
    spec.loader.exec_module(made)
    return made


def test_a_change_reaches_whoever_holds_the_function(module: ModuleType) -> None:
    limited, box, twice = module.limited, module.Box(), module.TABLE["twice"]
    assert (limited(9), box.double, twice(4)) == (3, 10, 8)
    install(module, MODULE.replace("min(", "max("))
    forgetting(module)
    assert limited(9) == 9
    install(module, MODULE.replace("LIMIT = 3", "LIMIT = 4"))
    forgetting(module)
    assert limited(9) == 4
    install(module, MODULE.replace("self.size + self.size", "self.size - self.size"))
    assert box.double == 0
    install(module, MODULE.replace("size: int = 5", "size: int = 6"))
    assert module.Box().size == 6
    install(module, MODULE)
    install(module, MODULE.replace("2 * x", "2 / x"))
    assert module.TABLE["twice"](4) == 0.5


def never() -> str:
    while True:
        pass


@pytest.mark.parametrize(
    ("check", "result", "said"),
    [(lambda: "", SURVIVED, ""), (lambda: "a test", KILLED, "a test"), (lambda: str(1 // 0), KILLED, "ZeroDivision"),
     (never, TIMEOUT, "1 s")],
    ids=["silent", "noticed", "error", "endless"],
)  # fmt: skip
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_check_is_judged(check: object, result: str, said: str) -> None:
    verdict = judged(check, 1.0)
    assert verdict.result == result
    assert verdict.check.startswith(said)


# What the operators do


@pytest.mark.parametrize(
    ("text", "operator", "changed"),
    [
        ("a += 1\n", "ReplaceAugmentedAssignment", "a -= 1\n"),
        ("a = min(b, c)\n", "SwapExtremes", "a = max(b, c)\n"),
        ("a = b < c\n", "ReplaceComparisonOperator_Lt_LtE", "a = b <= c\n"),
        ("if a:\n    b()\n", "AddNot", "if not a:\n    b()\n"),
    ],
)
def test_an_operator_makes_its_change(text: str, operator: str, changed: str, tmp_path: Path) -> None:
    from tools.mutation import mutants

    made = mutants.Source(str(made_in(tmp_path, text))).mutant(operator, 0)
    assert made.code == changed


def test_what_is_for_readers_only_is_not_changed(tmp_path: Path) -> None:
    from tools.mutation import mutants

    text = (
        'def f(a: int | None = None) -> "str | int":\n    """1 + 1 < 3."""\n\n\nif __name__ == "__main__":\n    f(1)\n'
    )
    assert mutants.Source(str(made_in(tmp_path, text))).places == []


def test_a_sample_is_the_same_every_time(tmp_path: Path) -> None:
    from tools.mutation import mutants

    path = str(made_in(tmp_path, "a = [b + 1, c - 2, d * 3, e / 4, f < 5]\n"))
    first, second = (mutants.Source(path).sample(4, 7) for _ in range(2))
    assert first == second
    assert len({mutant.code for mutant in first}) == 4


def made_in(folder: Path, text: str) -> Path:
    path = folder / "changed.py"
    path.write_text(text, "utf-8")
    return path


# What is kept


def explanations() -> pd.DataFrame:
    return pd.read_csv(score.EXPLAINED, keep_default_na=False)


def test_every_explanation_is_of_a_line_that_stands() -> None:
    known = explanations()
    assert not known.duplicated(["module", "before", "after"]).any()
    for module, rows in known.groupby("module"):
        lines = {line.strip() for line in (score.ROOT / module).read_text("utf-8").splitlines()}
        assert [before for before in rows["before"] if before not in lines] == [], module
    assert (known["reason"].str.len() > 10).all()
    assert (known["before"] != known["after"]).all()


def test_only_what_nobody_noticed_is_explained() -> None:
    rows = score.campaign()
    assert set(rows.loc[rows["reason"] != "", "result"]) <= {SURVIVED}
    assert len(rows[rows["reason"] != ""]) >= len(explanations()), "an explanation of what was never tried"


def test_the_page_shows_the_kept_campaign() -> None:
    block = re.search(r"<!-- measured: mutation -->\n(.*?)<!-- end -->", score.PAGE.read_text("utf-8"), re.DOTALL)
    assert block[1] == score.table()


def test_of_every_kernel_thirty_and_of_every_statistic_fifteen_or_all_were_tried() -> None:
    rows = score.campaign()
    for module, mine in rows.groupby("module"):
        asked = 30 if score.is_kernel(module) else 15
        assert len(mine) >= min(asked, int(0.8 * mine["places"].iloc[0])), module
