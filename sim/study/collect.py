"""From the parts of a store to one frame: each run once, in the order of variants and replications."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa

from sim.study.frame import DONE, KEY, StudyFrame
from sim.study.store import Part, StoreError
from sim.study.tables import TOTALS
from sim.study.task import draws_of, variants_of

if TYPE_CHECKING:
    from sim.scenario import Scenario

COLUMNS = [*KEY, "status", "stage", "traceback", "seconds", *TOTALS]


@dataclass(frozen=True)
class PartDetail:
    """Detail that is read from parts when it is asked for; ``owned`` says which runs are taken from which part."""

    parts: tuple[Part, ...]
    owned: Mapping[str, frozenset[tuple[str, int]]]

    def monthly(self) -> Iterator[pd.DataFrame]:
        """The monthly panel, part by part."""
        return self._pieces("monthly")

    def cells(self) -> Iterator[pd.DataFrame]:
        """The cells, part by part."""
        return self._pieces("cells")

    def _pieces(self, which: str) -> Iterator[pd.DataFrame]:
        for part in self.parts:
            own = self.owned[part.name]
            if not own:
                continue
            piece = part.table(which).drop_columns(["simulated"]).to_pandas()
            if len(own) < part.runs.num_rows:
                keys = zip(piece["variant"].astype(str), piece["replication"], strict=True)
                piece = piece[np.fromiter((key in own for key in keys), bool, len(piece))]
            yield piece


def collect(parts: Sequence[Part], scenario: Scenario, made_by: Mapping[str, str] | None = None) -> StudyFrame:
    """The frame of a scenario's variants as they are now; rows of other variants stay where they are, and so do parts
    that say that something else than ``made_by`` made them.

    StoreError where two parts give different results for one run.
    """
    parts = [part for part in parts if None in (made_by, part.made_by) or part.made_by == made_by]
    variants = variants_of(scenario)
    draws = draws_of(scenario)
    hashes = {name: variant.hash for name, variant in variants.items()}
    rows = _rows(parts, hashes, draws.identity)
    rows["order"] = rows["variant"].map({name: number for number, name in enumerate(variants)})
    rows["failed"] = rows["status"] != DONE
    rows = rows.sort_values(["order", "replication", "failed", "part"], kind="stable", ignore_index=True)
    repeated = rows.duplicated(KEY)
    if repeated.any():
        _assert_equal(rows)
    rows = rows[~repeated].reset_index(drop=True)
    owned = {part.name: frozenset[tuple[str, int]]() for part in parts}
    for name, own in rows[~rows["failed"]].groupby("part"):
        owned[str(name)] = frozenset(zip(own["variant"], own["replication"].astype(int), strict=True))
    names = tuple(variants)
    return StudyFrame(
        scenario=scenario,
        variants=names,
        baseline=scenario.baseline or names[0],
        runs=rows[COLUMNS],
        draws=draws.frame(np.unique(rows["replication"])),
        detail=PartDetail(tuple(parts), owned),
    )


def _rows(parts: Sequence[Part], hashes: Mapping[str, str], draw_hash: str) -> pd.DataFrame:
    """All rows of these variants under these draws, with the part that they come from."""
    wanted = ["variant_hash", "draw_hash", *COLUMNS]
    found = [part.runs.select(wanted).append_column("part", pa.array([part.name] * len(part.runs))) for part in parts]
    if not found:
        return pd.DataFrame(columns=[*COLUMNS, "part"]).astype({"replication": np.int64} | dict.fromkeys(TOTALS, float))
    whole = pa.concat_tables([table.replace_schema_metadata(None) for table in found], promote_options="permissive")
    words = {field.name: str for field in whole.schema if pa.types.is_dictionary(field.type)}
    rows = whole.unify_dictionaries().to_pandas().astype({**words, "replication": np.int64})
    mine = (rows["variant_hash"] == rows["variant"].map(hashes)) & (rows["draw_hash"] == draw_hash)
    return rows[mine].reset_index(drop=True)


def _assert_equal(rows: pd.DataFrame) -> None:
    """Runs that were done twice must be equal to the bit, or the store mixes machines that do not agree."""
    done = rows[~rows["failed"]]
    twice = done[done.duplicated(KEY, keep=False)]
    results = twice.groupby(KEY)[list(TOTALS)].nunique(dropna=False)
    differing = results.index[results.gt(1).any(axis=1)]
    if len(differing):
        variant, replication = differing[0]
        parts = twice[(twice["variant"] == variant) & (twice["replication"] == replication)]["part"]
        raise StoreError(f"two results of {variant} {replication} differ: {' and '.join(parts)}; remove the wrong one")
