"""Every way to be wrong has one message in one line: place, key, problem, what is allowed, nearest name."""

import os
from pathlib import Path

import pytest

from sim.missions import Mission
from sim.scenario import ScenarioError, load, loads, packaged_names, parse_set
from tests.scenario_words import WORDS


@pytest.fixture(autouse=True)
def words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Mission, "vocabulary", WORDS)


def message(text: str | bytes) -> str:
    with pytest.raises(ScenarioError) as caught:
        loads(text, "x.yaml")
    return str(caught.value)


MESSAGES = Path(__file__).with_name("scenario_messages.txt").read_text(encoding="utf-8")
ALIASES = "a: &a [x, x, x, x, x, x]\n" + "\n".join(
    f"{name}: &{name} [{', '.join([f'*{below}'] * 6)}]" for below, name in zip("abcde", "bcdef", strict=True)
)
MORE = [
    ("", " empty; a scenario is a mapping of keys such as title and measures"),
    (f"seed: {'9' * 5000}", "1: seed: a number of 5000 characters is too long"),
    ("title: \0", " not valid YAML: special characters are not allowed"),
    ("title: x\nnarrative: caf\u00e9".encode("latin-1"), "2: not UTF-8 text; save the file as UTF-8"),
    (b"#" * 1_000_001, " larger than 1 MB; a scenario is a short text"),
    ("sources: " + "[" * 41, "1: nested deeper than 40 levels"),
    ("sources: [" + "1, " * 20_000 + "]", "1: more than 20,000 values, aliases written out; split the file"),
    (ALIASES, "1: more than 20,000 values, aliases written out; split the file"),
    (
        "variants:\n" + "".join(f"  v{n}: {{}}\n" for n in range(1001)),
        "1: variants: 1,001 variants; allowed 1,000",
    ),
]


def cases() -> list[tuple[str, str]]:
    """The texts of the table with their messages."""
    blocks = (block for block in MESSAGES.split("\n\n")[1:] if not block.startswith("=="))
    return [tuple(block.strip("\n").split("\n>> ")) for block in blocks]


def test_the_table_is_read():
    assert len(cases()) > 100
    assert all(len(case) == 2 for case in cases())


@pytest.mark.parametrize(("text", "expected"), cases(), ids=lambda text: text[:40])
def test_message(text: str, expected: str):
    assert message(text) == f"x.yaml:{expected}"


@pytest.mark.parametrize(("text", "expected"), MORE, ids=range(len(MORE)))
def test_message_of_a_text_that_is_no_line(text: str | bytes, expected: str):
    assert message(text) == f"x.yaml:{expected}"


def test_a_byte_order_mark_is_accepted():
    assert loads("\ufefftitle: x".encode()).title == "x"


def test_messages_are_one_short_line():
    text = message('"a\\nb": 1')
    assert text.startswith("x.yaml:1: a\\nb: unknown key")
    assert len(message(f"? {'k' * 100_000}\n: 1")) < 1500


# files


def failure(name_or_path: str | Path) -> str:
    with pytest.raises(ScenarioError) as caught:
        load(name_or_path)
    return str(caught.value)


def test_a_name_that_is_no_scenario():
    known = packaged_names()
    assert failure("historicall").startswith("historicall: no packaged scenario and no file of this name; ")
    assert ("did you mean 'historical'?" in failure("historicall")) == ("historical" in known)
    assert failure("").startswith("'': no packaged scenario and no file of this name; ")


def test_files_that_cannot_be_read(tmp_path: Path):
    (tmp_path / "mine.yaml").write_text("title: x")
    assert failure(tmp_path / "mien.yaml") == f"{tmp_path / 'mien.yaml'}: no such file; did you mean 'mine.yaml'?"
    assert failure(str(tmp_path / "no" / "mine.yaml")) == f"{tmp_path / 'no' / 'mine.yaml'}: no such file"
    assert failure(tmp_path) == f"{tmp_path}: a folder; name a file in it"
    assert failure("a\0.yaml").startswith("a\\x00.yaml: ")
    assert failure("x" * 5000 + ".yaml").startswith("xxx")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_pipe_is_no_file(tmp_path: Path):
    os.mkfifo(tmp_path / "pipe.yaml")
    assert failure(tmp_path / "pipe.yaml") == f"{tmp_path / 'pipe.yaml'}: not a regular file"


def test_a_file_that_may_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "mine.yaml").write_text("title: x")

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", refuse)
    assert failure(tmp_path / "mine.yaml") == f"{tmp_path / 'mine.yaml'}: cannot be read: Permission denied"


def written(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(text)
    return folder / "a.yaml"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("7", "7 is no name; write a packaged scenario or a file"),
        ("b.yaml", "no file 'b.yaml' beside this one"),
        ("../b.yaml", "'../b.yaml' is outside the folder of this file; extend a file in it or below it"),
        ("/b.yaml", "'/b.yaml' is an absolute path; write it from the folder of this file"),
        ("'C:\\b.yaml'", r"'C:\\b.yaml' is an absolute path; write it from the folder of this file"),
        ("a.yaml", "goes round in a circle: a.yaml -> a.yaml"),
        ('"b\\0.yaml"', r"no file 'b\x00.yaml' beside this one"),
    ],
)
def test_extends(tmp_path: Path, value: str, expected: str):
    file = written(tmp_path, a=f"title: x\nextends: {value}")
    assert failure(file) == f"{file}:2: extends: {expected}"


def test_extends_an_unknown_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("sim.scenario.packaged.names", lambda: ("historical",))
    file = written(tmp_path, a="extends: historicl")
    assert failure(file) == (
        f"{file}:1: extends: no packaged scenario 'historicl'; did you mean 'historical'?; a file ends with .yaml"
    )
    file = written(tmp_path, a="extends: historical.yaml")
    assert failure(file) == (
        f"{file}:1: extends: no file 'historical.yaml' beside this one; the packaged scenario is written 'historical'"
    )


def test_extends_in_a_circle(tmp_path: Path):
    file = written(tmp_path, a="extends: b.yaml", b="extends: c.yaml", c="extends: a.yaml")
    inner = tmp_path / "c.yaml"
    assert failure(file) == f"{inner}:1: extends: goes round in a circle: a.yaml -> b.yaml -> c.yaml -> a.yaml"


def test_a_long_chain(tmp_path: Path):
    files = {f"f{n}": f"extends: f{n + 1}.yaml" for n in range(25)}
    file = written(tmp_path, a="extends: f0.yaml", **files)
    assert failure(file).endswith("f18.yaml:1: extends: more than 20 files extend each other")


def test_a_link_cannot_lead_out(tmp_path: Path):
    inside = tmp_path / "inside"
    inside.mkdir()
    (tmp_path / "secret.yaml").write_text("title: secret")
    try:
        (inside / "b.yaml").symlink_to(tmp_path / "secret.yaml")
    except OSError:
        pytest.skip("no links here")
    file = written(inside, a="extends: b.yaml")
    assert failure(file) == (
        f"{file}:1: extends: 'b.yaml' is outside the folder of this file; extend a file in it or below it"
    )


def test_text_has_no_folder():
    assert message("extends: b.yaml") == (
        "x.yaml:1: extends: 'b.yaml': text that is in no file can extend packaged scenarios only"
    )


def test_an_error_in_what_is_extended_names_that_file(tmp_path: Path):
    file = written(tmp_path, a="extends: b.yaml\ntitle: x", b="seed: 1\nmeasures: {dril: off}")
    inner = tmp_path / "b.yaml"
    assert failure(file) == f"{inner}:2: measures.dril: unknown measure; did you mean 'drills'?"


# values from the shell and from Python


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("measures.drils", None, "measures.drils: unknown measure; did you mean 'drills'?"),
        ("measures.drills.intensity", 2, "measures.drills.intensity: 2 is out of range; allowed 0 to 1"),
        (
            "measures.drills.intensity",
            float("nan"),
            "measures.drills.intensity: nan is out of range; allowed 0 to 1",
        ),
        ("parameters.copy.rate", 6, "parameters.copy.rate: 6 is out of range; allowed 0 to 5 (1/day)"),
        pytest.param(
            "seed",
            10**5000,
            "seed: a huge number is out of range; allowed 0 to 9223372036854775807",
            id="huge",
        ),
        ("seed", {1, 2}, "seed: a set cannot stand in a scenario"),
        ("title", "\ud800", "title: a str cannot stand in a scenario"),
        ("measures", {1: 2}, "measures: the key 1 must be text"),
        ("extends", "x", "extends: cannot be set; write a key such as period.end"),
        ("", 1, ": cannot be set; write a key such as period.end"),
        ("measures..x", 1, "measures..x: cannot be set; write a key such as period.end"),
        ("sources.0", "x", "sources: a mapping where text is needed; put it in quotes"),
        ("variants.a.seed", 2, "variants.a.seed: a variant cannot change this; it is the same for all"),
    ],
)
def test_with_values(key: str, value: object, expected: str):
    with pytest.raises(ScenarioError) as caught:
        loads("title: x").with_values({key: value})
    assert str(caught.value) == f"with_values: {expected}"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("seed", "--set seed: write KEY=VALUE, for example measures.route_clearance=off"),
        ("=1", "--set =1: write KEY=VALUE, for example measures.route_clearance=off"),
        ("seed=[1", "--set: seed: '[1' is no value that a scenario could have"),
        ("seed=1\nx: 2", "--set: seed: '1\\nx: 2' is no value that a scenario could have"),
        ("seed=.nan", "--set: seed: '.nan' is no value that a scenario could have"),
    ],
)
def test_parse_set_refuses(text: str, expected: str):
    with pytest.raises(ScenarioError) as caught:
        parse_set(text)
    assert str(caught.value) == expected.replace("\n", "\\n")


def test_an_unknown_variant():
    with pytest.raises(ScenarioError, match="x: unknown variant 'b'; allowed: long_name"):
        loads("variants: {long_name: {}}", "x").variant("b")
