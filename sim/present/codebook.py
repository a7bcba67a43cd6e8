"""Unit and definition of every column of the tables of a comparison: name -> (unit, definition)."""

from __future__ import annotations

import pandas as pd

from sim.study.tables import codebook as runs_codebook

OWN = "unit of the outcome"
SHARE = "share of 1"
KEYS = {
    "variant": ("name", "policy that is compared with the baseline"),
    "outcome": ("name", "outcome, as `minusim list outcomes` has it"),
    "simulated": ("true", "the row is simulated, never observed"),
}
COMPARISON = {
    "pairs": ("pairs", "replications that ended under both the policy and the baseline"),
    "failed": ("replications", "replications that failed under either"),
    "baseline_mean": (OWN, "average under the baseline"),
    "variant_mean": (OWN, "average under the policy"),
    "variant_low": (OWN, "lower end of the 95 % interval of that average"),
    "variant_high": (OWN, "upper end of the 95 % interval of that average"),
    "mean": (OWN, "mean difference, policy less baseline"),
    "low": (OWN, "lower end of the 95 % interval of the average difference"),
    "high": (OWN, "upper end of the 95 % interval of the average difference"),
    "joint_low": (OWN, "the lower end at which the intervals of all policies hold at once"),
    "joint_high": (OWN, "the upper end at which the intervals of all policies hold at once"),
    "monte_carlo_error": (OWN, "standard error of the mean difference; more replications shrink it"),
    "chance_low": (OWN, "lower end of 95 % of what two histories of one policy differ by"),
    "chance_high": (OWN, "upper end of 95 % of what two histories of one policy differ by"),
    "history_low": (OWN, "lower end of 95 % of what one history of each policy would differ by"),
    "history_high": (OWN, "upper end of 95 % of what one history of each policy would differ by"),
    "probability_lower": ("probability", "that the average difference is below zero"),
    "probability_higher": ("probability", "that the average difference is above zero"),
    "share_of_pairs_lower": (SHARE, "pairs whose difference is below zero"),
    "share_of_pairs_equal": (SHARE, "pairs that do not differ"),
    "correlation": ("correlation", "between the members of a pair"),
    "variance_ratio": ("ratio", "variance with independent seeds over that of pairs"),
    "visible": ("probability", "that one real history of each policy would differ by more than chance explains"),
    "chance_at_least": ("true or false", "whether the spread of chance is a lower bound and `visible` an upper one"),
    "share_of_draws": (SHARE, "variance of the paired differences that belongs to what was drawn"),
    "swept_low": (OWN, "lowest average difference over the draws"),
    "swept_high": (OWN, "highest average difference over the draws"),
    "verdict": ("words", "how sure the sign is"),
}
DECOMPOSITION = {
    "factor": ("name", "factor of mission deaths"),
    "persons": ("persons", "part of the difference in mission deaths; the parts add up to it"),
    "low": ("persons", "lower end of 95 % by resampling pairs"),
    "high": ("persons", "upper end of 95 % by resampling pairs"),
    "patrols": ("persons", "part of it on patrols"),
    "convoys": ("persons", "part of it on convoys"),
    "camps": ("persons", "part of it in camps"),
    "other": ("persons", "part of it elsewhere"),
}
REGIONS = {
    "region": ("name", "region; the newer regions are inside the older ones"),
    "mean": ("persons", "mean difference, policy less baseline"),
    "low": ("persons", "lower 95 % Monte Carlo bound"),
    "high": ("persons", "upper 95 % Monte Carlo bound"),
    "clear": ("true or false", "beyond what the largest of all regions would be by Monte Carlo error alone"),
}
COSTS = {
    "item": ("name", "what is spent, or a rate"),
    "unit": ("unit", "unit of the item"),
    "baseline": ("unit of the item", "average under the baseline"),
    "value": ("unit of the item", "average under the policy"),
    "difference": ("unit of the item", "mean difference, policy less baseline"),
    "low": ("unit of the item", "lower 95 % Monte Carlo bound"),
    "high": ("unit of the item", "upper 95 % Monte Carlo bound"),
}
DISPLACEMENT = {
    "elsewhere": (SHARE, "of the harm averted, what comes back as the same harm in other regions"),
    "on_others": (SHARE, "of the harm averted, what comes back as deaths of others, fighters left out"),
    "others_low": (SHARE, "lower end of its 95 % interval"),
    "others_high": (SHARE, "upper end of its 95 % interval"),
}
ASSUMPTIONS = {
    "record": ("words", "what was observed of the outcome in the period"),
    "intensities": ("names", "measures whose intensities are assumed"),
    "changed": ("names", "measures that differ between the two policies"),
    "assumed_parameters": ("parameters", "assumed parameters in use"),
    "drawn": ("numbers", "numbers drawn in every replication"),
    "deciding": ("name", "drawn number that the average difference follows most; empty where none stands out"),
    "rank_correlation": ("correlation", "between that number and the average difference"),
    "flips_at": (
        "unit of that number",
        "its value at which the average difference changes its sign; empty where it does not",
    ),
    "sd_ratio": ("ratio", "its posterior over its prior standard deviation"),
    "needed_data": ("words", "the datum that would settle it"),
}
TABLES = {
    "comparison": COMPARISON,
    "decomposition": DECOMPOSITION,
    "regions": REGIONS,
    "costs": COSTS,
    "displacement": DISPLACEMENT,
    "assumptions": ASSUMPTIONS,
}


def comparison_codebook() -> pd.DataFrame:
    """Table, column, unit and definition of the tables that an answer writes."""
    rows = [
        (table, column, *words) for table, columns in TABLES.items() for column, words in {**KEYS, **columns}.items()
    ]
    return pd.DataFrame(rows, columns=["table", "column", "unit", "definition"])


def whole_codebook() -> pd.DataFrame:
    """The same for everything in a store: runs, months, cells, and the tables of the answer."""
    return pd.concat([runs_codebook(), comparison_codebook()], ignore_index=True)
