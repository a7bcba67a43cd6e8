"""The store: extended by what is missing, damaged parts found by name, and never anything overwritten."""

import errno
import json
import os
import shutil
from hashlib import sha256
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sim.study import StoreError, Study, identity, open_store, study
from sim.study import manifest as claims
from sim.study import store as stores
from sim.study.frame import StudyFrame
from sim.study.tables import Tables
from tests.study_support import assert_equal, finished, scenario, study_of

FEW = {"variants": "{as_is: {}, inert: {narrative: again}, otherwise: {parameters: {ambush_rate: 0.02}}}"}


@pytest.fixture(scope="module")
def whole() -> StudyFrame:
    return finished(replications=3, **FEW)


def parts(path: Path, which: str = "*") -> list[Path]:
    return sorted(path.glob(f"{which}-*.parquet"))


def contents(path: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in path.iterdir()}


def test_a_store_gives_what_memory_gives(tmp_path: Path, whole: StudyFrame) -> None:
    ran = finished(tmp_path / "new" / "store", **FEW)
    assert_equal(ran, whole)
    assert_equal(open_store(tmp_path / "new" / "store"), whole)
    assert Study(scenario(**FEW), tmp_path / "new" / "store", 3).missing() == []


def test_replications_and_variants_extend(tmp_path: Path, whole: StudyFrame) -> None:
    finished(tmp_path, replications=1, variants="{as_is: {}}")
    finished(tmp_path, replications=2, variants="{as_is: {}, inert: {narrative: again}}")
    more = study_of(tmp_path, **FEW)
    assert more.missing() == [
        (0, ("otherwise",)),
        (1, ("otherwise",)),
        (2, ("as_is", "inert", "otherwise")),
    ]
    assert_equal(more.run(), whole)
    assert len(parts(tmp_path, "runs")) == 3
    assert_equal(finished(tmp_path, replications=3, **FEW), whole)


def test_an_edited_variant_is_run_again_and_the_old_rows_stay(tmp_path: Path) -> None:
    finished(tmp_path, replications=1, variants="{as_is: {}, other: {parameters: {ambush_rate: 0.02}}}")
    edited = {"variants": "{as_is: {}, other: {parameters: {ambush_rate: 0.01}}}"}
    assert Study(scenario(**edited), tmp_path, 1).missing() == [(0, ("other",))]
    assert_equal(finished(tmp_path, replications=1, **edited), finished(replications=1, **edited))
    assert len(parts(tmp_path, "runs")) == 2


@pytest.fixture(scope="module")
def two_parts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store whose first part holds the replications 0 and 1, the second 2."""
    path = tmp_path_factory.mktemp("two") / "parts"
    finished(path, replications=2, **FEW)
    first = parts(path)
    finished(path, replications=3, **FEW)
    for file in set(parts(path)) - set(first):
        os.utime(file, (1, 1))
    return path


@pytest.mark.parametrize("which", ["runs", "monthly", "cells"])
@pytest.mark.parametrize("how", ["flipped", "truncated", "missing"])
def test_a_damaged_part_is_found_and_only_its_runs_are_done_again(
    tmp_path: Path, two_parts: Path, whole: StudyFrame, which: str, how: str
) -> None:
    shutil.copytree(two_parts, tmp_path, dirs_exist_ok=True)
    (hit,) = (file for file in parts(tmp_path, which) if file.stat().st_mtime > 1)
    damage(hit, how)
    again = study_of(tmp_path, **FEW)
    if (which, how) == ("runs", "missing"):  # the others of the part are nothing without it
        assert [number for number, _ in again.missing()] == [0, 1]
        return
    with pytest.raises(StoreError, match="--resume does its runs again"):
        assert_equal(open_store(tmp_path), whole)
    ended: list[int] = []
    assert_equal(again.run(lambda results, _: (ended.append(run.replication) or run for run in results)), whole)
    assert sorted(ended) == [0, 0, 0, 1, 1, 1]
    assert len(again.notices) == 1
    found = "missing" if how == "missing" else "not as it was written; set aside"
    assert again.notices[0].endswith(f"{found}, and its runs are done again")
    assert list(tmp_path.glob(f"{hit.name}*.damaged")) or how == "missing"
    assert_equal(open_store(tmp_path), whole)
    assert study_of(tmp_path, **FEW).missing() == []


def damage(file: Path, how: str) -> None:
    content = bytearray(file.read_bytes())
    if how == "missing":
        file.unlink()
        return
    content[len(content) // 2] ^= 1
    file.write_bytes(content if how == "flipped" else content[: len(content) // 2])


def test_a_store_of_something_else_is_refused_and_left_as_it_was(tmp_path: Path) -> None:
    finished(tmp_path, replications=1, variants="{as_is: {}}")
    before = contents(tmp_path)
    with pytest.raises(StoreError, match=r"holds another scenario, ten_weeks .* differs from it in seed; nothing was"):
        Study(scenario(variants="{as_is: {}}", seed="4"), tmp_path, 1)
    assert contents(tmp_path) == before
    facts = claims.unsealed(tmp_path / "study.json")
    (tmp_path / "study.json").write_text(claims.sealed(facts | {"fingerprint": "0" * 64}))
    with pytest.raises(StoreError, match=r"another version of the model .*nothing was changed; name another folder"):
        Study(scenario(variants="{as_is: {}}"), tmp_path, 1)


@pytest.fixture(scope="module")
def one_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("one") / "run"
    finished(path, replications=1, variants="{as_is: {}}")
    return path


@pytest.mark.parametrize("how", ["flipped", "truncated", "missing", "edited"])
def test_a_damaged_manifest_is_rewritten_from_the_parts(tmp_path: Path, one_run: Path, how: str) -> None:
    shutil.copytree(one_run, tmp_path, dirs_exist_ok=True)
    file, whole = tmp_path / "study.json", (one_run / "study.json").read_bytes()
    if how == "edited":
        file.write_bytes(whole.replace(b"seed: 3", b"seed: 4"))
    else:
        damage(file, how)
    with pytest.raises(StoreError, match=r"study\.json.*is missing|--resume with the same scenario repairs it"):
        open_store(tmp_path)
    before = contents(tmp_path)
    with pytest.raises(StoreError, match=r"study\.json: (missing|not as it was written), and the runs beside"):
        Study(scenario(variants="{as_is: {}}", seed="4"), tmp_path, 1)
    assert contents(tmp_path) == before
    resumed = study_of(tmp_path, 1, variants="{as_is: {}}")
    assert resumed.missing() == []
    resumed.run()
    found = "missing" if how == "missing" else "not as it was written; set aside"
    assert resumed.notices == [f"{file}: {found}, and rewritten: the runs beside it say whose they are."]
    assert file.read_bytes() == whole
    assert (tmp_path / "study.json.damaged").exists() == (how != "missing")


def test_the_codebook_is_rewritten(tmp_path: Path, one_run: Path) -> None:
    shutil.copytree(one_run, tmp_path, dirs_exist_ok=True)
    (tmp_path / "codebook.csv").write_text("nothing")
    resumed = study_of(tmp_path, 1, variants="{as_is: {}}")
    resumed.run()
    assert resumed.notices == [f"{tmp_path}/codebook.csv: not as it was written; set aside, and rewritten."]
    assert (tmp_path / "codebook.csv").read_bytes() == (one_run / "codebook.csv").read_bytes()


def test_parts_of_another_version_are_left_out(tmp_path: Path, one_run: Path) -> None:
    shutil.copytree(one_run, tmp_path, dirs_exist_ok=True)
    (file,) = parts(tmp_path, "runs")
    other = stores.Folder(tmp_path, {"hash": scenario().hash, "fingerprint": "0" * 64})
    other.put("runs", stores.read(file))
    file.unlink()
    again = study_of(tmp_path, 1, variants="{as_is: {}}")
    assert again.missing() == [(0, ("as_is",))]
    assert_equal(again.run(), open_store(one_run))
    assert [notice.partition(": ")[2] for notice in again.notices] == ["made by another scenario or version; left out"]


@pytest.mark.parametrize("text", ["", "[]", '{"format": 2}', '{"format": 1}'])
def test_a_word_that_says_too_little_is_damaged(tmp_path: Path, one_run: Path, text: str) -> None:
    shutil.copytree(one_run, tmp_path, dirs_exist_ok=True)
    (tmp_path / "study.json").write_text(text)
    resumed = study_of(tmp_path, 1, variants="{as_is: {}}")
    assert len(resumed.run().runs) == 1
    assert "rewritten" in resumed.notices[0]


def test_a_missing_checksum_is_as_wrong_as_one_that_differs(tmp_path: Path, one_run: Path) -> None:
    text = (one_run / "study.json").read_text()
    (tmp_path / "study.json").write_text(text.replace('"sha256"', '"sha257"'))
    with pytest.raises(StoreError, match=r"study\.json: not as it was written \(sha256 differs\)"):
        open_store(tmp_path)


def test_a_store_of_an_earlier_format_is_read_and_goes_on(tmp_path: Path, one_run: Path, whole: StudyFrame) -> None:
    facts = claims.unsealed(one_run / "study.json") | {"format": 1}
    (tmp_path / "study.json").write_text(json.dumps(facts))
    for file in parts(one_run, "monthly") + parts(one_run, "cells"):
        shutil.copy(file, tmp_path)
    (file,) = parts(one_run, "runs")
    table, sink = stores.read(file), pa.BufferOutputStream()
    about = {name: value for name, value in table.schema.metadata.items() if name != stores.MADE_BY}
    pq.write_table(table.replace_schema_metadata(about), sink)
    content = sink.getvalue().to_pybytes()
    (tmp_path / f"runs-{sha256(content).hexdigest()}.parquet").write_bytes(content)
    assert_equal(open_store(tmp_path), open_store(one_run))
    assert Study(scenario(variants="{as_is: {}}"), tmp_path, 1).missing() == []
    assert_equal(finished(tmp_path, replications=3, **FEW), whole)
    assert claims.unsealed(tmp_path / "study.json")["format"] == 2


def numbered(table: pa.Table, replication: int) -> pa.Table:
    place = table.schema.get_field_index("replication")
    return table.set_column(place, "replication", [pa.array([replication] * len(table), pa.int32())])


def test_a_file_of_two_parts_stays_with_the_one_that_is_whole(tmp_path: Path, one_run: Path) -> None:
    (part,) = stores.Folder(one_run).parts()
    folder, nobody_killed = stores.Folder(tmp_path), part.table("cells").slice(0, 0)
    for number in (0, 1):
        runs, monthly = (numbered(table, number) for table in (part.runs, part.table("monthly")))
        folder.add(Tables(runs, monthly, nobody_killed))
    first, second = folder.parts()
    assert first.detail["cells"] == second.detail["cells"]
    damage(first.detail["monthly"], "flipped")
    assert len(folder.set_aside_damaged()) == 1
    assert [each.name for each in folder.parts()] == [second.name]
    assert folder.set_aside_damaged() == []


def test_of_two_scenarios_that_claim_a_folder_at_once_one_gets_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine, other = Study(scenario(), tmp_path, 1), scenario(seed="4")
    looked = claims.is_empty

    def meanwhile(path: Path, own: dict[str, bytes]) -> bool:
        """The other comes after this one has looked and before it writes."""
        empty = looked(path, own)
        if empty:
            monkeypatch.undo()
            Study(other, tmp_path, 1).claim()
        return empty

    monkeypatch.setattr(identity, "is_empty", meanwhile)
    with pytest.raises(StoreError, match="holds another scenario"):
        mine.claim()
    assert identity.owner(tmp_path).scenario.hash == other.hash


def test_a_folder_without_hard_links_is_claimed_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(Path, "hardlink_to", refuse)
    Study(scenario(), tmp_path, 1).claim()
    with pytest.raises(StoreError, match="holds another scenario"):
        Study(scenario(seed="4"), tmp_path, 1)


@pytest.mark.parametrize("how", ["flipped", "missing"])
def test_a_part_damaged_meanwhile_is_done_again_before_the_answer(
    tmp_path: Path, whole: StudyFrame, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(study, "WRITE_RUNS", 1)
    ended: list[int] = []

    def damaging(results, total):
        for run in results:
            ended.append(run.replication)
            if len(ended) == 5:
                damage(parts(tmp_path, "runs")[0], how)
            yield run

    ran = study_of(tmp_path, **FEW)
    assert_equal(ran.run(damaging), whole)
    assert len(ended) == 12
    assert "3 finished runs were lost from the store while the study was under way; they are done again" in "".join(
        ran.notices
    )


def test_a_store_that_is_damaged_again_and_again_is_given_up(tmp_path: Path) -> None:
    ran = study_of(tmp_path, 1, variants="{as_is: {}}")
    keep, kept = ran.keep, []

    def damaging(*part: object) -> None:
        keep(*part)  # type: ignore[arg-type]
        kept.append(part)
        damage(parts(tmp_path, "runs")[0], "missing")

    ran.keep = damaging  # type: ignore[method-assign, assignment]
    with pytest.raises(StoreError, match="more than once; what is there is safe; continue with --resume"):
        ran.run()
    assert len(kept) == study.ROUNDS


def test_folders_that_are_none_or_not_free(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match="is a file, not a folder"):
        Study(scenario(), tmp_path / "file", 1)
    with pytest.raises(StoreError, match="other files are there and are never overwritten"):
        Study(scenario(), tmp_path, 1)
    with pytest.raises(StoreError, match="no study here"):
        open_store(tmp_path)

    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(Path, "touch", refuse)
    with pytest.raises(StoreError, match="results cannot be written there: Read-only file system; name a folder"):
        Study(scenario(), tmp_path / "new", 1).run()


def test_a_full_disk_loses_nothing_that_was_written(
    tmp_path: Path, whole: StudyFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, calls = os.fsync, []

    def full(handle: int) -> None:
        calls.append(handle)
        if len(calls) > 10:  # two for each file: study.json, the codebook and the first part were written
            raise OSError(errno.ENOSPC, "No space left on device")
        real(handle)

    monkeypatch.setattr(os, "fsync", full)
    monkeypatch.setattr(study, "WRITE_RUNS", 1)
    with pytest.raises(StoreError, match="cannot be written: No space left on device; what was written before is safe"):
        finished(tmp_path, **FEW)
    monkeypatch.setattr(os, "fsync", real)
    assert not list(tmp_path.glob(f"{stores.UNFINISHED}*"))
    assert len(open_store(tmp_path).runs) == 3
    assert_equal(finished(tmp_path, **FEW), whole)


def test_two_results_of_one_run_must_be_equal(tmp_path: Path) -> None:
    one = {"variants": "{as_is: {}}"}
    ran = Study(scenario(**one), tmp_path, 1, 1)
    ran.run()
    (file,) = parts(tmp_path, "runs")
    table = stores.read(file)
    column = table.schema.get_field_index("civilians_killed")
    changed = table.set_column(column, "civilians_killed", [np.array([1e6])])
    folder = stores.Folder(tmp_path, identity.made_by(ran.scenario))
    folder.put("runs", table.append_column("note", [["the same again"]]))
    assert_equal(open_store(tmp_path), finished(replications=1, **one))
    folder.put("runs", changed)
    with pytest.raises(StoreError, match="two results of as_is 0 differ"):
        open_store(tmp_path)


def test_an_interrupt_keeps_what_is_finished(tmp_path: Path, whole: StudyFrame) -> None:
    def interrupted(results, total):
        for number, result in enumerate(results):
            if number == 4:
                raise KeyboardInterrupt
            yield result

    ran = study_of(tmp_path, **FEW)
    with pytest.raises(KeyboardInterrupt):
        ran.run(interrupted)
    assert Study(scenario(**FEW), tmp_path, 3).missing() == [(2, ("as_is", "inert", "otherwise"))]
    assert_equal(finished(tmp_path, **FEW), whole)
