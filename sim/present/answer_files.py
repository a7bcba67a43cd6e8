"""What a comparison leaves in its folder beside its figures: tables, document and text."""

from __future__ import annotations

import json
import math
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from sim.present.answer_view import answer_view
from sim.present.locale import ENGLISH
from sim.present.terminal import answer_text

if TYPE_CHECKING:
    from sim.inference.comparison import Answer, Difference

_ELSEWHERE = {  # under another key
    *("variant", "outcome", "variant_mean", "variant_low", "variant_high", "baseline_mean", "mean", "low", "high"),
    *("probability_lower", "verdict"),
}


def save_answer(answer: Answer, folder: Path | str) -> list[Path]:
    """Write tables (Parquet, CSV), the document and the text into ``folder``; the paths.

    OSError where that is not possible.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for name, table in answer.tables().items():
        paths.append(folder / f"{name}.csv")
        table.assign(simulated=True).to_csv(paths[-1], index=False, lineterminator="\n")
    paths += [folder / "comparison.parquet", folder / "comparison.json", folder / "answer.txt"]
    answer.table().assign(simulated=True).to_parquet(paths[-3], index=False)
    text = json.dumps(answer_document(answer, str(folder)), ensure_ascii=False, indent=2, allow_nan=False)
    paths[-2].write_text(text + "\n", encoding="utf-8")
    paths[-1].write_text(answer_text(answer) + "\n", encoding="utf-8")
    return paths


def answer_document(answer: Answer, out: str | None = None) -> dict[str, Any]:
    """The document of ``compare --json``; what is not known is null.

    baseline, replications, failed, out, variants -> outcome -> mean, low, high, difference, probability_lower.
    Further keys: sentence, and beside each difference its other spreads, its verdict, its assumptions; by variant
    decomposition, displacement of harm, costs.
    """
    frame, view = answer.frame, answer_view(answer, ENGLISH)
    whole = {
        "baseline": frame.baseline,
        "replications": len(frame.replications),
        "failed": len(frame.failed),
        **({} if out is None else {"out": out}),
        "variants": {name: _variant(answer, name) for name in frame.variants},
        "sentence": " ".join((view.headline, *view.notes)),
        "explained": {name: _explained(answer, name) for name in frame.variants if name != frame.baseline},
    }
    cleaned: dict[str, Any] = plain(whole)
    return cleaned


def plain(value: Any) -> Any:
    """As JSON takes it: floats for what numpy counts with, null for what is not a finite number."""
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if hasattr(value, "item"):
        value = value.item()
    return None if isinstance(value, float) and not math.isfinite(value) else value


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


EXPLAINED = ("decomposition", "displacement", "costs", "regions", "assumptions")


def _explained(answer: Answer, name: str) -> dict[str, Any]:
    tables = answer.tables()
    return {key: _records(tables[key], name) for key in EXPLAINED}


def _records(table: pd.DataFrame, name: str) -> list[dict[str, Any]]:
    if table.empty:
        return []
    rows: list[dict[str, Any]] = table[table["variant"] == name].drop(columns="variant").to_dict(orient="records")
    return rows
