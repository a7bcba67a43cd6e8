"""What is mutated, and the tests that are asked about it."""

from collections.abc import Mapping, Sequence

from sim.scenario.registry import PROCESSES

PROCESS_MODULES = tuple(f"sim/model/processes/{process.name}.py" for process in PROCESSES)
SHARED_RULES = ("sim/model/kernels.py", "sim/model/streams.py", "sim/model/conflict.py", "sim/model/recorder.py")
BY_HAND = ("tests/test_shared_rules.py", "tests/test_single_processes.py")
UNIT_TESTS = (*BY_HAND, "tests/test_engine_kernels.py", "tests/test_engine_streams.py")

# modules -> tests
STATISTICS: Mapping[tuple[str, ...], Sequence[str]] = {
    (
        "sim/inference/comparison/averages.py",
        "sim/inference/comparison/differences.py",
        "sim/inference/comparison/pairs.py",
        "sim/inference/comparison/decomposition.py",
        "sim/inference/comparison/displacement_of_harm.py",
        "sim/inference/comparison/assumptions_audit.py",
        "sim/inference/comparison/costs.py",
        "sim/inference/comparison/precision.py",
        "sim/inference/attribution.py",
    ): (
        "tests/test_comparison_statistics.py",
        "tests/test_compare_answer.py",
    ),
    (
        "sim/calibration/importance_weights.py",
        "sim/calibration/stacking.py",
        "sim/calibration/sampler.py",
        "sim/calibration/emulator.py",
        "sim/calibration/targets.py",
        "sim/calibration/space.py",
        "sim/calibration/waves.py",
        "analysis/simulation_based_calibration.py",
        "analysis/identifiability.py",
        "analysis/posterior_predictive.py",
    ): (
        "tests/test_calibration_statistics.py",
        "tests/test_calibration.py",
        "tests/test_importance_weights.py",
        "tests/test_inference_checks.py",
    ),
    (
        "sim/validation/scores.py",
        "sim/validation/baselines.py",
        "sim/validation/attack_series.py",
        "sim/validation/natural_experiments.py",
        "sim/validation/patterns.py",
        "sim/validation/power.py",
        "sim/validation/regional_shares.py",
        "sim/validation/event_statistics.py",
        "sim/validation/score_table.py",
    ): (
        "tests/test_validation_scores.py",
        "tests/test_validation_patterns.py",
    ),
    (
        "sim/calibration/observation/observed.py",
        "sim/calibration/observation/simulated.py",
        "sim/results/ucdp_counting.py",
    ): ("tests/test_observation.py",),
    ("sim/inference/seed_ranges.py", "sim/results/summary.py"): (
        "tests/test_observation.py",
        "tests/test_tally.py",
        "tests/test_results.py",
    ),
    (
        "sim/inference/sensitivity/analysis.py",
        "sim/inference/sensitivity/indices.py",
        "sim/inference/sensitivity/design.py",
    ): ("tests/test_sensitivity.py",),
}
