"""A cluster: real schedulers and workers on loopback give what one process gives, whoever dies; clear messages."""

import shutil
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import yaml
from locket import lock_file

from sim.calibration.evaluations import RunStore, run_wave
from sim.calibration.space import Space
from sim.cli.main import main
from sim.model import engine
from sim.study.cluster import Cluster, ClusterError, batches, connect, opened, spec_of, worker
from sim.study.cluster.batches import DIED
from sim.study.executor import LOCAL, Failure
from sim.study.store import UNFINISHED
from sim.study.task import RunResult
from tests.cluster_support import Doubling, Killer, certificates
from tests.study_support import TEXT, assert_equal, finished, study_of
from tools.loopback_cluster import ROOT, Machines, machines, wait_until

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="stops and kills processes the POSIX way")


@pytest.fixture(scope="module")
def there(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machines]:
    """A scheduler with three workers, without encryption."""
    with machines(tmp_path_factory.mktemp("machines"), 3) as made:
        yield made


@pytest.fixture
def cluster(there: Machines) -> Iterator[Cluster]:
    with opened(spec_of(there.address), lambda _: None) as ready:
        yield ready


@pytest.mark.slow
def test_a_worker_killed_in_the_middle_costs_nothing(cluster: Cluster, there: Machines, tmp_path: Path) -> None:
    wait_until(lambda: len(cluster.client.nthreads()) == 3)
    killer, given = Killer(cluster), Counter[tuple[str, int]]()

    def watched(results: Iterator[RunResult], total: int) -> Iterator[RunResult]:
        for run in results:
            given[run.variant, run.replication] += 1
            if not killer.ident:
                killer.start()
            yield run
        assert total == 12 * 5

    study = study_of(tmp_path, 12)
    study.executor = cluster
    frame = study.run(watched)
    killer.join(1.0)
    assert killer.had
    assert killer.address not in cluster.client.nthreads()
    assert set(given.values()) == {1}
    assert len(given) == 12 * 5
    assert_equal(frame, finished(replications=12))
    assert not list(tmp_path.glob(f"{UNFINISHED}*"))
    there.add(1)


@pytest.mark.slow
def test_workers_write_where_they_reach_the_store_and_give_back_where_not(cluster: Cluster, tmp_path: Path) -> None:
    frames = []
    for folder in (tmp_path, None):
        study = study_of(folder, 3)
        study.executor = cluster
        written: list[object] = []
        study.keep = lambda store, results, kept=study.keep, said=written: (said.extend(results), kept(store, results))  # type: ignore[method-assign]
        frames.append(study.run())
        assert len(written) == (0 if folder else 15)  # by this process
    assert len(list(tmp_path.glob("runs-*.parquet"))) >= 1
    assert_equal(*frames)
    assert_equal(frames[0], finished(replications=3))


@pytest.mark.slow
def test_calibration_there_is_calibration_here(cluster: Cluster, tmp_path: Path) -> None:
    points = 0.3 * np.random.default_rng(1).standard_normal((2, len(Space.packaged().names)))
    runs = []
    for name, executor in (("here", LOCAL), ("there", cluster)):
        (tmp_path / name).mkdir()
        database = RunStore(tmp_path / name, Space.packaged())
        runs.append(run_wave(database, 0, points, 1, executor, lambda *_: None))
    assert runs[0].statistics.tobytes() == runs[1].statistics.tobytes()
    assert runs[0].z.tobytes() == runs[1].z.tobytes()


@pytest.mark.slow
def test_batches_grow_and_every_task_is_done_once(cluster: Cluster) -> None:
    found = dict(cluster.results(Doubling(), range(2_000)))
    assert [found[number][0] for number in range(2_000)] == [2 * number for number in range(2_000)]
    overheads = sum(1 / size for _, size in found.values())  # batches
    assert overheads < 200
    assert max(size for _, size in found.values()) > 50


@pytest.mark.slow
def test_a_task_that_kills_its_workers_is_a_failure_and_the_others_are_done(there: Machines) -> None:
    there.add(2)
    with opened(spec_of(there.address), lambda _: None) as cluster:
        wait_until(lambda: len(cluster.client.nthreads()) >= 4)
        found = dict(cluster.results(Doubling(0.01, frozenset({3})), range(20)))
    assert found.pop(3) == Failure("worker", DIED)
    assert {number: pair[0] for number, pair in found.items()} == {n: 2 * n for n in range(20) if n != 3}


@pytest.mark.slow
def test_the_command_tells_where_to_watch_and_answers_as_here(
    there: Machines, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, answers = tmp_path / "ten_weeks.yaml", []
    file.write_text(TEXT)
    for name, more in (("here", ["--workers", "1"]), ("there", ["--cluster", there.address])):
        arguments = ["--replications", "2", "--json", "--out", str(tmp_path / name), *more]
        assert main(["compare", str(file), *arguments]) == 0
        said = capsys.readouterr()
        answers.append(yaml.safe_load(said.out) | {"out": None})
    assert "Watch the cluster: http://127.0.0.1:" in said.err
    assert answers[0] == answers[1]


@pytest.mark.slow
def test_another_version_is_refused(there: Machines, cluster: Cluster, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(batches, "versions", lambda: worker.versions() | {"minusim": "0123456789ab"})
    own = worker.versions()["minusim"]  # this worker is found out by its first batch, as one that comes late is
    with pytest.raises(ClusterError, match=rf"minusim {own} \(here 0123456789ab\).*install the same version") as late:
        list(cluster.results(Doubling(), range(3)))
    assert "\n" not in str(late.value)
    for part in ("sim", "scenarios"):
        shutil.copytree(ROOT / part, tmp_path / part, ignore=shutil.ignore_patterns("__pycache__"))
    with (tmp_path / "sim" / "_util" / "clock.py").open("a") as changed:
        changed.write("\n# another version\n")
    workers = len(cluster.client.nthreads())
    there.add(1, tmp_path)
    wait_until(lambda: len(cluster.client.nthreads()) > workers)
    with (
        pytest.raises(ClusterError, match=rf"{there.address}: tcp://127.0.0.1:\d+ has minusim \w+ \(here {own}\)"),
        opened(spec_of(there.address), lambda _: None),
    ):
        pass
    there.end_last()
    wait_until(lambda: len(cluster.client.nthreads()) == workers)


@pytest.mark.slow
def test_tls_gives_the_same_and_keeps_others_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = certificates(tmp_path)
    flags = {"ca": "--tls-ca-file", "cert": "--tls-cert", "key": "--tls-key"}
    with machines(tmp_path, 2, tuple(text for part in files for text in (flags[part], str(files[part])))) as made:
        assert made.address.startswith("tls://127.0.0.1:")
        known = {"address": made.address, "tls": {part: files[part].name for part in files}}
        (tmp_path / "cluster.yaml").write_text(yaml.safe_dump(known))
        with opened(spec_of(str(tmp_path / "cluster.yaml")), lambda _: None) as cluster:
            study = study_of(tmp_path / "store", 2)
            study.executor = cluster
            assert_equal(study.run(), finished(replications=2))
        monkeypatch.setattr(connect, "CONNECT", 3.0)
        with (
            pytest.raises(ClusterError, match="no scheduler answers there within 3 s"),
            opened(spec_of(made.address.replace("tls", "tcp")), lambda _: None),
        ):
            pass


SBATCH = """#!/bin/sh
cp "$1" {folder}/job.sh
setsid sh {folder}/job.sh > {folder}/job.log 2>&1 &
echo $! > {folder}/process
echo Submitted batch job 77
"""
SCANCEL = "#!/bin/sh\nkill -- -$(cat {folder}/process)\n"


@pytest.mark.slow
def test_jobs_of_a_batch_system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, text in (("sbatch", SBATCH), ("scancel", SCANCEL)):
        (tmp_path / name).write_text(text.format(folder=tmp_path))
        (tmp_path / name).chmod(0o755)
    asked = {"system": "slurm", "jobs": 1, "cores": 1, "memory": "1GB", "interface": "lo", "account": "peace"}
    asked |= {"queue": "short", "walltime": "00:10:00", "directives": ["--exclusive"], "prologue": ["export A=1"]}
    (tmp_path / "cluster.yaml").write_text(yaml.safe_dump(asked))
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.chdir(tmp_path)
    said: list[str] = []
    with opened(spec_of("cluster.yaml"), said.append) as cluster:
        assert cluster.client.scheduler.address.startswith("tcp://127.0.0.1:")
        assert dict(cluster.results(Doubling(), [4]))[4][0] == 8
    script = (tmp_path / "job.sh").read_text()
    wanted = ("-A peace", "-p short", "-t 00:10:00", "--exclusive", "export A=1", "--cpus-per-task=1")
    assert [line for line in wanted if line not in script] == []
    assert [line for line in said if "no tls" in line or "Jobs asked of slurm: 1" in line or "Watch" in line] == said


@pytest.mark.slow
def test_workers_of_a_machine_compile_one_after_the_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "cache_folder", lambda: tmp_path)
    order: list[str] = []

    def second() -> None:
        with worker._compiling_alone():
            order.append("second")

    other = threading.Thread(target=second)
    with worker._compiling_alone():
        other.start()
        other.join(0.3)
        order.append("first")
    other.join()
    assert order == ["first", "second"]
    with lock_file(str(worker._ready_mark().with_suffix(".lock"))):  # compiled: nobody waits for anybody
        second()
    assert order[2:] == ["second"]


BAD = {
    "tpc://host:1": "neither an address such as tcp://127.0.0.1:8786 nor a YAML file",
    "tcp://host": "neither an address",
    "tls://host:8786": "needs certificates",
    "absent.yaml": "absent.yaml: cannot be read: No such file",
}
WRONG = {
    "": "empty; give address, or system with jobs, cores, memory",
    "jobs: 3": "give one of address .* and system",
    "adress: tcp://h:1": r"c\.yaml:1: adress: unknown key; did you mean 'address'\?",
    "system: slrum\njobs: 1": r"c\.yaml:1: system: unknown system 'slrum'; did you mean 'slurm'\?",
    "system: slurm\njobs: 2\nmemory: 4GB": "cores is missing",
    "system: slurm\njobs: 2\ncores: 4\nmemory: 4GB": "interface is missing: the network",
    "system: slurm\njobs: many": r"c\.yaml:2: jobs: 'many' where a whole number above 0 is needed",
    "system: slurm\nwalltime: 90": r"c\.yaml:2: walltime: 90 where a text is needed; put it in quotes",
    "system: slurm\ndirectives: x": "directives: 'x' where a list of texts is needed",
    "address: here": "'here' is no address",
    "address: tls://h:1": "tls:// needs tls with ca, cert and key",
    "address: tcp://h:1\njobs: 3": r"c\.yaml:2: jobs: goes with system, not with address",
    "address: tls://h:1\ntls: {ca: ca.pem}": r"tls\.ca: .*ca\.pem: no such file",
    "address: tls://h:1\ntls: {cat: ca.pem}": r"tls\.cat: unknown key; did you mean 'ca'\?",
    "address: tls://h:1\ntls: on": "tls: on where ca, cert and key are needed",
}


@pytest.mark.parametrize("text", BAD)
def test_bad_addresses(text: str) -> None:
    with pytest.raises(ClusterError, match=BAD[text]):
        spec_of(text)


@pytest.mark.parametrize("text", WRONG)
def test_bad_files(text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("c.yaml").write_text(text)
    with pytest.raises(ClusterError, match=WRONG[text]) as problem:
        spec_of("c.yaml")
    assert "\n" not in str(problem.value)


COMMANDS = (
    ["compare", "measures_2018"],
    ["attribute", "measures_2018"],
    ["sensitivity", "measures_2018"],
    ["calibrate"],
    ["validate"],
    ["forecast", "historical", "--start", "2020-01", "--end", "2020-02"],
)


@pytest.mark.slow
@pytest.mark.parametrize("command", COMMANDS, ids=lambda words: words[0])
def test_every_command_refuses_what_cannot_be_used(
    command: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(connect, "CONNECT", 0.5)
    cases = {
        ("nowhere",): "--cluster nowhere: neither an address",
        ("tcp://127.0.0.1:9", "--workers", "2"): "give one of the two",
        ("tcp://127.0.0.1:9",): "tcp://127.0.0.1:9: no scheduler answers there within 0.5 s",
    }
    for number, (more, message) in enumerate(cases.items()):
        assert main([*command, "--out", str(tmp_path / str(number)), "--cluster", *more]) == 2
        said = capsys.readouterr()
        assert message in said.err
        assert "Traceback" not in said.err
        assert said.out == ""
    assert not list(tmp_path.iterdir())


def test_without_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with (
        pytest.raises(ClusterError, match=r"--cluster needs distributed: pip install 'minusim\[cluster\]'"),
        opened(spec_of("tcp://127.0.0.1:9"), lambda _: None),
    ):
        pass


@pytest.mark.slow
def test_a_batch_system_that_is_not_here(tmp_path: Path) -> None:
    (tmp_path / "c.yaml").write_text("{system: pbs, jobs: 1, cores: 2, memory: 4GB, interface: lo}")
    with (
        pytest.raises(ClusterError, match="qsub is not found here"),
        opened(spec_of(str(tmp_path / "c.yaml")), lambda _: None),
    ):
        pass
