"""Every class of error has an exact message here; a new class without one fails by itself.

Scenarios have their own table, tests/scenario_messages.txt.
"""

import importlib
import inspect
import json
import pkgutil
from collections.abc import Callable
from concurrent.futures import Future
from hashlib import sha256
from pathlib import Path
from threading import Event

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import sim
from sim._util import Unreadable, read_bytes, read_json
from sim._util.parquet import read_table
from sim.app.initial_state import first_case
from sim.app.scheduler import JobScheduler, SchedulerError
from sim.cli.inputs import Refusal
from sim.cli.main import main
from sim.cli.output_folder import Identity, claim
from sim.missions import MissionError, load_mission
from sim.missions.posterior import Posterior, PosteriorError, read
from sim.present.report.loaders import NoStore, open_folder
from sim.results import FolderError, Results, open_results
from sim.scenario import ScenarioError, loads
from sim.scenario.errors import FieldError
from sim.scenario.reader import _check_limits, _LimitExceeded
from sim.scenario.validators import day
from sim.study import StoreError, open_store
from sim.study.cluster import ClusterError, spec_of
from sim.study.cluster.worker import OtherVersion, Packed, run_batch, versions
from sim.study.executor import LOCAL, FunctionWork, TaskFailed, in_order
from sim.study.identity import FILE
from sim.study.manifest import NotAsWritten, sealed
from tests.minusma import FIRST_DAY, LAST_DAY
from tests.synthetic import synthetic_record

Case = tuple[type[BaseException], str, Callable[[], object], str]


def classes() -> set[type[BaseException]]:
    """The classes of errors that the package defines."""
    found: set[type[BaseException]] = set()
    for module in pkgutil.walk_packages(sim.__path__, "sim."):
        if module.name.startswith(("sim.app.page", "sim.__main__")):
            continue  # runs in a server only
        known = vars(importlib.import_module(module.name)).values()
        found |= {one for one in known if inspect.isclass(one) and issubclass(one, BaseException)}
    return {one for one in found if one.__module__.startswith("sim.")}


def table(value: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    pq.write_table(value, sink)
    return sink.getvalue().to_pybytes()


def here(name: str, content: bytes | str = b"") -> Path:
    """A file in the folder of the test."""
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def failing() -> JobScheduler:
    """A scheduler whose runs all fail."""
    scheduler, ended = JobScheduler(workers=1), Future[object]()
    ended.set_exception(MemoryError("no room"))
    scheduler._submit = lambda *_: ended  # type: ignore[method-assign]
    return scheduler


def linked() -> Path:
    """A link to a file."""
    Path("link").symlink_to(here("there", "x"))
    return Path("link")


def run(**changes: object) -> Path:
    """A saved run, with other facts in its manifest."""
    small = synthetic_record(1, pd.Timestamp("2013-07-01").date(), pd.Timestamp("2013-07-02").date())
    path = Results(small).save("run")
    manifest = json.loads((path / "manifest.json").read_text()) | changes
    here("run/manifest.json", json.dumps({key: value for key, value in manifest.items() if value is not None}))
    return path


def changed(name: str, content: bytes) -> Path:
    """A saved run with another file, of which the manifest knows."""
    files = json.loads((run() / "manifest.json").read_text())["files"]
    here(f"run/{name}", content)
    manifest = json.loads(Path("run/manifest.json").read_text())
    manifest["files"] = {**files, name: sha256(content).hexdigest()}
    here("run/manifest.json", json.dumps(manifest))
    return Path("run")


def names(**changes: object) -> bytes:
    """The names of a run, some of them other."""
    return json.dumps(json.loads((run() / "names.json").read_text()) | changes).encode()


def events(**changes: object) -> bytes:
    """The events of a run, some columns other."""
    frame = pd.read_parquet(run() / "events.parquet")
    return table(pa.Table.from_pandas(frame.assign(**changes), preserve_index=False))


def store(later: dict[str, object] | None = None, **changes: object) -> Path:
    """A study without runs, with other facts; ``later``: changed after its checksum was made."""
    scenario = loads("title: x\nvariants: {a: {}}", "x")
    facts = {"format": 2, "scenario": "x", "hash": scenario.hash, "version": "1", "fingerprint": "f" * 64}
    whole = json.loads(sealed({**facts, "yaml": scenario.to_yaml(), **changes}))
    here(f"store/{FILE}", json.dumps({**whole, **(later or {})}))
    return Path("store")


def sets(**changes: object) -> pd.DataFrame:
    return pd.DataFrame({"structure": ["a"], "weight": [1.0], "source": "x", "rate": [0.5], **changes})


BIG = pa.table({"n": pa.DictionaryArray.from_arrays(np.zeros(1_000, np.int32), ["x" * 1_000_000])})
NEVER = Identity("0" * 64, 1, "f" * 64)
NUMBERS = "posterior: every value must be a number, and weights must be positive"
CASES: list[Case] = [
    # mission packs
    (MissionError, "no such mission", lambda: load_mission("minusa"),
     "'minusa' is no packaged mission; did you mean 'minusma'?; a folder: ./minusa"),
    # what is read within bounds
    (Unreadable, "a link", lambda: read_bytes(linked(), 10), "a link; links are not followed here"),
    (Unreadable, "a folder", lambda: read_bytes(Path(), 10), "not a regular file"),
    (Unreadable, "too large", lambda: read_bytes(here("x", b"x" * 2_000_001), 2_000_000), "larger than 2 MB"),
    (Unreadable, "absent", lambda: read_bytes(Path("x"), 1), "cannot be read: No such file or directory"),
    (Unreadable, "no name", lambda: read_bytes(Path("\0"), 1), "no name that a file can have"),
    (Unreadable, "long name", lambda: read_bytes(Path("x" * 300), 1), "cannot be read: File name too long"),
    (Unreadable, "no JSON", lambda: read_json(here("x", "{")), "not valid JSON"),
    (Unreadable, "deep JSON", lambda: read_json(here("x", "[" * 100_000)), "not valid JSON"),
    (Unreadable, "half a character", lambda: read_json(here("x", '{"a": "\\ud800"}')), "not valid JSON"),
    (Unreadable, "a list", lambda: read_json(here("x", "[]")), "not a JSON object"),
    (Unreadable, "no table", lambda: read_table(b"PAR1"), "not a readable table (ArrowInvalid)"),
    (Unreadable, "nested", lambda: read_table(table(pa.table({"l": [[1]]}))),
     "column 'l' is none of numbers, truth values or texts"),
    (Unreadable, "a long text often", lambda: read_table(table(BIG)), "would take more than 257 MB of memory"),
    (Unreadable, "wide", lambda: read_table(table(pa.table({f"c{n}": [1] for n in range(1_001)}))),
     "more columns or row groups than a table of this package has"),
    # a saved run
    (FolderError, "none", lambda: open_results("x"), "x: no saved run here (manifest.json is missing)"),
    (FolderError, "long name", lambda: open_results("x" * 300),
     f"{'x' * 300}: no saved run here (manifest.json is missing)"),
    (FolderError, "no manifest", lambda: open_results(here("x/manifest.json", "[]").parent),
     "x/manifest.json: not a JSON object"),
    (FolderError, "format", lambda: open_results(run(format=[])),
     "run/manifest.json: format a list; this version reads format 1"),
    (FolderError, "seed", lambda: open_results(run(seed="1")), "run/manifest.json: seed: '1' where no run has it"),
    (FolderError, "seed range", lambda: open_results(run(seed=-1)), "run/manifest.json: seed and seeds: out of range"),
    (FolderError, "version", lambda: open_results(run(version="\x1b[2J")),
     r"run/manifest.json: version: '\x1b[2J' where no run has it"),
    (FolderError, "no files", lambda: open_results(run(files=None)),
     "run/manifest.json: files: nothing where no run has it"),
    (FolderError, "changed", lambda: open_results(run(files={})),
     "run/codebook.csv: the file is not as it was written (sha256 differs)"),
    (FolderError, "scenario", lambda: open_results(changed("scenario.yaml", b"titel: x")),
     "written by another version: run/scenario.yaml:1: titel: unknown key; did you mean 'title'?"),
    (FolderError, "no name", lambda: open_results(changed("names.json", names(bases=["a", "\x1b[2J"]))),
     "run: holds what no run has (a name is no short text)"),
    (FolderError, "no actors", lambda: open_results(changed("names.json", names(actors=["x", "x"]))),
     "run: holds what no run has "),
    (FolderError,
     "a day outside", lambda: open_results(changed("events.parquet", events(date=pd.Timestamp("2020-01-01")))),
     "run: holds what no run has (an event lies outside the period)"),
    (FolderError, "too many", lambda: open_results(changed("events.parquet", events(civilians_killed=10**12))),
     "run: holds what no run has (an event holds what is no number of persons)"),
    (FolderError, "a half", lambda: open_results(changed("events.parquet", events(civilians_killed=0.5))),
     "run: holds what no run has (civilians_killed: not whole numbers)"),
    (FolderError, "nowhere", lambda: open_results(changed("events.parquet", events(gid=1))),
     "run: holds what no run has (an event lies in no cell of the run)"),
    (FolderError, "no table", lambda: open_results(changed("ledger.parquet", b"x")),
     "run: holds what no run has (not a readable table (ArrowInvalid))"),
    # a study
    (StoreError, "none", lambda: open_store(Path("x")), f"x: no study here ({FILE} is missing)"),
    (NotAsWritten, "no JSON", lambda: open_store(here(f"x/{FILE}", "{").parent),
     f"x/{FILE}: not valid JSON; --resume with the same scenario repairs it"),
    (NotAsWritten, "seal", lambda: open_store(store({"version": "2"})),
     f"store/{FILE}: not as it was written (sha256 differs); --resume with the same scenario repairs it"),
    (StoreError, "format", lambda: open_store(store(format="\x1b")),
     rf"store/{FILE}: format '\x1b'; this version reads 1 and 2; name another folder"),
    (NotAsWritten, "no hash", lambda: open_store(store(hash=7)),
     f"store/{FILE}: hash: 7 where no study has it; --resume with the same scenario repairs it"),
    (StoreError, "scenario", lambda: open_store(store(yaml="titel: x")),
     f"store/{FILE}: written by another version: x:1: titel: unknown key; did you mean 'title'?"),
    # a page of either
    (NoStore, "none", lambda: open_folder(Path("x")),
     "x: there is no such folder; `minusim compare` and `minusim run` write one"),
    (NoStore, "a file", lambda: open_folder(here("x")),
     "x: is a file; name the folder that `minusim compare` or `minusim run` wrote"),
    (NoStore, "nothing", lambda: open_folder(here("x/y").parent),
     f"x: holds neither a study ({FILE}) nor a run (manifest.json); name the folder that one of them wrote"),
    (NoStore, "a run", lambda: open_folder(run(seeds=0)), "run/manifest.json: seed and seeds: out of range"),
    (NoStore, "empty study", lambda: open_folder(store()),
     "store: holds a study without a finished run; `minusim compare --resume` goes on with it"),
    # a posterior
    (PosteriorError, "absent", lambda: read(Path("x.csv")), "x.csv: cannot be read: No such file or directory"),
    (PosteriorError, "empty", lambda: read(here("x.csv")), "x.csv: no table: No columns to parse from file"),
    (PosteriorError, "column", lambda: Posterior.from_frame(sets().drop(columns="weight")),
     "posterior: the column weight is missing"),
    (PosteriorError, "no sets", lambda: Posterior.from_frame(sets()[:0]), "posterior: the table has no sets"),
    (PosteriorError, "text", lambda: Posterior.from_frame(sets(rate=["x"])), NUMBERS),
    (PosteriorError, "infinite", lambda: Posterior.from_frame(sets(rate=[np.inf])), NUMBERS),
    (PosteriorError, "no weight", lambda: Posterior.from_frame(sets(weight=[0.0])), NUMBERS),
    (PosteriorError, "wide", lambda: Posterior.from_frame(sets(**{f"c{n}": [1.0] for n in range(2_001)})),
     "posterior: more than 2,000 values in a set, or one of them twice"),
    # a cluster
    (ClusterError, "nothing", lambda: spec_of("x"),
     "x: neither an address such as tcp://127.0.0.1:8786 nor a YAML file"),
    (ClusterError, "absent", lambda: spec_of("x.yaml"), "x.yaml: cannot be read: No such file or directory"),
    (ClusterError, "no name", lambda: spec_of("\0.yaml"), r"\x00.yaml: no name that a file can have"),
    (ClusterError, "two lines", lambda: spec_of(str(here("c.yaml", 'queue: "a\\nb"'))),
     "c.yaml:1: queue: each text must be one line, without control characters"),
    (ClusterError, "two lines of a list", lambda: spec_of(str(here("c.yaml", 'prologue: ["a", "b\\rc"]'))),
     "c.yaml:1: prologue: each text must be one line, without control characters"),
    (ClusterError, "many", lambda: spec_of(str(here("c.yaml", "jobs: 100001"))),
     "c.yaml:1: jobs: 100001 is out of range; at most 100,000"),
    (ClusterError, "long name", lambda: spec_of(str(here("c.yaml", f"tls: {{ca: {'x' * 300}}}"))),
     f"c.yaml:1: tls.ca: {'x' * 300}: no such file"),
    # scenarios: the rest is in tests/scenario_messages.txt
    (ScenarioError, "a command", lambda: loads('title: "\\e[2J"', "x.yaml"),
     r"x.yaml:1: title: the control character '\x1b' cannot stand in a text; take it out"),
    (ScenarioError, "turned round", lambda: loads('narrative: "a\\u202eb"', "x.yaml"),
     r"x.yaml:1: narrative: the control character '\u202e' cannot stand in a text; take it out"),
    (FieldError, "no day", lambda: day((FIRST_DAY, LAST_DAY)).parse(7),
     "7 is no day; write YYYY-MM-DD, 2013-07-01 to 2024-12-31"),
    (_LimitExceeded, "deep", lambda: _check_limits(1, 41, 3), "nested deeper than 40 levels"),
    # the shell
    (Refusal, "links", lambda: claim(str(linked().parent), "x", NEVER, 1),
     "--out .: link in it is a link, and nothing is written through links; name another folder"),
    (Refusal, "other files", lambda: claim(str(here("x/y").parent), "x", NEVER, 1),
     "--out x: other files are there and are never overwritten; name another folder"),
    (Refusal, "long name", lambda: claim("x" * 300, "x", NEVER, 1),
     f"--out {'x' * 300}: cannot be looked into: File name too long; name another folder"),
    (Refusal, "control", lambda: claim(str(here("\x1b[2J/y").parent), "x", NEVER, 1),
     r"--out \x1b[2J: other files are there and are never overwritten; name another folder"),
    # the browser view
    (SchedulerError, "runs fail", lambda: failing().watch(first_case(), len, Event()),
     "these runs failed: MemoryError: no room"),
]  # fmt: skip


@pytest.fixture(autouse=True)
def somewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    ("kind", "what", "ask", "message"), CASES, ids=lambda part: part if isinstance(part, str) else ""
)
def test_the_message_is_exact(kind: type[BaseException], what: str, ask: Callable[[], object], message: str) -> None:
    with pytest.raises(kind) as caught:
        ask()
    said = str(caught.value)
    assert type(caught.value) is kind
    assert said == message if not message.endswith(" ") else said.startswith(message)
    assert said.isprintable()
    assert what


def test_a_worker_of_another_version_says_so() -> None:
    with pytest.raises(OtherVersion) as caught:
        run_batch({"minusim": "0"}, Packed.of(FunctionWork(len)), b"")
    assert str(caught.value) == f"minusim {versions()['minusim']} (here 0)"


def test_a_lost_task_says_so() -> None:
    def fails(task: int) -> None:
        raise ValueError("seven is enough")

    with pytest.raises(TaskFailed, match="seven is enough"):
        list(in_order(LOCAL, FunctionWork(fails), [7]))


def test_every_class_of_error_has_a_message_here() -> None:
    elsewhere = {OtherVersion, TaskFailed}  # tested above by what they carry on
    assert classes() - {kind for kind, *_ in CASES} - elsewhere == set()


def test_bad_input_ends_with_two_and_writes_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    long = "x" * 300
    commands = (
        ["run", "no\x1b[2Jsuch"], ["run", "quickstart", "--set", "\x1b=\x1b"], ["run", "quickstart", "--out", long],
        ["run", "quickstart", "--seed", "\x1b"], ["run", "a\0.yaml"], ["report", "no\x1b"], ["report", long],
        ["rerun", "no", "a", "1"], ["rerun", long, "a", "1"], ["compare", "quickstart", "--cluster", "\x1b.yaml"],
        ["compare", "quickstart", "--out", long], ["check", "/dev/zero"], ["check", f"{long}.yaml"], ["\x1b"],
        ["diverge", "quickstart:\x1b", "quickstart"], ["new", "\0.yaml"], ["new", f"{long}.yaml"],
    )  # fmt: skip
    for words in commands:
        assert main(words) == 2, words
        said = capsys.readouterr()
        assert said.out == ""
        assert said.err.endswith("\n")
        assert said.err[:-1].isprintable(), words
        assert list(Path().iterdir()) == [], words
