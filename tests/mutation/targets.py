"""What is mutated, and the tests that are asked about it."""

from collections.abc import Mapping, Sequence

from sim.registry import PROCESSES

PROCESS_MODULES = tuple(f"sim/processes/{process.name}.py" for process in PROCESSES)
SHARED_RULES = ("sim/kernels.py", "sim/streams.py", "sim/conflict.py", "sim/recorder.py")
BY_HAND = ("tests/test_rules_by_hand.py", "tests/test_processes_by_hand.py")
UNIT_TESTS = (*BY_HAND, "tests/test_engine_kernels.py", "tests/test_engine_streams.py")

# modules -> tests
STATISTICS: Mapping[tuple[str, ...], Sequence[str]] = {
    ("sim/comparison/averages.py", "sim/comparison/differences.py", "sim/comparison/pairs.py",
     "sim/comparison/decomposition.py", "sim/comparison/moved.py", "sim/comparison/ledger.py",
     "sim/comparison/chance.py", "sim/comparison/costs.py", "sim/comparison/precision.py",
     "sim/comparison/shapley.py", "sim/comparison/student.py", "sim/comparison/words.py", "sim/attribute.py"): (
        "tests/test_statistics_by_hand.py", "tests/test_compare_statistics.py", "tests/test_compare_answer.py",
        "tests/test_attribute.py",
    ),
    ("sim/calibration/selection.py", "sim/calibration/sbc.py", "sim/calibration/stacking.py",
     "sim/calibration/sampler.py", "sim/calibration/emulator.py", "sim/calibration/targets.py",
     "sim/calibration/space.py", "sim/calibration/identified.py", "sim/calibration/foretold.py",
     "sim/calibration/waves.py"): (
        "tests/test_calibration_by_hand.py",
        "tests/test_calibration.py", "tests/test_selection.py", "tests/test_honesty.py",
    ),
    ("sim/validation/scores.py", "sim/validation/baselines.py", "sim/validation/differences.py",
     "sim/validation/alternatives.py", "sim/validation/groups.py", "sim/validation/harm.py",
     "sim/validation/natural.py", "sim/validation/patterns.py", "sim/validation/power.py",
     "sim/validation/regions.py", "sim/validation/tail.py", "sim/validation/timing.py", "sim/validation/table.py"): (
        "tests/test_validation_by_hand.py", "tests/test_validation_scores.py", "tests/test_validation_patterns.py",
    ),
    ("sim/observation/observed.py", "sim/observation/simulated.py", "sim/observe.py"): (
        "tests/test_observation_by_hand.py", "tests/test_observation.py",
    ),
    ("sim/tally/chance.py", "sim/results/summary.py"): (
        "tests/test_observation_by_hand.py", "tests/test_tally.py", "tests/test_results.py",
    ),
    ("sim/sensitivity/analysis.py", "sim/sensitivity/indices.py", "sim/sensitivity/morris.py",
     "sim/sensitivity/noise.py", "sim/sensitivity/quantities.py", "sim/sensitivity/design.py"): (
        "tests/test_sensitivity_by_hand.py", "tests/test_sensitivity.py",
    ),
}  # fmt: skip
