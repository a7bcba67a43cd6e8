"""What a user opens is data: it runs nothing, leads nowhere, fills no memory, plays no trick on pages and shells."""

import ast
import base64
import json
import os
import re
import subprocess
import sys
import time
import zlib
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import sim
from sim._util import Unreadable, read_bytes
from sim._util import replace as put
from sim._util.parquet import read_table
from sim.app.url_state import LARGEST_FILE, parse
from sim.cli.inputs import Refusal
from sim.cli.main import main
from sim.cli.output_folder import Identity, claim
from sim.present.comparison import Comparison
from sim.present.figures import RunPlots
from sim.present.figures.style import finish, new_figure, save
from sim.present.report.loaders import Run
from sim.present.report.pages import run_page
from sim.results import Results
from sim.scenario import ScenarioError, load, loads
from sim.study.cluster import ClusterError, connect, opened, spec_of
from sim.study.cluster.spec import Jobs
from tests.synthetic import synthetic_record
from tests.synthetic_study import synthetic_study

SLOWER_MACHINES = 3  # and those that do much else
SIM = Path(sim.__file__).parent
MONTH = date(2013, 7, 1), date(2013, 7, 31)
ATTACKS = (
    "<script>alert(1)</script>", "\"></script><img src=x onerror=alert(1)>", "javascript:alert(1)",
    "{{ 7*7 }}{% raw %}",
    "--><script>alert(1)</script>", "]]><svg onload=alert(1)>", "=HYPERLINK(\"http://x\",\"y\")", "@SUM(1)", "+1", "-1",
    "$\\frac{", "$x^$ $y_{", "[link=http://x]y[/link]", "%s %(x)s {0} {x}", "&lt;b&gt; &amp;", "a\\nb \\x1b[31m",
    "'\" ` $(id) ; id",
)  # fmt: skip
DANGEROUS = ("\x1b[31m", "\x07", "\x9b2J", "\u202egnp.exe", "\u2066x", "\x7f", "\x08\x08")


def answered(ask: Callable[[], object], refusal: type[Exception]) -> str:
    """The message that refuses what is asked; nothing where it is answered."""
    try:
        ask()
    except refusal as problem:
        return str(problem)
    return ""


# code


PICKLES = {"study/cluster/worker.py", "study/cluster/batches.py"}  # between our processes
NEVER = {"marshal", "shelve", "dill", "cloudpickle", "joblib", "subprocess", "pty", "commands", "code", "codeop"}
BUILT_IN = {"eval", "exec", "compile", "__import__", "breakpoint", "input"}
KEYWORDS = {"shell", "allow_pickle", "verify", "autoescape"}
CALLS = re.compile(
    r"os\.(system|popen|exec\w*|spawn\w*|startfile)|yaml\.(load|load_all|unsafe_load|full_load|unsafe_load_all|full_load_all)"
    r"|tempfile\.mktemp|ssl\._create_unverified_context|.*\.(read_pickle|to_pickle|from_string)|(np|numpy)\.(load|fromfile|memmap)"
)


@cache
def modules() -> tuple[tuple[str, ast.Module], ...]:
    files = sorted(SIM.rglob("*.py"))
    return tuple((file.relative_to(SIM).as_posix(), ast.parse(file.read_text("utf-8"))) for file in files)


def dotted(node: ast.expr) -> str:
    """The name of what is called; only its last part where it is of no plain name."""
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def suspicious(tree: ast.Module, may_pickle: bool = False) -> list[str]:
    """What in a module could run what it reads."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else [node.module or ""]
            roots = {name.split(".")[0] for name in names}
            found += sorted(roots & (NEVER | (set() if may_pickle else {"pickle", "_pickle"})))
        elif isinstance(node, ast.Call):
            called = dotted(node.func)
            given = {word.arg: ast.unparse(word.value) for word in node.keywords if word.arg in KEYWORDS}
            unsafe = called in BUILT_IN or CALLS.fullmatch(called) or given.get("shell") == "True"
            unsafe = unsafe or given.get("allow_pickle", "False") != "False" or given.get("verify") == "False"
            if called.endswith("Environment") and given.get("autoescape") != "True":
                unsafe = True
            found += [called] if unsafe else []
        elif isinstance(node, ast.ClassDef):
            bases = {ast.unparse(base) for base in node.bases}
            found += sorted(base for base in bases if base.endswith("Loader") and base != "yaml.SafeLoader")
    return found


def test_no_module_can_run_what_it_reads() -> None:
    found = {name: suspicious(tree, name in PICKLES) for name, tree in modules()}
    assert len(found) > 250
    assert {name: calls for name, calls in found.items() if calls} == {}


CAUGHT = (
    "import pickle", "from marshal import loads", "eval(x)", "yaml.load(x)", "np.load(x, allow_pickle=True)",
    "os.system(x)",
    "jinja2.Environment(loader=x)", "class A(yaml.Loader): pass", "run(x, shell=True)", "pd.read_pickle(x)",
    "import subprocess",
)  # fmt: skip


@pytest.mark.parametrize("text", CAUGHT)
def test_the_check_finds_what_it_looks_for(text: str) -> None:
    assert suspicious(ast.parse(text)) != []


def test_only_the_page_says_what_is_ours() -> None:
    names = {file: {getattr(node, "id", None) for node in ast.walk(tree)} for file, tree in modules()}
    marked = [file for file, used in names.items() if "Markup" in used]
    assert marked == ["present/html.py"]
    templates = "".join(file.read_text("utf-8") for file in (SIM / "present/templates").iterdir())
    assert set(re.findall(r"\{\{\s*([\w.]+)\s*\|\s*drawing", templates)) == {"it.svg"}
    assert not re.search(
        r"\|\s*safe|autoescape false|v-html|innerHTML|outerHTML|insertAdjacentHTML|document\.write", templates
    )
    scripts = "".join(file.read_text("utf-8") for file in SIM.rglob("*") if file.suffix in (".js", ".vue", ".html"))
    assert not re.search(
        r"v-html|innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function", scripts
    )


# texts


@pytest.mark.parametrize("text", DANGEROUS)
def test_no_text_commands_a_terminal(text: str) -> None:
    for key in ("title", "narrative", "sources", "baseline"):
        with pytest.raises(ScenarioError, match="the control character") as caught:
            loads(json.dumps({key: f"a{text}"}), "x.yaml")
        assert str(caught.value).isprintable()


def test_texts_of_all_letters_are_welcome() -> None:
    for text in ("Opération à Ménaka – 2018", "عملية", "行动", "a\tb", "two\nlines", "\u200fright to left", "🕊"):
        assert loads(json.dumps({"title": text}, ensure_ascii=False)).title == text


@pytest.mark.parametrize(
    "tag", ["!!python/object/apply:os.system [id]", "!!python/name:os.system", "!x y", "!!binary aGk=", "!!set {a}"]
)
def test_tags_are_refused(tag: str) -> None:
    with pytest.raises(ScenarioError, match="is not allowed; write plain YAML"):
        loads(f"title: {tag}", "x.yaml")


class Elements(HTMLParser):
    """Every element of a page with its attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def refuse_active(self, scripts: int = 0) -> None:
        """No element that runs or loads anything."""
        tags = [tag for tag, _ in self.found]
        assert tags.count("script") == scripts
        assert not {"img", "iframe", "object", "embed", "form", "base", "link", "a"} & set(tags) - {"a"}
        for _, given in self.found:
            assert not [name for name in given if name.startswith("on") or name in ("src", "action", "formaction")]
            assert (given.get("href") or "#").startswith("#")


@pytest.fixture(scope="module")
def run() -> Results:
    """A run of a scenario whose every text is an attack."""
    record = synthetic_record(1, *MONTH)
    every = json.dumps(" ".join(ATTACKS))
    text = f"title: {every}\nnarrative: {every}\nsources: {json.dumps(list(ATTACKS))}"
    tree = loads(text).layer.tree | {"period": record.scenario.layer.tree["period"]}
    return Results(replace(record, scenario=loads(json.dumps(tree, default=str), "evil")), plots=RunPlots)


@pytest.mark.slow
def test_pages_show_attacks_as_texts(run: Results, tmp_path: Path) -> None:
    page = run_page(Run(tmp_path, run, 1), "en")
    Elements(page).refuse_active()
    for text in ATTACKS:
        assert text not in page or not set(text) & set("<>&\"'"), text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


def test_notebooks_show_attacks_as_texts(run: Results) -> None:
    study = synthetic_study({"as_is": {}, "other": {"peacekeepers_killed": 1.5}}, 8)
    study = replace(study, scenario=replace(study.scenario, title=ATTACKS[0], narrative=ATTACKS[1]))
    for shown in (run, run.record.scenario, study, Comparison(study)):
        text = shown._repr_html_()
        Elements(text).refuse_active()
        assert ATTACKS[0] not in text


def test_every_view_of_a_notebook_was_looked_at() -> None:
    known = {"scenario/scenario.py", "results/__init__.py", "study/frame.py", "present/comparison.py"}
    own = {
        name
        for name, tree in modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and node.name == "_repr_html_"
    }
    assert own <= known


@pytest.mark.parametrize("title", ["$\\frac{$", "$x^$", "costs $5 to $6 {", "<b>&", "a" * 3000])
def test_figures_draw_any_title(title: str, tmp_path: Path) -> None:
    figure = new_figure(180, 60)
    finish(figure, title, "source")
    save(figure, tmp_path / "figure", ("png", "pdf", "svg"))
    assert "<b>" not in (tmp_path / "figure.svg").read_text("utf-8")


# files


def test_devices_and_pipes_are_not_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    os.mkfifo(tmp_path / "pipe.yaml")
    (tmp_path / "endless.yaml").symlink_to("/dev/zero")
    for name in (tmp_path / "pipe.yaml", tmp_path / "endless.yaml", Path("/dev/zero"), Path("/dev/stdin")):
        assert main(["check", str(name)]) == 2
        assert "not a regular file" in capsys.readouterr().err
        with pytest.raises(Unreadable):
            read_bytes(name, 10)
    (tmp_path / "run").mkdir()
    os.mkfifo(tmp_path / "run" / "manifest.json")
    os.mkfifo(tmp_path / "cluster.yaml")
    assert main(["report", str(tmp_path / "run")]) == 2
    assert main(["compare", "quickstart", "--cluster", str(tmp_path / "cluster.yaml")]) == 2


def test_a_sparse_file_is_not_read(tmp_path: Path) -> None:
    with (tmp_path / "large.yaml").open("wb") as file:
        file.truncate(10**12)
    with pytest.raises(ScenarioError, match="larger than 1 MB"):
        load(tmp_path / "large.yaml")


@pytest.mark.slow
def test_nothing_is_written_through_links(tmp_path: Path) -> None:
    target = tmp_path / "precious"
    target.write_text("mine")
    out = Results(synthetic_record(1, *MONTH)).save(tmp_path / "run")
    (out / "report.html").symlink_to(target)
    assert main(["report", str(out)]) == 0
    assert target.read_text() == "mine"
    assert not (out / "report.html").is_symlink()
    (out / "tally.csv").symlink_to(target)
    with pytest.raises(Refusal, match=r"tally\.csv in it is a link"):
        claim(str(out), "x", Identity("0", 1, "0"), 1)
    put(out / "tally.csv", b"new")
    assert (target.read_text(), (out / "tally.csv").read_bytes()) == ("mine", b"new")


# bombs


def bombs() -> dict[str, bytes]:
    """Small files that would become large tables."""

    def written(table: pa.Table, **options: object) -> bytes:
        sink = pa.BufferOutputStream()
        pq.write_table(table, sink, compression="zstd", **options)
        return sink.getvalue().to_pybytes()

    long = pa.DictionaryArray.from_arrays(np.zeros(2_000_000, np.int32), ["x" * 100_000])
    prefixes = {"use_dictionary": False, "column_encoding": {"s": "DELTA_BYTE_ARRAY"}}
    return {
        "rows": written(pa.table({"n": np.zeros(40_000_000, bool)})),
        "one text, often": written(pa.table({"s": long})),
        "one page": written(pa.table({"s": ["x" * 260_000_000]}), use_dictionary=False),
        "prefixes": written(pa.table({"s": ["x" * 5_000] * 2_000}), **prefixes),
    }


MEASURED = """
import resource, sys
from pathlib import Path
from sim._util import Unreadable
from sim._util.parquet import read_table
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
for name in sys.argv[1:]:
    try:
        read_table(Path(name).read_bytes())
        print("read", name)
    except Unreadable:
        pass
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024)
"""


@pytest.mark.slow
def test_small_files_do_not_become_large_tables(tmp_path: Path) -> None:
    for name, content in bombs().items():
        (tmp_path / name).write_bytes(content)
        assert len(content) < 2_000_000
    files = [str(file) for file in sorted(tmp_path.iterdir())]
    said = subprocess.run([sys.executable, "-c", MEASURED, *files], capture_output=True, text=True, check=True).stdout
    assert float(said) < 50, said  # MB


def test_headers_that_say_anything_are_refused() -> None:
    whole = pa.BufferOutputStream()
    pq.write_table(pa.table({"n": [1, 2, 3]}), whole)
    good = whole.getvalue().to_pybytes()
    assert read_table(good).num_rows == 3
    for at in range(len(good)):
        for value in (0, 127, 255):
            changed = good[:at] + bytes([value]) + good[at + 1 :]
            assert answered(lambda data=changed: read_table(data), Unreadable).isprintable()
    flipped = pa.BufferOutputStream()
    pq.write_table(
        pa.table({"n": [1, 2, 3]}), flipped, use_dictionary=False, compression="none", write_page_checksum=True
    )
    summed = flipped.getvalue().to_pybytes()
    at = summed.index(np.array([1, 2, 3]).tobytes())
    assert "OSError" in answered(lambda: read_table(summed[:at] + b"\x09" + summed[at + 1 :]), Unreadable)


ADDRESSES = ("file=%ff", "file=é", "&" * 30, "s=%ed%a0%80&file=", "a=" + "drills:1," * 5000, "seed=" + "9" * 5000)


@pytest.mark.parametrize("text", [*ADDRESSES, f"b=variant:{'x' * 9000}"], ids=range(len(ADDRESSES) + 1))
def test_any_address_is_a_view_or_a_message(text: str) -> None:
    said = answered(lambda: parse(text), ScenarioError)
    assert said.startswith("address: ") or not said
    assert len(said) < 1500


SLOW = {
    "variants": "variants:\n" + "\n".join(f"  v{n}: {{measures.patrols.intensity: 0.{n}}}" for n in range(250)),
    "many dotted keys": "variants:\n  a:\n" + "\n".join(f"    parameters.x{n}: 1" for n in range(4_900)),
    "comments": "#\n" * 125_000,
    "one long text": "title: " + "x " * 120_000,
    "one long word": "x" * 250_000,
    "long digits": "seed: " + "1" * 250_000,
    "colons": "a: " + ":" * 250_000,
    "brackets": "a: " + "[" * 250_000,
    "quotes": "a: '" + "''" * 120_000,
    "unknown keys": "\n".join(f"k{n}: 1" for n in range(4_900)),
    "anchors": "\n".join(f"k{n}: &a{n} x" for n in range(4_900)),
}


@pytest.mark.parametrize("text", SLOW.values(), ids=SLOW.keys())
def test_no_file_takes_long(text: str) -> None:
    """A quarter of the largest file in a quarter of five seconds: time that grows with the square would be seen."""
    start = time.process_time()
    assert answered(lambda: loads(text, "x.yaml"), ScenarioError).isprintable()
    assert time.process_time() - start < 5 / 4 * SLOWER_MACHINES


def test_an_address_unpacks_no_more_than_a_file() -> None:
    packed = base64.urlsafe_b64encode(zlib.compress(b"#" * (2 * LARGEST_FILE), 9)).decode()
    assert len(packed) < 600
    with pytest.raises(ScenarioError, match="address: the scenario in it is too long or was cut off"):
        parse(f"file={packed}")


# clusters


def test_what_is_started_listens_on_loopback_unless_a_network_is_named() -> None:
    here = connect._options(Jobs("local", 1, 1, 1, "1GB", None, {}))["scheduler_options"]
    assert here == {"host": "127.0.0.1", "dashboard_address": "127.0.0.1:0"}
    named = connect._options(Jobs("slurm", 1, 1, 1, "1GB", "ib0", {}))["scheduler_options"]
    assert named == {"interface": "ib0", "dashboard_address": "127.0.0.1:0"}


ELSEWHERE = {"tcp://192.0.2.1:9": True, "tcp://x.invalid:9": True, "tcp://127.0.0.1:9": False, "tcp://[::1]:9": False}


@pytest.mark.parametrize(("address", "warned"), list(ELSEWHERE.items()))
def test_a_scheduler_elsewhere_without_tls_is_warned_of(
    address: str, warned: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connect, "CONNECT", 0.05)
    said: list[str] = []
    with pytest.raises(ClusterError, match="no scheduler answers there"), opened(spec_of(address), said.append):
        pass
    warning = f"{address}: no tls: whoever reaches it, or answers in its place, can run code as you"
    assert said == ([warning] if warned else [])
