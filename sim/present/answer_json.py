"""The JSON document of a comparison."""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sim.inference.comparison.answer import Answer
    from sim.inference.comparison.differences import Difference

_ELSEWHERE = {  # said already, or under another name
    *("variant", "outcome", "variant_mean", "variant_low", "variant_high", "baseline_mean", "mean", "low", "high"),
    *("probability_lower", "verdict"),
}


def document(answer: Answer, out: str | None) -> dict[str, Any]:
    """baseline, replications, failed, out, variants -> outcome -> mean, low, high, difference, probability_lower.

    Further keys: sentence; for each difference its other spreads, verdict and assumptions; decomposition, displacement
    and costs by variant.
    """
    frame = answer.frame
    variants = {name: _variant(answer, name) for name in frame.variants}
    whole = {
        "baseline": frame.baseline,
        "replications": len(frame.replications),
        "failed": len(frame.failed),
        **({} if out is None else {"out": out}),
        "variants": variants,
        "sentence": _sentence(answer),
        "explained": {name: _explained(answer, name) for name in frame.variants if name != frame.baseline},
    }
    cleaned: dict[str, Any] = plain(whole)
    return cleaned


def _variant(answer: Answer, name: str) -> dict[str, Any]:
    if name == answer.frame.baseline:
        return {outcome: _of_baseline(answer.baseline[outcome]) for outcome in answer.outcomes}
    return {outcome: _entry(answer.of(name, outcome)) for outcome in answer.outcomes}


def _of_baseline(level: tuple[float, float, float]) -> dict[str, Any]:
    mean, low, high = level
    nothing = {"mean": 0.0, "low": 0.0, "high": 0.0}
    return {"mean": mean, "low": low, "high": high, "difference": nothing, "probability_lower": 0.0}


def _entry(row: Difference) -> dict[str, Any]:
    return {
        "mean": row.variant_mean,
        "low": row.variant_low,
        "high": row.variant_high,
        "difference": {"mean": row.mean, "low": row.low, "high": row.high},
        "probability_lower": row.probability_lower,
        "verdict": str(row.verdict),
        **{key: value for key, value in asdict(row).items() if key not in _ELSEWHERE},
    }


def _explained(answer: Answer, name: str) -> dict[str, Any]:
    parts = [part.frame().drop(columns="variant") for part in answer.decompositions if part.variant == name]
    return {
        "decomposition": [row for part in parts for row in part.to_dict(orient="records")],
        "displacement": [asdict(part) for part in answer.displacements if part.variant == name],
        "costs": _records(answer.costs, name),
        "regions": _records(answer.regions, name),
        "assumptions": [asdict(part) for part in answer.audits if part.variant == name],
    }


def _records(table: Any, name: str) -> list[dict[str, Any]]:
    if table.empty:
        return []
    rows: list[dict[str, Any]] = table[table["variant"] == name].drop(columns="variant").to_dict(orient="records")
    return rows


def _sentence(answer: Answer) -> str:
    from sim.present.answer_sentences import headline

    return headline(answer)


def plain(value: Any) -> Any:
    """As JSON takes it: floats for what numpy counts with, null for what is not a finite number."""
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if hasattr(value, "item"):
        value = value.item()
    return None if isinstance(value, float) and not math.isfinite(value) else value
