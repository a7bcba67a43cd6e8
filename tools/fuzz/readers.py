"""The readers, each with the errors it may answer with, texts to begin from, and its share of the campaign."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from hashlib import sha256
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from sim._util import Unreadable
from sim._util.parquet import read_table
from sim.app.policy import Policy, composed
from sim.app.reducers import policies, reduce
from sim.app.url_state import View, parse, scenario_of, to_query
from sim.calibration.mission import MISSION
from sim.missions.posterior import PosteriorError
from sim.missions.posterior import read as read_posterior
from sim.present.report.loaders import NoStore, open_folder
from sim.results import FolderError, Results, open_results
from sim.scenario import MEASURES, SHOCKS, ScenarioError, load, loads, packaged_names, packaged_path, parse_set
from sim.study import StoreError, open_store
from sim.study.cluster import ClusterError, spec_of
from sim.study.collect import collect
from sim.study.identity import FILE, fingerprint
from sim.study.manifest import SEAL, sealed
from sim.study.store import MADE_BY, Folder

Read = Callable[[bytes], None]


@dataclass(frozen=True)
class Reader:
    """``make`` is given a folder of its own and returns what reads one input."""

    name: str
    make: Callable[[Path], Read]
    refusals: tuple[type[Exception], ...]
    seeds: Callable[[], list[bytes]]
    inputs: int  # of the campaign
    longest: int = 2_000  # bytes


SMALL = """title: Roads, 2016-2018
extends: quickstart
period: {start: 2016-01-01, end: 2018-12-31}
measures:
  route_clearance: {share_of_convoy_km: 0.6, start: 2016-07-01}
  patrols:
    - {intensity: {2016-01-01: 0.5}, place: [Gao, Kidal]}
shocks: {coup: {start: 2020-08-18, intensity: 0.5}}
uncertainties: posterior
baseline: as_reported
variants: {as_reported: {}, none: {measures.route_clearance: off}}
"""
CLUSTER = (
    "system: slurm\njobs: 2\ncores: 4\nmemory: 4GB\ninterface: ib0\nwalltime: '01:00:00'\nprologue: [module load x]\n"
)
TRICKS = [
    b"a: &a [x, x, x, x]\nb: &b [*a, *a, *a, *a]\nc: [*b, *b, *b, *b]",
    b"title: !!python/object/apply:os.system [id]",
    b'title: "\\e[31m \\u202e \\0"',
    b"<<: {a: 1}",
    b"? [a]\n: 1",
    b"seed: " + b"9" * 300,
    b"title: \xff\xfe",
    b"--- a\n--- b",
    b"{" * 60,
    b"- " * 60,
    b"seed: 1e999",
    b"seed: 0x7fffffffffffffff",
    b"period: {start: 2013-02-30}",
    b"\xef\xbb\xbftitle: x",
    b"title: [\r\n\t x",
    b"seed: 1_0",
    b"%YAML 9.9\n---\na: 1",
    b"&a a: *a",
    b"a: !!binary aGk=",
    b"a: !!set {x}",
]


def _texts() -> list[bytes]:
    whole = [packaged_path(name).read_bytes() for name in packaged_names()]
    plain = SMALL.replace("extends: quickstart\n", "")
    return [SMALL.encode(), plain.encode(), plain[:240].encode(), *(text[-500:] for text in whole), *TRICKS]


def _plain() -> list[bytes]:
    """Without what takes long: another file below, every variant built."""
    return [text for text in _texts() if b"extends" not in text]


def _words() -> list[bytes]:
    keys = [
        "period.end",
        "seed",
        "measures.patrols",
        "measures.drills.intensity",
        "title",
        "parameters.ambush_rate",
        "shocks.coup",
        "variants.a",
        "sources.0",
        "extends",
        "settings.cell_size",
        "measures..x",
    ]
    values = [
        "off",
        "0.5",
        "2018-12-31",
        "{2016-01-01: 0.5}",
        "[Gao, Kidal]",
        "0,6",
        "1e-3",
        "null",
        "!!python/x",
        "'",
        '"\\e"',
    ]
    return [f"{key}={value}".encode() for key in keys for value in values] + TRICKS


# scenarios


def _set(_: Path) -> Read:
    def read(data: bytes) -> None:
        parse_set(data.decode("utf-8", "surrogateescape"))

    return read


def _set_whole(_: Path) -> Read:
    base = loads("title: x\nmeasures: {patrols: {intensity: 0.5}}\nvariants: {a: {}, b: {title: y}}")

    def read(data: bytes) -> None:
        texts = data.decode("utf-8", "surrogateescape").split("\n")[:3]
        base.with_values(dict(map(parse_set, texts)))

    return read


def _yaml(_: Path) -> Read:
    def read(data: bytes) -> None:
        found = loads(data, "x.yaml")
        if len(data) % 8 == 0 and loads(found.to_yaml()) != found:
            raise AssertionError("read back, it is another scenario")

    return read


def _extends(folder: Path) -> Read:
    """Two files from one input: the second is what the first extends, under whatever name it gives."""
    inner = folder / "scenarios"
    inner.mkdir()
    (folder / "outside.yaml").write_text("title: secret")
    (inner / "link.yaml").symlink_to(folder / "outside.yaml")

    def read(data: bytes) -> None:
        first, _, second = data.partition(b"\n===\n")
        (inner / "a.yaml").write_bytes(first)
        (inner / "b.yaml").write_bytes(second)
        if load(inner / "a.yaml").title == "secret":
            raise AssertionError("read outside the folder")

    return read


def _pairs() -> list[bytes]:
    ways = ("b.yaml", "../outside.yaml", "link.yaml", "/etc/passwd", "a.yaml", "./b.yaml", "b.yaml/../../o.yaml")
    texts = (
        b"title: x",
        b"seed: 3\nmeasures: {patrols: off}",
        b"variants: {a: {}, b: {measures.drills.intensity: 0.5}}",
    )
    return [
        b"extends: %s\n%s\n===\n%s" % (way.encode(), text, other) for way in ways for text in texts for other in texts
    ]


def _cluster(folder: Path) -> Read:
    file = folder / "c.yaml"

    def read(data: bytes) -> None:
        if data[:1] == b"@":
            spec_of(data[1:].decode("utf-8", "surrogateescape"))
        file.write_bytes(data)
        spec_of(str(file))

    return read


def _clusters() -> list[bytes]:
    given = [CLUSTER, "address: tcp://127.0.0.1:8786\n", "address: tls://h:1\ntls: {ca: a, cert: b, key: c}\n"]
    return [text.encode() for text in given] + [b"@tcp://127.0.0.1:8786", b"@tls://[::1]:1", b"@../x.yaml"] + TRICKS


# the browser view


def _address(_: Path) -> Read:
    def read(data: bytes) -> None:
        view = parse(data.decode("utf-8", "replace"))
        if parse(to_query(view)) != view:
            raise AssertionError("its own address brings another view")

    return read


def _addresses() -> list[bytes]:
    view = View(first=Policy("as_reported"), second=Policy().set("drills", 0.5), seed=7, language="fr")
    loaded = replace(view, scenario="mine.yaml", text=SMALL)
    odd = [
        "s=../../etc/passwd",
        "b=drills:nan",
        "file=!!",
        "seed=1e3",
        "&" * 30,
        "file=%ff",
        "s=%ed%a0%80",
        "lang=fr&show=x",
    ]
    return [to_query(view).encode(), to_query(loaded).encode(), *(text.encode() for text in odd)]


def _event(_: Path) -> Read:
    view = View(first=Policy("as_reported"), second=Policy())

    def read(data: bytes) -> None:
        try:
            event = json.loads(data)
        except (ValueError, RecursionError):
            return  # the protocol below refuses it
        to_query(reduce(view, event))

    return read


def _events() -> list[bytes]:
    events = [
        {"do": "level", "policy": "a", "measure": "drills", "level": 0.5},
        {"do": "level", "measure": "patrols", "level": None},
        {"do": "clear", "measure": "drills"},
        {"do": "variant", "policy": "b", "variant": "x"},
        {"do": "seed", "seed": 5},
        {"do": "scenario", "name": "quickstart"},
        {"do": "file", "name": "mine.yaml", "text": "title: x"},
        {"do": "touch"},
        {"do": "outcome", "outcome": "civilians_killed"},
        {"do": "language", "language": "fr"},
        {"do": ["x"]},
        [1],
        None,
        {"do": "level", "measure": ["x"], "level": {}},
        {"do": "file", "name": 1, "text": {}},
        {"do": "seed", "seed": 1e400},
    ]
    return [json.dumps(event).encode() for event in events] + [b'{"do": "file", "name": "\\ud800", "text": "\\ud800"}']


def _upload(_: Path) -> Read:
    """A file dropped on the page, up to the case that would be run."""

    def read(data: bytes) -> None:
        text = data.decode("utf-8", "surrogateescape")
        view = reduce(View(), {"do": "file", "name": "mine.yaml", "text": text})
        scenario = scenario_of(view)
        composed(scenario, *policies(view), scenario.seed)

    return read


# tables


def _parquet(table: pa.Table, **options: object) -> bytes:
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, **options)
    return sink.getvalue().to_pybytes()


def _tables() -> list[bytes]:
    words = pa.array(["a", "b", "a", None]).dictionary_encode()
    flat = pa.table(
        {"n": [1, 2, 3, 4], "x": [0.5, None, 2.0, 1.0], "t": [True, False, True, None], "s": words, "u": ["x"] * 4}
    )
    many = pa.table({"n": list(range(300)), "s": [f"w{n % 7}" for n in range(300)]})
    ways = [
        {"compression": "zstd", "write_page_checksum": True},
        {"compression": "none"},
        {"compression": "snappy"},
        {"compression": "none", "use_dictionary": False},
        {"data_page_version": "2.0"},
        {"data_page_size": 64},
        {"use_byte_stream_split": ["x"], "use_dictionary": False},
    ]
    odd = [
        pa.table({"l": [[1], [2]]}),
        pa.table({"d": pa.array([1], pa.date32())}),
        pa.table({"b": [b"\xff"]}),
        pa.table({}),
    ]
    made = [
        _parquet(table, **way)
        for table in (flat, many)
        for way in ways
        if table is flat or "use_byte_stream_split" not in way
    ]
    return made + [_parquet(table) for table in odd]


def _table(_: Path) -> Read:
    def read(data: bytes) -> None:
        read_table(data).to_pandas()

    return read


def _store(folder: Path) -> Read:
    """A study in a folder.  First byte: which file the rest of the input is; a part is named by its content."""
    path = folder / "store"
    path.mkdir()
    good = _study_files()
    for name, content in good.items():
        (path / name).write_bytes(content)

    def read(data: bytes) -> None:
        kind, rest = data[:1], data[1:]
        if kind != b"p":
            (path / FILE).write_bytes(_sealed_again(rest) if kind == b"s" else rest)
            open_store(path)
            return
        part = path / f"runs-{sha256(rest).hexdigest()}.parquet"
        part.write_bytes(rest)
        try:
            for one in Folder(path).parts():
                collect([one], owned)
                for which in ("monthly", "cells"):
                    one.table(which)
        finally:
            part.unlink()

    owned = loads("title: x\nvariants: {a: {}}", "x")
    for name in good:
        if name.startswith("runs-"):
            (path / name).unlink()
    return read


def _sealed_again(content: bytes) -> bytes:
    """Facts with a checksum that is right, whatever they say: who writes a whole folder can write that too."""
    try:
        facts = json.loads(content)
        return sealed({key: value for key, value in facts.items() if key != SEAL}).encode()
    except (ValueError, RecursionError, AttributeError):
        return content


def _studies() -> list[bytes]:
    files = _study_files()
    about = json.loads(files[FILE])
    about.pop(SEAL)
    odd = [{**about, key: value} for key in about for value in (None, 7, "\u001b[31m", [], {"a": 1})]
    parts = [content for name, content in files.items() if name.startswith("runs-")]
    return [
        b"j" + files[FILE],
        b"s" + files[FILE],
        *(b"s" + json.dumps(one).encode() for one in odd),
        *(b"p" + part for part in parts),
    ]


@cache
def _study_files() -> dict[str, bytes]:
    """The files of a study of one variant without runs, and of a part that names files elsewhere."""
    from sim.study.tables import tables

    scenario = loads("title: x\nvariants: {a: {}}", "x")
    about = {
        "format": 2,
        "simulated": True,
        "scenario": "x",
        "title": "x",
        "hash": scenario.hash,
        "version": "1",
        "fingerprint": fingerprint(MISSION),
        "yaml": scenario.to_yaml(),
    }
    empty = tables([], {}, "", scenario.mission.regions)
    detail = {which: _parquet(getattr(empty, which)) for which in ("monthly", "cells")}
    names = {which: f"{which}-{sha256(content).hexdigest()}.parquet" for which, content in detail.items()}
    made_by = {key: about[key] for key in ("hash", "fingerprint")}
    runs = _parquet(empty.runs.replace_schema_metadata({**names, MADE_BY: json.dumps(made_by)}))
    files = {names[which]: content for which, content in detail.items()}
    return {FILE: sealed(about).encode(), f"runs-{sha256(runs).hexdigest()}.parquet": runs, **files}


def _results(folder: Path) -> Read:
    """A run in a folder.  First byte: which file the rest of the input is; the manifest follows the content."""
    good = _run_files(folder)
    names = sorted(good)
    path = folder / "run"

    def read(data: bytes) -> None:
        name, rest = names[data[0] % len(names)] if data else names[0], data[1:]
        manifest = json.loads(good["manifest.json"])
        (path / name).write_bytes(rest)
        if name != "manifest.json":
            manifest["files"][name] = sha256(rest).hexdigest()
            (path / "manifest.json").write_text(json.dumps(manifest))
        try:
            if name == "manifest.json":
                open_folder(path)  # reads more of it
            else:
                open_results(path).summary()
        finally:
            for file in (name, "manifest.json"):
                (path / file).write_bytes(good[file])

    return read


def _run_files(folder: Path) -> dict[str, bytes]:
    from tests.synthetic import synthetic_record

    few = synthetic_record(1, date(2013, 7, 1), date(2013, 7, 3), scale=5.0)
    path = Results(few).save(folder / "run")
    kept = ("events.parquet", "ledger.parquet", "names.json", "scenario.yaml", "manifest.json")
    return {file.name: file.read_bytes() for file in path.iterdir() if file.name in kept}


def _runs() -> list[bytes]:
    """Facts, names and scenario more often than tables, which have a reader of their own and take longer."""
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        good = _run_files(Path(folder))
    made = []
    for number, name in enumerate(sorted(good)):
        often = {"manifest.json": 10, "names.json": 3, "scenario.yaml": 3}
        made += [bytes([number]) + good[name]] * often.get(name, 1)
        if name == "events.parquet":
            table = pq.read_table(pa.BufferReader(good[name]))
            made.append(bytes([number]) + _parquet(table, compression="none"))
    return made


def _posterior(folder: Path) -> Read:
    file = folder / "posterior.csv"

    def read(data: bytes) -> None:
        file.write_bytes(data)
        found = read_posterior(file)
        found.values(1, 1)

    return read


def _posteriors() -> list[bytes]:
    head = "structure,weight,source,ambush_rate,threat.Gao.2015\n"
    text = f"{head}hardening,0.5,derived,0.001,-1\ntrend,0.5,derived,0.002,1\n"
    odd = [text.replace("0.5", value) for value in ("nan", "-1", "1e400", "", "x", '"', "1_0", "0x10", "inf")]
    return [text.encode(), *(one.encode() for one in odd), b"", b"\x1f\x8b\x08", b"structure,weight\n", b"PK\x03\x04"]


READERS = (
    Reader("set", _set, (ScenarioError,), _words, 120_000, 200),
    Reader("set, whole", _set_whole, (ScenarioError,), _words, 20_000, 200),
    Reader("yaml", _yaml, (ScenarioError,), _texts, 20_000, 1_000),
    Reader("extends", _extends, (ScenarioError,), _pairs, 20_000),
    Reader("cluster file", _cluster, (ClusterError,), _clusters, 20_000, 600),
    Reader("address", _address, (ScenarioError,), _addresses, 300_000, 1_000),
    Reader("event", _event, (ScenarioError,), _events, 420_000, 400),
    Reader("uploaded file", _upload, (ScenarioError,), _plain, 20_000, 1_000),
    Reader("table", _table, (Unreadable,), _tables, 30_000, 8_000),
    Reader("store", _store, (StoreError,), _studies, 20_000, 30_000),
    Reader("run results", _results, (FolderError, NoStore), _runs, 20_000, 30_000),
    Reader("posterior", _posterior, (PosteriorError,), _posteriors, 20_000, 600),
)
NAMES = {reader.name: reader for reader in READERS}
TOKENS = tuple(
    word.encode()
    for word in (
        *MEASURES,
        *SHOCKS,
        "extends",
        "variants",
        "baseline",
        "period",
        "measures",
        "shocks",
        "off",
        "intensity",
        "place",
        "2016-01-01",
        "!!python/object:",
        "&a ",
        "*a",
        "<<: ",
        "? ",
        "- ",
        ": ",
        "|",
        ">",
        "\\e",
        "\\u202e",
        "1e400",
        "0x",
        ".nan",
        "null",
        "PAR1",
        "address",
        "system",
        "jobs",
        "\\ud800",
        '"do": ',
        '"level": ',
        "drills:",
        "variant:",
    )
)


def mutated(rng: random.Random, seeds: list[bytes], longest: int) -> bytes:
    """A seed with some slips: bytes changed, taken out or doubled, words put in, another seed's end."""
    data = bytearray(rng.choice(seeds))
    for _ in range(rng.randint(1, 3)):
        at = rng.randrange(len(data) + 1)
        match rng.randrange(6):
            case 0 if data:
                data[at % len(data)] = rng.randrange(256)
            case 1:
                del data[at : at + rng.randint(1, 12)]
            case 2:
                data[at:at] = rng.choice(TOKENS)
            case 3:
                data[at:at] = data[at : at + rng.randint(1, 40)]
            case 4:
                other = rng.choice(seeds)
                data[at:] = other[rng.randrange(len(other) + 1) :]
            case _:
                data[at:at] = bytes([rng.choice(b"\x00\x1b\xff\t\n:,-[]{}&*'\"#|>%@0")])
    return bytes(data[:longest])
