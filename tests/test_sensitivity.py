"""Sensitivity: designs and indices against loops, theory and SALib; the part of chance; runs kept and resumed."""

import json
import shlex
from collections.abc import Callable
from dataclasses import replace
from itertools import permutations
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from SALib.analyze import morris as salib_morris
from SALib.sample import sobol as saltelli

from sim.cli.main import main
from sim.cli.sensitivity import _outcomes, command
from sim.inference.sensitivity import analysis, evaluations
from sim.inference.sensitivity.analysis import (
    Analysis,
    Explained,
    Output,
    Sensitivity,
    Size,
    default_within,
    outputs_of,
)
from sim.inference.sensitivity.design import Design, Marginal, Swept, problem, quantities, screening, sobol
from sim.inference.sensitivity.evaluations import Evaluated
from sim.inference.sensitivity.indices import (
    Indices,
    elementary_effects,
    most_important,
    product,
    screen,
    share_out,
    square,
    strength,
)
from sim.missions.parameters import Prior
from sim.missions.posterior import Posterior
from sim.present.sensitivity_text import deciding, document, sentence, text
from sim.results.panel import OUTCOME_NAMES
from sim.study.store import StoreError
from sim.study.task import RunResult, draws_of, variants_of
from tests.minusma import parameters
from tests.study_support import TEXT, scenario


def unit(*names: str) -> tuple[Swept, ...]:
    """Quantities between 0 and 1."""
    return tuple(Swept(name, ((name, Prior("uniform", 0.0, 0.0, 1.0)),)) for name in names)


def of_pairs(a: np.ndarray, b: np.ndarray) -> float:
    """The mean of a_r b_s over all pairs of different replications."""
    return float(np.mean([a[r] * b[s] for r, s in permutations(range(len(a)), 2)]))


# Products of averages


def test_products_leave_out_a_replication_with_itself() -> None:
    a, b = np.array([1.0, 2.0, 4.0]), np.array([3.0, -1.0, 5.0])
    assert product(a, b) == pytest.approx(of_pairs(a, b)) == pytest.approx((7 * 7 - 21) / 6)
    assert product(np.array([a, b]), np.array([b, b])) == pytest.approx([of_pairs(a, b), of_pairs(b, b)])
    assert square(a) == pytest.approx(28 / 6)  # 2 x (2 + 4 + 8) over six pairs
    assert square(np.array([3.0, -3.0])) == -9.0


# Screening


def test_effects_are_changes_by_a_step_up_whichever_way_a_step_went() -> None:
    points = np.array([[0.1, 0.1], [0.7, 0.1], [0.7, 0.7], [0.7, 0.7], [0.7, 0.1], [0.1, 0.1]])
    design = Design(unit("a", "b"), (), points, np.repeat([0, 1], 3), 0)
    values = np.array([[0.0, 1.0], [2.0, 2.0], [8.0, 12.0], [5.0, 5.0], [4.0, 3.0], [1.0, 1.0]])
    effects = elementary_effects(design, values) * (2 / 3)  # a step is two thirds of the range
    assert effects[0] == pytest.approx(np.array([[2.0, 1.0], [3.0, 2.0]]))
    assert effects[1] == pytest.approx(np.array([[6.0, 10.0], [1.0, 2.0]]))


def test_strength_is_the_squared_average_or_what_clearly_lies_in_squares() -> None:
    both_ways = np.array([2.0, -2.0, 2.0, -4.0])  # squares 4, 4, 4, 16: 7 less twice 6 / 2
    one_way = np.array([2.0, 3.0, 4.0, 3.0])  # average 3: 9 less 2/3 / 4; squares 9.5 less twice 4.933 / 2
    faint = np.array([0.0, 0.0, 0.1, -0.1])
    effects = np.stack([np.column_stack([each] * 3) for each in (both_ways, one_way, faint)])
    assert strength(effects) == pytest.approx([1.0, 9 - 1 / 6, 0.0])
    noisy = np.array([[[3.0, 1.0], [1.0, 3.0], [2.0, 2.0]]])  # averages all 2; squares 3, 3, 4
    assert strength(noisy) == pytest.approx([4.0])


def test_a_screening_says_what_salib_says_of_averages_and_what_chance_would_give() -> None:
    design = screening(unit("a", "b", "c"), 4, seed=3)
    values = np.random.default_rng(1).normal(size=(16, 3))
    table = screen(design, values, seed=3)
    generator = np.random.default_rng([3, 1])
    book = salib_morris.analyze(
        problem(["a", "b", "c"]), design.points, values.mean(axis=1), num_levels=4, num_resamples=1000, seed=generator
    )
    for name in ("mu_star", "mu_star_conf", "mu", "sigma"):
        assert table[name].to_numpy() == pytest.approx(np.asarray(book[name], dtype=float))
    effects = elementary_effects(design, values)
    variance = [np.mean([each.var(ddof=1) / 3 for each in own]) for own in effects]
    assert table["noise"].to_numpy() == pytest.approx(np.sqrt(2 / np.pi * np.array(variance)))
    assert table["signal"].to_numpy() == pytest.approx(np.sqrt(strength(effects)))
    assert table["quantity"].tolist() == ["a", "b", "c"]


def test_the_most_important_have_the_largest_shares_of_all_outputs() -> None:
    one = pd.DataFrame({"quantity": list("abcd"), "signal": [3.0, 4.0, 0.0, 0.0]})  # 9/25, 16/25
    other = pd.DataFrame({"quantity": list("abcd"), "signal": [30.0, 10.0, 10.0, 0.0]})  # 9/11, 1/11, 1/11
    assert most_important([one], 4) == ("b", "a")
    assert most_important([one, other], 4) == ("a", "b", "c")
    assert most_important([one, other], 2) == ("a", "b")
    still = one.assign(signal=0.0)
    assert most_important([still], 4) == ()
    assert most_important([still, other], 1) == ("a",)


# Indices


def shares_by_hand(blocks: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """First, total, and chance, before and after division by the variance of single histories."""
    return _shares_by_hand(blocks - blocks[:, [0, -1]].mean())


def _shares_by_hand(blocks: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    count = blocks.shape[1] - 2
    first = [np.mean([of_pairs(b[-1], b[i + 1] - b[0]) for b in blocks]) for i in range(count)]
    total = [np.mean([of_pairs(b[i + 1] - b[0], b[i + 1] - b[0]) / 2 for b in blocks]) for i in range(count)]
    ends = [end for b in blocks for end in (b[0], b[-1])]
    level = np.mean(ends)
    averages = np.mean([of_pairs(end, end) for end in ends]) - level**2
    singles = np.mean(np.square(ends)) - level**2
    parts = np.array([*first, *total, singles - averages])
    return parts, parts / singles


def test_parts_are_those_of_a_loop_over_blocks_and_pairs() -> None:
    design = sobol(unit("a", "b"), (), 8, seed=4)
    rng = np.random.default_rng(2)
    values = 5 + 3 * design.points[:, :1] + design.points[:, 1:] + rng.normal(size=(32, 3))
    found = share_out(design, values, seed=4)
    blocks = values.reshape(8, 4, 3)
    _, point = shares_by_hand(blocks)
    assert found.table["first"].to_numpy() == pytest.approx(point[:2])
    assert found.table["total"].to_numpy() == pytest.approx(point[2:4])
    assert found.chance == pytest.approx(point[4])
    assert found.variance == pytest.approx(np.var([blocks[:, 0], blocks[:, 3]]))
    assert found.interactions == pytest.approx(1 - point[4] - point[:2].sum())
    assert found.table["quantity"].tolist() == ["a", "b"]
    centred = blocks - blocks[:, [0, -1]].mean()
    rows = np.random.default_rng([4, 2]).integers(8, size=(1000, 8))
    alone = np.array([_single(block) for block in centred])  # first, total, mean square, single squares, level
    drawn = []
    for chosen in rows:
        mean = alone[chosen].mean(axis=0)
        singles = mean[5] - mean[6] ** 2
        drawn.append(np.append(mean[:4], singles - (mean[4] - mean[6] ** 2)) / singles)
    half = 1.96 * np.std(drawn, axis=0, ddof=1)
    assert found.table["first_conf"].to_numpy() == pytest.approx(half[:2])
    assert found.table["total_conf"].to_numpy() == pytest.approx(half[2:4])
    assert found.chance_conf == pytest.approx(half[4])


def _single(b: np.ndarray) -> list[float]:
    first = [of_pairs(b[3], b[i] - b[0]) for i in (1, 2)]
    total = [of_pairs(b[i] - b[0], b[i] - b[0]) / 2 for i in (1, 2)]
    ends = [b[0], b[3]]
    return [*first, *total, np.mean([of_pairs(e, e) for e in ends]), np.mean(np.square(ends)), np.mean(ends)]


def test_where_nothing_varies_no_part_is_a_number() -> None:
    found = share_out(sobol(unit("a"), (), 8, seed=0), np.full((24, 2), 3.0), seed=0)
    assert np.isnan([found.chance, *found.table["first"], *found.table["total"]]).all()
    assert found.variance == 0.0


# Designs and quantities


def test_designs_have_their_own_generators_and_streams() -> None:
    swept = unit("a", "b")
    design = sobol(swept, unit("still"), 8, seed=5)
    book = saltelli.sample(problem(["a", "b"]), 8, calc_second_order=False, seed=np.random.default_rng([5, 2**31]))
    assert design.points.tolist() == book.tolist()
    assert design.block.tolist() == np.repeat(range(8), 4).tolist()
    assert (design.stream(0), design.stream(399), design.stream(401)) == (50_000_000, 50_000_099, 50_000_101)
    assert design.numbers(2)[:4] == [0, 1, 100, 101]
    assert design.values(305) == {"a": design.points[3, 0], "b": design.points[3, 1]}
    screened = screening(swept, 3, seed=5)
    assert screened.block.tolist() == [0, 0, 0, 1, 1, 1, 2, 2, 2]
    assert (screened.stream(205), screened.stream(305)) == (5, 105)
    grid = np.array([0.05, 0.35, 0.65, 0.95])  # four levels of the middle 90 %
    assert np.abs(screened.points[:, :, None] - grid).min(axis=2).max() < 1e-12
    assert problem(["a", "b"], 0.1, 0.7) == {"num_vars": 2, "names": ["a", "b"], "bounds": [[0.1, 0.7]] * 2}


def test_values_stand_in_the_middle_of_their_weights_and_paths_of_the_threat_rest_at_their_medians() -> None:
    law = Marginal.of(np.array([5.0, 1.0, 3.0]), np.array([0.5, 0.25, 0.25]))
    assert (law.values.tolist(), law.levels.tolist()) == ([1.0, 3.0, 5.0], [0.125, 0.375, 0.75])
    assert [law.quantile(u) for u in (0.0, 0.25, 0.375, 0.9)] == [1.0, 2.0, 3.0, 5.0]
    names = ["ambush_rate", "threat.Gao.2016", "threat.Gao.2017", "threat.Kidal.2016"]
    frame = pd.DataFrame([[0.001, 1, 2, 7], [0.003, 3, 4, 7], [0.002, 5, 9, 7]], columns=names)
    posterior = Posterior.from_frame(frame.assign(weight=[1.0, 1.0, 2.0], structure="a", source="derived"))
    swept = {quantity.name: quantity for quantity in quantities(scenario(), [], posterior)}
    assert swept["threat.Gao"].at_rest() == pytest.approx({names[1]: 3 + 2 / 3, names[2]: 4 + 5 / 3})
    assert swept["threat.Gao"].values(0.25) == pytest.approx({names[1]: 2.0, names[2]: 3.0})
    assert swept["threat.Kidal"].at_rest() == {names[3]: 7.0}
    assert swept["desertion_rate"].at_rest() == {}
    assert swept["ambush_rate"].at_rest() == pytest.approx({"ambush_rate": 0.002})
    assert swept["ambush_rate"].stands
    assert not swept["desertion_rate"].stands


def test_resting_quantities_stand_where_others_are_swept() -> None:
    still = Swept("s", (("s", Prior("uniform", 0.0, 0.0, 4.0)),), stands=True)
    design = Design(unit("a"), (still, *unit("kept")), np.array([[0.2], [0.9]]), np.zeros(2, np.int64), 0)
    assert design.values(100) == pytest.approx({"s": 2.0, "a": 0.9})


# The whole


def test_one_set_of_a_posterior_is_none() -> None:
    for sets, within in ((1, "prior"), (2, "posterior")):
        known = SimpleNamespace(sets=np.zeros((sets, 3)))
        mission = SimpleNamespace(has_posterior=True, posterior=lambda known=known: known)
        assert default_within(mission) == within  # type: ignore[arg-type]


def test_outputs_are_totals_of_the_baseline_and_differences_to_it() -> None:
    known = scenario()
    names = list(variants_of(known))
    baseline = known.baseline or names[0]
    outputs = outputs_of(known, ["civilians_killed", "peacekeepers_killed"])
    others = [name for name in names if name != baseline]
    assert [(each.outcome, each.variant) for each in outputs] == [
        (outcome, variant) for outcome in ("civilians_killed", "peacekeepers_killed") for variant in (None, *others)
    ]
    assert [Output("x", None).label, Output("x", "y").label] == ["x", "x-y"]
    totals = np.zeros((2, 2, 2, len(OUTCOME_NAMES)))
    at = OUTCOME_NAMES.index("civilians_killed")
    totals[..., 0, at], totals[..., 1, at] = [[5, 6], [7, 8]], [[2, 7], [10, 8]]
    found = Evaluated(screening(unit("a"), 1, 1), ("base", "other"), totals, ())
    assert Output("civilians_killed", None).values(found, "base").tolist() == [[5, 6], [7, 8]]
    assert Output("civilians_killed", "other").values(found, "base").tolist() == [[-3, 1], [3, 0]]


def test_tables_stack_outputs_and_put_chance_beside_quantities() -> None:
    table = pd.DataFrame({"quantity": ["a"], "first": [0.5], "first_conf": [0.1], "total": [0.6], "total_conf": [0.2]})
    screened = pd.DataFrame({"quantity": ["a", "b"], "mu_star": [1.0, 2.0]})
    parts = [
        Explained(Output("x", variant), screened, Indices(table, 0.3, 0.05, variance))
        for variant, variance in ((None, 9.0), ("other", 16.0))
    ]
    found = Sensitivity(scenario(), "base", "prior", Size(1, 8, 1, 2), ("a", "b"), ("a",), tuple(parts), 0)
    indices = found.indices_table()
    assert indices["standard_deviation"].tolist() == [3.0, 3.0, 4.0, 4.0]
    assert indices["difference_of"].tolist() == ["", "", "other", "other"]
    assert indices.columns.tolist()[:3] == ["outcome", "difference_of", "quantity"]
    chance = indices[indices["quantity"] == "chance"]
    assert chance[["first", "first_conf", "total", "total_conf"]].to_numpy().tolist() == [[0.3, 0.05] * 2] * 2
    screening_table = found.screening_table()
    assert screening_table["mu_star"].tolist() == [1.0, 2.0, 1.0, 2.0]
    assert screening_table["simulated"].all()


def analysed(monkeypatch: pytest.MonkeyPatch, slopes: dict[str, float]) -> Sensitivity:
    """An analysis whose runs are linear in what is swept; two runs of the first and three of the second step failed."""
    known = scenario()
    names = tuple(variants_of(known))

    def evaluate(blueprint: object, design: Design, size: int, kept: object, step: str, *rest: object) -> Evaluated:
        line = design.points @ [slopes[name] for name in design.names]
        totals = np.tile(line[:, None, None, None], (1, size, len(names), len(OUTCOME_NAMES)))
        totals *= np.arange(1.0, len(names) + 1)[:, None]  # of each variant its own slope
        return Evaluated(design, names, totals, (None,) * {"screening": 2, "sobol": 3}[step])  # type: ignore[arg-type]

    monkeypatch.setattr(analysis, "Blueprint", SimpleNamespace(build=lambda scenario: None))
    monkeypatch.setattr(analysis, "evaluate", evaluate)
    size = Size(trajectories=4, samples=16, top=2, replications=2)
    asked = Analysis(known, ("civilians_killed",), "prior", size, unit(*slopes), None)  # type: ignore[arg-type]
    executor = SimpleNamespace(begin=lambda: None)
    return asked.run(executor, {"screening": None, "sobol": None})  # type: ignore[arg-type, dict-item]


def test_an_analysis_chooses_by_the_screening_and_counts_what_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    found = analysed(monkeypatch, {"weak": 1.0, "strong": 3.0, "none": 0.0, "middle": 2.0})
    assert found.chosen == ("strong", "middle")
    assert found.failed == 5
    assert found.swept == ("weak", "strong", "none", "middle")
    assert [each.output.variant for each in found.outputs] == [e.variant for e in outputs_of(scenario(), ["x"])]
    for each in found.outputs:
        assert each.screened["mu_star"].to_numpy() / each.screened["mu_star"].max() == pytest.approx(
            [1 / 3, 1, 0, 2 / 3]
        )
        assert each.indices.table["total"].to_numpy() == pytest.approx([9 / 13, 4 / 13], abs=0.15)
        assert each.indices.chance == pytest.approx(0.0, abs=1e-9)
    with pytest.raises(StoreError, match="no quantity has an effect"):
        analysed(monkeypatch, {"none": 0.0})


FAR = 4.9  # standard errors that a normal number exceeds with probability ALPHA
Model = Callable[[np.ndarray, np.random.Generator], np.ndarray]


def evaluated(design: Design, model: Model, replications: int = 2, seed: int = 0) -> np.ndarray:
    """[rows, replications]; the chance of a run is that of its seed and stream, as in a study."""
    values = np.empty((len(design.points), replications))
    for row, point in enumerate(design.points):
        for own in range(replications):
            values[row, own] = model(point, np.random.default_rng([seed, design.stream(row * 100 + own)]))
    return values


def ishigami(u: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    x = np.pi * (2 * u - 1)
    return np.sin(x[0]) + 7 * np.sin(x[1]) ** 2 + 0.1 * x[2] ** 4 * np.sin(x[0])


def additive(spread: float) -> Model:
    """Variances 16/12 and 4/12 of two numbers, and chance."""
    return lambda u, rng: 4 * u[0] + 2 * u[1] + spread * rng.normal()


def reshuffled(u: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """One number acts; the other does nothing but reshuffle chance."""
    own = np.random.default_rng([int(1e9 * u[1]), rng.integers(2**31)])
    return 3 * u[0] + own.normal()


def test_indices_of_ishigami_are_those_of_theory() -> None:
    design = sobol(unit("a", "b", "c"), (), 2048, seed=0)
    found = share_out(design, evaluated(design, ishigami), seed=0)
    truth = {"first": (0.3139, 0.4424, 0.0), "total": (0.5576, 0.4424, 0.2437)}
    for column, values in truth.items():
        assert found.table[column].to_numpy() == pytest.approx(values, abs=0.03)
    assert found.chance == pytest.approx(0.0, abs=1e-9)
    assert found.variance == pytest.approx(13.845, rel=0.03)
    assert found.interactions == pytest.approx(0.2437, abs=0.05)


def errors_of_parts(narrowed: float) -> list[float]:
    """Distance of each part from its truth in standard errors, over independent designs of an additive model."""
    spread = np.sqrt(20 / 12 * 3)  # three quarters of the variance is chance
    truth = [0.25 * 0.8, 0.25 * 0.2, 0.25 * 0.8, 0.25 * 0.2, 0.75]
    found = []
    for seed in range(40):
        design = sobol(unit("a", "b"), (), 64, seed)
        parts = share_out(design, evaluated(design, additive(spread), 3, seed), seed)
        table = parts.table
        found.append([*table["first"], *table["total"], parts.chance * narrowed])
    values = np.array(found)
    return list((values.mean(axis=0) - truth) / (values.std(axis=0, ddof=1) / np.sqrt(len(values))))


def test_the_part_of_chance_is_recovered_without_bias_and_a_shifted_one_is_seen() -> None:
    assert max(map(abs, errors_of_parts(1.0))) < FAR
    assert abs(errors_of_parts(0.9)[-1]) > FAR


def test_a_number_that_only_reshuffles_chance_gets_nothing() -> None:
    """Jansen's estimator on single runs, the negative control, gives it all of the chance: 1 / (1 + 9/12)."""
    design = sobol(unit("acts", "idle"), (), 1024, seed=5)
    values = evaluated(design, reshuffled)
    found = share_out(design, values, seed=5)
    idle = found.table.iloc[1]
    assert abs(idle["total"]) < FAR / 1.96 * idle["total_conf"]
    assert found.chance == pytest.approx(1 / 1.75, abs=0.06)
    assert found.table["first"][0] == pytest.approx(0.75 / 1.75, abs=0.08)
    blocks = values[:, 0].reshape(-1, 4)
    naive = ((blocks[:, 2] - blocks[:, 0]) ** 2).mean() / 2 / blocks[:, [0, 3]].var()
    assert naive > 0.45


def test_screening_knows_what_chance_alone_would_give() -> None:
    design = screening(unit(*"abcdef"), 30, seed=1)

    def model(u: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        return np.random.default_rng([int(1e9 * u.sum()), rng.integers(2**31)]).normal() + 10 * u[4]

    table = screen(design, evaluated(design, model, 4), seed=1)
    idle = table[table["quantity"] != "e"]
    assert (idle["mu_star"] / idle["noise"]).mean() == pytest.approx(1.0, abs=0.2)
    assert most_important([table], 1) == ("e",)
    assert (idle["signal"] < 0.15 * table["signal"].max()).all()


def test_larger_designs_begin_with_the_smaller_ones_and_seed_0_is_a_seed() -> None:
    swept = unit("a", "b", "c")
    for make, few, many in ((screening, 3, 5), (lambda *given: sobol(given[0], (), *given[1:]), 16, 32)):
        small, large = make(swept, few, 0), make(swept, many, 0)
        n = len(small.points)
        assert np.array_equal(small.points, large.points[:n])
        assert [small.stream(n) for n in small.numbers(2)] == [large.stream(n) for n in small.numbers(2)]
        assert not np.array_equal(small.points, make(swept, few, 1).points)
    assert not {screening(swept, 5, 0).stream(n) for n in range(0, 2000, 7)} & {large.stream(0)}


def test_everything_that_is_not_reported_is_swept_over_its_prior() -> None:
    known = scenario()
    swept = {quantity.name: quantity for quantity in quantities(known, variants_of(known).values(), None)}
    assert {name for name, row in parameters().items() if row.status != "reported"} <= set(swept)
    assert {"measures.patrols", "measures.training"} <= set(swept)
    row = parameters()["ambush_rate"]
    assert swept["ambush_rate"].values(0.0) == {"ambush_rate": pytest.approx(row.low)}
    assert swept["ambush_rate"].at_rest() == {}
    fixed = known.with_values({"parameters.ambush_rate": row.value})
    assert "ambush_rate" not in {quantity.name for quantity in quantities(fixed, [], None)}


def synthetic(spread: float = 1.0) -> Sensitivity:
    """An analysis of the additive model as baseline and, without chance in common, as difference."""
    known, swept = scenario(), unit("strong", "weak", "inert")
    first, second = screening(swept, 10, 1), sobol(swept[:2], swept[2:], 64, 1)
    outputs = []
    for variant in (None, "patrols"):
        screened = screen(first, evaluated(first, additive(spread)), 1)
        indices = share_out(second, evaluated(second, additive(spread)), 1)
        outputs.append(Explained(Output("peacekeepers_killed", variant), screened, indices))
    names, size = tuple(quantity.name for quantity in swept), Size(10, 64, 2, 2)
    return Sensitivity(known, "as_is", "prior", size, names, names[:2], tuple(outputs), 0)


def test_sentences_name_what_decides_and_the_part_of_chance() -> None:
    found = synthetic()
    said = sentence(found, found.outputs[1])
    assert said.startswith("Difference in mission deaths, “patrols” from “as is”: ")
    assert (
        "\N{NO-BREAK SPACE}% of the variance of single runs is chance; of the unknown numbers it depends on strong ("
        in said
    )
    assert said.index("strong") < said.index("weak")
    assert deciding(found) == ["strong", "weak"]
    assert "Over all differences together these matter most: strong, weak." in text(found)
    assert json.loads(json.dumps(document(found), allow_nan=False))["outputs"][0]["difference_of"] is None


def test_where_chance_is_all_nothing_is_named() -> None:
    found = synthetic(spread=500.0)
    assert "no quantity is distinguishable from it with 64 samples" in sentence(found, found.outputs[0])


def test_the_figure_is_written_and_names_quantities_and_chance(tmp_path: Path) -> None:
    from sim.present.figures.sensitivity import save_figures, sensitivity
    from sim.present.figures.style import FORMATS

    found = synthetic()
    paths = save_figures(replace(found, outputs=found.outputs[1:]), tmp_path)
    assert [path.name for path in paths] == [f"sensitivity-peacekeepers_killed-patrols.{n}" for n in FORMATS]
    assert all(path.stat().st_size > 5000 for path in paths)
    left, right, _ = sensitivity(found, found.outputs[0]).axes
    assert [label.get_text() for label in right.get_yticklabels()] == ["strong", "weak", "chance"]
    assert {"strong", "weak"} <= {words.get_text() for words in left.texts}


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(
        "sim.present.figures.sensitivity.save_figures", lambda found, folder, formats: []
    )  # tested above
    lines = TEXT.replace("2013-09-10", "2013-08-31").splitlines()
    variants = ["  as_is: {}", "  patrols: {measures: {patrols: {patrols_per_1000_per_day: 9, start: 2013-07-20}}}"]
    kept = [*lines[: lines.index("variants:") + 1], *variants]
    (tmp_path / "two_months.yaml").write_text("\n".join(kept) + "\n")
    return "two_months.yaml"


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> tuple[str, ...]:
    """Three parameters and one measure in place of three hundred: the steps are the same."""
    names = ("killing_rate", "device_rate", "desertion_rate", "measures.patrols")

    def chosen(*given: object) -> tuple[Swept, ...]:
        return tuple(quantity for quantity in quantities(*given) if quantity.name in names)  # type: ignore[arg-type]

    monkeypatch.setattr("sim.inference.sensitivity.analysis.quantities", chosen)
    return names


SMALL = ["--workers", "1", "--trajectories", "2", "--samples", "8", "--top", "2", "--within", "prior"]


def test_an_analysis_is_kept_resumed_and_extended(
    file: str, few: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    wanted = ["sensitivity", file, "--out", "kept", "--outcomes", "civilians_killed", *SMALL]
    assert main([*wanted, "--json"]) == 0
    said = capsys.readouterr()
    whole = json.loads(said.out)
    assert f"{2 * 5 * 2 * 2} runs of the screening to do" in said.err
    assert whole["quantities"] == 4
    assert set(whole["chosen"]) <= set(few)
    assert f"{8 * (len(whole['chosen']) + 2) * 2 * 2} runs of the Sobol' design to do" in said.err
    assert [row["difference_of"] for row in whole["outputs"]] == [None, "patrols"]
    assert main(wanted) == 2
    assert "kept: holds this analysis already; add --resume" in capsys.readouterr().err

    for file_of_runs in list(Path("kept").glob("sobol_*.parquet")):
        file_of_runs.write_bytes(b"damaged")
    Path("kept/sensitivity.json").write_text("{")
    assert main([*wanted, "--resume", "--json"]) == 0
    again = capsys.readouterr()
    assert json.loads(again.out) == whole
    assert "set aside, and its runs are done again" in again.err
    assert "sensitivity.json: not as it was written; set aside, and rewritten: the runs beside it say" in again.err
    assert "0 runs of the screening to do" in again.err
    table = pd.read_csv("kept/indices.csv")
    assert set(table["quantity"]) == {*whole["chosen"], "chance"}
    assert main([*wanted, "--resume", "--trajectories", "3"]) == 0
    assert f"{5 * 2 * 2} runs of the screening to do" in capsys.readouterr().err

    assert main([*wanted, "--resume", "--set", "seed=9"]) == 2
    assert "holds another analysis" in capsys.readouterr().err
    monkeypatch.setattr(evaluations, "fingerprint", lambda mission: "0" * 64)
    assert main([*wanted, "--resume"]) == 2
    assert "its model differ" in capsys.readouterr().err


def test_what_is_finished_is_kept_when_it_is_interrupted(
    file: str, few: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(results: object, total: int, what: str) -> object:
        for number, result in enumerate(results):  # type: ignore[arg-type]
            if number == 6:
                raise KeyboardInterrupt
            yield result

    wanted = ["sensitivity", file, "--out", "kept", *SMALL]
    with monkeypatch.context() as patched:
        patched.setattr("sim.cli.progress.tracked", interrupted)
        assert main(wanted) == 130
    assert "the same command with --resume continues" in capsys.readouterr().err
    assert main([*wanted, "--resume"]) == 0
    begun = int(capsys.readouterr().err.partition(" runs of the screening")[0].split()[-1])
    assert 0 < begun < 40


def test_a_block_with_a_failed_run_is_left_out(file: str, few: tuple[str, ...]) -> None:
    design = screening(unit("a", "b"), 3, 1)
    totals = np.ones((9, 2, 1, 24))
    totals[4, 1] = np.nan
    failed = (RunResult("as_is", 401, evaluations.Failure("run", "ValueError: no luck"), 0.0),)
    whole = evaluations.Evaluated(design, ("as_is",), totals, failed).whole_blocks()
    assert set(whole.design.block) == {0, 2}
    assert whole.totals.shape[0] == 6
    totals[0] = np.nan
    with pytest.raises(evaluations.StoreError, match="too few are left to analyse: ValueError: no luck"):
        evaluations.Evaluated(design, ("as_is",), totals, failed).whole_blocks()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--outcomes", "peacekeepers_kiled"], "no outcome 'peacekeepers_kiled'; did you mean"),
        (["--outcomes", ","], "--outcomes: names none"),
        (["--samples", "100"], "write a power of two of at least 8"),
        (["--replications", "1"], "replications"),
        (["--within", "guess"], "--within"),
        (["--out", "two_months.yaml"], "is a file, not a folder"),
        (["--out", "."], "other files are there and are never overwritten"),
    ],
)
def test_bad_input_is_refused_in_one_line(
    file: str, words: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["sensitivity", file, *words]) == 2
    told = capsys.readouterr()
    assert message in told.err
    assert len(told.err.strip().splitlines()) == 1
    assert [entry.name for entry in Path().iterdir()] == [file]


def test_commands_of_the_page_are_valid() -> None:
    page = (Path(__file__).parents[1] / "docs" / "sensitivity.md").read_text("utf-8")
    block = page.partition("```sh\n")[2].partition("```")[0]
    lines = [shlex.split(line.partition("#")[0])[2:] for line in block.splitlines()]
    assert len(lines) == 3
    for words in lines:
        given = command.make_context("sensitivity", words).params
        assert given["samples"] & (given["samples"] - 1) == 0
        _outcomes(given["outcomes"])
    for name in (*screen_columns(), "standard_deviation"):
        assert f"`{name}`" in page


def screen_columns() -> set[str]:
    found = synthetic()
    return {*found.screening_table(), *found.indices_table()} - {"outcome", "difference_of", "quantity", "simulated"}


def test_the_values_of_a_study_are_drawn_as_before() -> None:
    """The numbering of a study: a replication is its own stream."""
    draws = draws_of(scenario(uncertainties="prior"))
    assert [draws.stream(number) for number in (0, 5)] == [0, 5]


def test_a_part_that_holds_no_runs_is_set_aside(tmp_path: Path) -> None:
    kept = evaluations.Evaluations(tmp_path / "kept", {"scenario": "one"}, resume=False)
    kept.folder.put("screening", pa.table({"row": [0], "replication": [0], "variant": ["a"]}))
    assert kept.runs("screening") == {}
    assert len(kept.notices) == 1
    assert "set aside, and its runs are done again" in kept.notices[0]
