"""The answer in words: for each outcome and each difference, one sentence on what decides it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from sim.present.answer_json import plain
from sim.present.answer_sentences import NAMES, number

if TYPE_CHECKING:
    from sim.inference.sensitivity.analysis import Explained, Sensitivity

SHOWN = 5
LISTED = 10  # of a screening, in the JSON document
HARDLY = 0.005  # parts below half a percent are not named


def leading(each: Explained) -> pd.DataFrame:
    """The chosen quantities whose total part is above zero beyond its 95 % interval, largest first; at most five."""
    table = each.indices.table
    told = table[(table["total"] > table["total_conf"]) & (table["total"] >= HARDLY)]
    return told.sort_values("total", ascending=False, kind="stable").head(SHOWN)


def sentence(found: Sensitivity, each: Explained) -> str:
    """What decides an output, and how much of it is chance."""
    what, indices = subject(found, each), each.indices
    if not indices.variance > 0:
        return f"{what}: the same in every run, so nothing decides it."
    chance = f"{_percent(indices.chance)} of the variance of single histories is chance"
    told = leading(each)
    if told.empty:
        return f"{what}: {chance}, and no quantity can be told from it with {found.size.samples} samples."
    names = ", ".join(f"{row.quantity} ({_percent(row.total)})" for row in told.itertuples())
    return f"{what}: {chance}; of the unknown numbers it follows {names}{_left_out(found, each)}."


def subject(found: Sensitivity, each: Explained) -> str:
    """The output in words."""
    name, output = NAMES[each.output.outcome], each.output
    if output.variant is None:
        return f"{name[0].upper()}{name[1:]} under '{found.baseline}'"
    return f"Difference in {name}, '{output.variant}' against '{found.baseline}'"


def deciding(found: Sensitivity) -> list[str]:
    """The five quantities with the largest total parts, averaged over all differences (over outcomes without any)."""
    told = [each for each in found.outputs if each.output.variant is not None] or list(found.outputs)
    told = [each for each in told if each.indices.variance > 0]
    if not told:
        return []
    totals = sum(each.indices.table.set_index("quantity")["total"].clip(lower=0.0) for each in told) / len(told)
    ranked = totals[totals >= HARDLY].sort_values(ascending=False, kind="stable")
    return [str(name) for name in ranked.index[:SHOWN]]


def text(found: Sensitivity) -> str:
    """The sentences, then what they rest on."""
    size = found.size
    lines = [sentence(found, each) for each in found.outputs]
    names = deciding(found)
    about = "all differences" if any(each.output.variant for each in found.outputs) else "the outcomes"
    if names:
        lines.append(f"Over {about} together these matter most: {', '.join(names)}.")
    lines.append(
        f"Simulated. {len(found.swept)} quantities swept over their {found.within} and screened in {size.trajectories} "
        f"trajectories; {len(found.chosen)} of them in {size.samples} samples of a Sobol' design, the others held; "
        f"{size.replications} replications of each point. Percentages are total parts: with interactions."
    )
    return "\n".join(lines) + "\n"


def document(found: Sensitivity) -> dict[str, Any]:
    """As JSON: within, quantities, chosen, deciding, failed, outputs with sentence, chance, indices and screening."""
    whole = {
        "baseline": found.baseline,
        "within": found.within,
        "quantities": len(found.swept),
        "chosen": list(found.chosen),
        "deciding": deciding(found),
        "failed": found.failed,
        "outputs": [_entry(found, each) for each in found.outputs],
    }
    cleaned: dict[str, Any] = plain(whole)
    return cleaned


def _entry(found: Sensitivity, each: Explained) -> dict[str, Any]:
    most = each.screened.sort_values("signal", ascending=False, kind="stable").head(LISTED)
    return {
        "outcome": each.output.outcome,
        "difference_of": each.output.variant,
        "sentence": sentence(found, each),
        "chance": each.indices.chance,
        "chance_conf": each.indices.chance_conf,
        "standard_deviation": each.indices.variance**0.5,
        "indices": each.indices.table.to_dict(orient="records"),
        "screening": most.to_dict(orient="records"),
    }


def _left_out(found: Sensitivity, each: Explained) -> str:
    """Quantities that the screening puts among the first five of this output, but that were held in the second step."""
    clear = each.screened[each.screened["signal"] > each.screened["noise"]]
    most = clear.nlargest(SHOWN, "signal")["quantity"]
    missing = [str(name) for name in most if name not in found.chosen]
    return f" (held, though the screening ranks them high here: {', '.join(missing)})" if missing else ""


def _percent(part: float) -> str:
    return f"{number(100 * max(part, 0.0))} %"
