"""A sensitivity analysis in words: for each outcome and each difference, one sentence on what decides it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from sim.present.answer_files import plain
from sim.present.labels import outcome_name, policy_name
from sim.present.locale import ENGLISH

if TYPE_CHECKING:
    from sim.inference.sensitivity.analysis import Explained, Sensitivity
    from sim.present.locale import Locale

SHOWN = 5
LISTED = 10  # of a screening, in the JSON document
HARDLY = 0.005  # parts below half a percent are not named


def leading(each: Explained) -> pd.DataFrame:
    """The chosen quantities whose total part is above zero beyond its 95 % interval, largest first; at most five."""
    table = each.indices.table
    told = table[(table["total"] > table["total_conf"]) & (table["total"] >= HARDLY)]
    return told.sort_values("total", ascending=False, kind="stable").head(SHOWN)


def sentence(found: Sensitivity, each: Explained, locale: Locale = ENGLISH) -> str:
    """What decides an output, and how much of it is chance."""
    _, indices = locale.gettext, each.indices
    what = subject(found, each, locale)
    if not indices.variance > 0:
        return _("{output}: the same in every run, so nothing decides it.", output=what)
    values = {"output": what, "chance": _part(indices.chance, locale), "n": locale.number(found.size.samples)}
    first = leading(each)
    if first.empty:
        return _(
            "{output}: {chance} of the variance of single runs is chance, and no quantity is distinguishable from it "
            "with {n} samples.", **values,
        )  # fmt: skip
    values["names"] = ", ".join(f"{row.quantity} ({_part(row.total, locale)})" for row in first.itertuples())
    text = _(
        "{output}: {chance} of the variance of single runs is chance; of the unknown numbers it depends on {names}.",
        **values,
    )
    held = _held(found, each)
    return f"{text} {_('Held, though the screening ranks them high here: {names}.', names=held)}" if held else text


def subject(found: Sensitivity, each: Explained, locale: Locale = ENGLISH) -> str:
    """The output in words."""
    output = each.output
    values = {"outcome": outcome_name(locale, output.outcome), "base": policy_name(locale, found.baseline)}
    if output.variant is None:
        return locale.gettext("{outcome} under “{base}”", **values)
    variant = policy_name(locale, output.variant)
    return locale.gettext("Difference in {outcome}, “{variant}” from “{base}”", variant=variant, **values)


def deciding(found: Sensitivity) -> list[str]:
    """The five quantities with the largest total parts, averaged over all differences (over outcomes without any)."""
    told = [each for each in found.outputs if each.output.variant is not None] or list(found.outputs)
    told = [each for each in told if each.indices.variance > 0]
    if not told:
        return []
    totals = sum(each.indices.table.set_index("quantity")["total"].clip(lower=0.0) for each in told) / len(told)
    ranked = totals[totals >= HARDLY].sort_values(ascending=False, kind="stable")
    return [str(name) for name in ranked.index[:SHOWN]]


def text(found: Sensitivity, locale: Locale = ENGLISH) -> str:
    """The sentences, then what they rest on."""
    _, size = locale.gettext, found.size
    lines = [sentence(found, each, locale) for each in found.outputs]
    names = ", ".join(deciding(found))
    if names and any(each.output.variant for each in found.outputs):
        lines.append(_("Over all differences together these matter most: {names}.", names=names))
    elif names:
        lines.append(_("Over the outcomes together these matter most: {names}.", names=names))
    lines.append(
        _(
            "Simulated. {swept} quantities varied over their {within} and screened in {trajectories} trajectories; "
            "{chosen} of them in {samples} samples of a Sobol' design, the others held; {replications} replications "
            "of each point. Percentages are total parts: with interactions.",
            swept=len(found.swept), within=_(found.within), trajectories=size.trajectories, chosen=len(found.chosen),
            samples=size.samples, replications=size.replications,
        )
    )  # fmt: skip
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


def _held(found: Sensitivity, each: Explained) -> str:
    """Quantities that the screening puts among the first five of this output, but that were held in the second step."""
    clear = each.screened[each.screened["signal"] > each.screened["noise"]]
    most = clear.nlargest(SHOWN, "signal")["quantity"]
    return ", ".join(str(name) for name in most if name not in found.chosen)


def _part(part: float, locale: Locale) -> str:
    return f"{locale.number(100 * max(part, 0.0))}\N{NO-BREAK SPACE}%"
