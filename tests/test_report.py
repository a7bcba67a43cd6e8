"""Pages, explorer, workbook and archive: whole, in both languages, safe against what a file says, and told plainly."""

import json
import re
import subprocess
import sys
import zipfile
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from sim.cli.main import main
from sim.inference.attribution import factorial, factorial_measures
from sim.inference.comparison import answer
from sim.inference.record_comparison import RecordComparison
from sim.missions import load_mission
from sim.present.codebook import TABLES, comparison_codebook
from sim.present.locale import Locale, catalogue
from sim.present.report.explorer import explorer_page
from sim.present.report.loaders import NoStore, Study, open_folder
from sim.present.report.pages import answer_drawings, study_page
from sim.present.report.replication import archive, pinned
from sim.present.report.workbook import NAME, save_workbook, workbook
from sim.results.summary import summarise
from sim.scenario import MEASURES, OUTCOMES, load, loads
from sim.scenario.registry import COUNTED
from sim.study.identity import fingerprint
from tests.study_support import finished
from tests.synthetic_study import synthetic_study
from tools.messages import messages

HOSTILE = "<script>alert(1)</script>{{ 7*7 }}\"'&"
ENGLISH = {"the", "of", "and", "with", "which", "from", "that", "this", "are", "was", "were", "by", "than", "is",
           "what"}  # fmt: skip
NAMED_SO = "UN Peace and Security Data Hub"
EFFECTS = {"peacekeepers_killed": 1.4, "civilians_killed": 0.9, "effort_person_days": 0.98}
PACKAGE = ("training", "patrols", "drills")


class Visible(HTMLParser):
    """The text that is shown, without code, and what the page would load or run."""

    def __init__(self, page):
        super().__init__()
        self.words, self.scripts, self.ids, self.asked, self._inside = [], [], [], [], []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        if tag not in ("meta", "br", "link", "input"):
            self._inside.append(tag)
        self.handle_startendtag(tag, attrs)

    def handle_startendtag(self, tag, attrs):
        given = dict(attrs)
        self.ids += [given["id"]] if "id" in given else []
        self.asked += [given[name] for name in ("src", "data", "action") if given.get(name)]
        links = [given[name] for name in ("href", "xlink:href") if given.get(name)]
        self.asked += [link for link in links if not link.startswith("#")]
        self.words += [given["aria-label"]] if given.get("aria-label") else []

    def handle_endtag(self, tag):
        if tag in self._inside:
            del self._inside[len(self._inside) - 1 - self._inside[::-1].index(tag) :]

    def handle_data(self, data):
        if "script" in self._inside:
            self.scripts.append(data)
        elif not {"style", "code", "pre"} & set(self._inside):
            self.words.append(data)

    @property
    def text(self):
        return " ".join(" ".join(self.words).split())


def words_of(page):
    """The different words that a page shows, without the English name of a source."""
    return set(re.findall(r"[^\W\d_]+", Visible(page).text.replace(NAMED_SO, "").lower()))


def made(scenario, draws=True, replications=24):
    """A study with known effects under the words of a scenario."""
    order = [scenario.baseline, *(name for name in scenario.variants if name != scenario.baseline)]
    effects = {name: {} if number == 0 else EFFECTS for number, name in enumerate(order)}
    rng = np.random.default_rng(4)
    drawn = {name: rng.uniform(0.5, 2, replications) for name in ("measures.patrols", "displacement_share")}
    frame = synthetic_study(effects, replications, shared=0.95, draws=drawn if draws else None)
    frame = replace(frame, scenario=scenario, variants=tuple(order), baseline=scenario.baseline)
    return Study(Path("store"), frame, "0.1.0", fingerprint(load_mission()))


def hostile():
    """A scenario whose every text is an attack."""
    quoted = json.dumps(HOSTILE)
    text = f"""
title: {quoted}
narrative: {quoted}
sources: [{quoted}, "=HYPERLINK(1)"]
period: {{start: 2016-01-01, end: 2018-12-31}}
baseline: as_is
variants: {{as_is: {{}}, other: {{measures: {{patrols: off}}}}}}
outcomes: [peacekeepers_killed, civilians_killed]
"""
    return loads(text, "hostile")


@pytest.fixture(scope="module")
def quickstart():
    return made(load("quickstart"))


@pytest.fixture(scope="module")
def pages(quickstart):
    return {language: study_page(quickstart, language) for language in ("en", "fr")}


@pytest.fixture(scope="module")
def subsets():
    return made(factorial(load("measures_2018"), PACKAGE), replications=12)


@pytest.fixture(scope="module")
def explorers(subsets):
    return {language: explorer_page(subsets, language) for language in ("en", "fr")}


@pytest.fixture(scope="module")
def found(quickstart):
    return answer(quickstart.frame)


@pytest.fixture(scope="module")
def found_of_subsets(subsets):
    return answer(subsets.frame)


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    folder = tmp_path_factory.mktemp("report") / "kept"
    finished(folder, replications=2, variants="{as_is: {}, otherwise: {parameters: {ambush_rate: 0.02}}}")
    return folder


# languages


def test_every_message_has_its_french_and_none_is_left_over():
    wanted, french = messages(), catalogue("fr")
    plain = {message.id if isinstance(message.id, str) else message.id[0] for message in french if not message.context}
    assert len(wanted) > 400
    assert sorted(set(wanted) - plain) == []
    assert sorted(plain - set(wanted) - {""}) == []
    for text, many in wanted.items():
        found = french.get(text).string
        forms = (found,) if isinstance(found, str) else found
        assert len(forms) == (1 if many is None else 2), text
        for form in forms:
            assert form.strip(), text
            assert set(re.findall(r"\{\w+\}", form)) == set(re.findall(r"\{\w+\}", text)), text


def test_a_label_of_a_user_stays_as_it_is():
    assert Locale("fr").gettext("a policy of my own") == "a policy of my own"
    assert Locale("fr").ngettext("own thing", "own things", 3) == "own things"


def test_every_outcome_has_a_noun_for_one_and_many():
    assert all(COUNTED[name].singular and COUNTED[name].label for name in OUTCOMES)


def test_french_has_its_plural_its_comma_and_its_spaces():
    french, english = Locale("fr"), Locale("en")
    pair = COUNTED["civilians_killed"].singular, COUNTED["civilians_killed"].label
    assert [french.ngettext(*pair, n) for n in (0, 1, 1.5, 2)] == ["civil tué", "civil tué", "civil tué", "civils tués"]
    assert [english.ngettext(*pair, n) for n in (0, 1, 1.5)] == ["civilian deaths", "civilian death", "civilian deaths"]
    assert french.number(1234.5) == "1\u202f234"
    assert french.number(3.25) == "3,2"
    assert french.signed(-412_345.0) == "\u2212412\u202f000"
    assert english.number(8_943_211.0) == "8.94M"
    assert english.number(float("nan")) == "\u2013"
    assert french.percent(0.95) == "95\u00a0%"
    assert [french.date(date(2018, 1, day)) for day in (1, 2, 11)] == [
        "1er janvier 2018",
        "2 janvier 2018",
        "11 janvier 2018",
    ]


@pytest.mark.slow
def test_no_english_sentence_is_left_on_a_french_page(pages, explorers):
    for page in (pages["fr"], explorers["fr"]):
        assert '<html lang="fr">' in page
        assert len(words_of(page)) > 200
        assert ENGLISH & words_of(page) == set()
    assert ENGLISH & words_of(pages["en"]) == ENGLISH  # the words are such as English pages have


@pytest.mark.slow
def test_figures_speak_the_language_of_their_page(found_of_subsets):
    made = {language: list(answer_drawings(found_of_subsets, Locale(language))) for language in ("en", "fr")}
    names = {drawing.name for drawing in made["fr"]}
    assert names >= {"forest", "fan", "map", "frontier", "shares-peacekeepers_killed"}
    for english, french in zip(made["en"], made["fr"], strict=True):
        assert len(words_of(french.svg)) > 10
        assert ENGLISH & words_of(french.svg) == set()
        assert Visible(french.svg).text != Visible(english.svg).text


# pages


def test_a_page_answers_the_question_and_says_what_it_must(pages, quickstart, found):
    text = Visible(pages["en"]).text
    row = found.of("without_the_five", "peacekeepers_killed")
    assert f"the model averages {row.mean:.0f} more mission deaths" in text
    assert "very likely more" in text
    for part in (
        "Displacement of harm",
        "Costs",
        "What would change this answer",
        "Ranking contributors",
        "Live operations",
    ):
        assert part in text
    assert pages["en"].count('<p class="settles">') == 3
    assert "minusim compare quickstart --replications 24" in pages["en"]
    assert quickstart.frame.scenario.hash[:16] in text
    assert pages["en"].count("<svg") == 4


@pytest.mark.slow
def test_a_page_stands_alone(pages, explorers):
    for page in (*pages.values(), explorers["en"]):
        read = Visible(page)
        assert read.asked == []
        assert len(read.ids) == len(set(read.ids))
        assert "@import" not in page
        assert re.findall(r"url\((?!#)", page) == []
        assert "default-src 'none'" in page


def test_what_a_file_says_is_shown_and_never_run():
    study = made(hostile(), draws=False)
    page = study_page(study, "fr")
    assert Visible(page).scripts == []
    assert "<script>alert" not in page
    assert "{{ 7*7 }}" in page  # data is no template: 49 would be
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "tels que l\u2019auteur du sc\u00e9nario" in page


def test_a_hostile_title_cannot_leave_the_data_of_the_explorer():
    scenario = factorial(hostile_package(), PACKAGE[:1])
    read = Visible(explorer_page(made(scenario, replications=6), "en"))
    assert len(read.scripts) == 2
    json.loads(read.scripts[0])
    assert "alert(1)" not in "".join(read.scripts)


def hostile_package():
    """The five measures under a hostile title."""
    import yaml

    tree = yaml.safe_load(load("measures_2018").to_yaml()) | {"title": HOSTILE, "narrative": HOSTILE}
    return loads(yaml.safe_dump(tree), "hostile")


def test_a_study_without_pairs_still_makes_a_page():
    scenario = load("quickstart")
    order = [scenario.baseline, *(name for name in scenario.variants if name != scenario.baseline)]
    frame = synthetic_study({name: {} for name in order}, 2, failed=[(order[1], 0), (order[1], 1)])
    frame = replace(frame, scenario=scenario, baseline=order[0], variants=tuple(order))
    page = study_page(Study(Path("store"), frame, "0.1.0", fingerprint(load_mission())), "fr")
    assert "Rien à comparer" in page


# the explorer


@pytest.mark.slow
def test_the_explorer_holds_every_combination(subsets, explorers):
    read = Visible(explorers["en"])
    data = json.loads(read.scripts[0])
    assert len(data["combinations"]) == 8
    assert factorial_measures(subsets.frame.scenario) == PACKAGE
    whole = data["combinations"][7]
    assert whole["with"] == "all measures"
    assert whole["outcomes"][0]["change"] == "the reported history itself"
    frame = replace(subsets.frame, baseline="with_111")
    means = frame.values("peacekeepers_killed").mean(axis=1)
    own = data["combinations"][0]["outcomes"][0]
    assert own["at"][1] == pytest.approx(means[frame.variants.index("none")], abs=1e-3)
    change = means[frame.variants.index("none")] - means[frame.variants.index("with_111")]
    assert own["change"] == Locale("en").signed(change)
    assert all(low < high for low, high in data["strips"])


def test_the_five_measures_of_2018_are_one_packaged_factorial_study():
    from sim.inference.attribution import package

    scenario = load("measures_2018")
    whole = factorial(scenario, package(scenario))
    assert len(whole.variants) == 32
    assert set(factorial_measures(whole)) == {name for name, row in MEASURES.items() if row.brief}
    assert factorial_measures(scenario) == ()


@pytest.mark.slow
def test_the_script_of_the_explorer_is_the_one_that_is_allowed(explorers):
    from base64 import b64encode
    from hashlib import sha256

    page = explorers["fr"]
    script = Visible(page).scripts[1]
    assert f"'sha256-{b64encode(sha256(script.encode()).digest()).decode()}'" in page
    assert "innerHTML" not in script


# the workbook


def test_the_workbook_holds_the_answer_and_how_to_read_it(found, tmp_path):
    from openpyxl import load_workbook

    book = load_workbook(save_workbook(found, tmp_path))
    assert book.sheetnames == [
        "Read me",
        "À lire",
        "answer",
        "costs",
        "regions",
        "displacement",
        "assumptions",
        "columns",
    ]
    head = [cell.value for cell in book["answer"][1]]
    first = dict(zip(head, [cell.value for cell in book["answer"][2]], strict=True))
    row = found.differences[0]
    assert (first["variant"], first["outcome"]) == (row.variant, row.outcome)
    assert first["mean"] == pytest.approx(row.mean)
    assert set(head) <= {line[1].value for line in book["columns"].iter_rows(min_row=2) if line[0].value == "answer"}
    notes = " ".join(str(cell.value) for cell in book["À lire"]["A"] if cell.value)
    assert "Casques bleus" in notes
    assert "the" not in notes.split()


def test_a_name_is_never_a_formula():
    frame = replace(synthetic_study({"base": {}, "other": {}}, 4), scenario=replace(hostile(), title="=1+1\x07"))
    sheet = workbook(answer(frame))["Read me"]
    assert sheet["A1"].value == "=1+1 "
    assert sheet["A1"].data_type == "s"


def test_the_codebook_has_every_column_of_the_answer(found):
    book = comparison_codebook()
    assert (book["definition"].str.len() > 5).all()
    written = {"comparison": found.table(), "regions": found.regions, "costs": found.costs}
    written["decomposition"] = found.decompositions[0].frame()
    for name, table in written.items():
        assert set(table.columns) <= set(book.loc[book["table"] == name, "column"])
    assert set(TABLES) == set(book["table"])


# the command and the archive


@pytest.mark.slow
def test_the_archive_repeats_the_study_and_has_its_page(store, tmp_path, capsys):
    assert main(["report", str(store), "--lang", "fr", "--replication", "--out", str(tmp_path / "deposit.zip")]) == 0
    assert "Written" in capsys.readouterr().out
    with zipfile.ZipFile(tmp_path / "deposit.zip") as zipped:
        zipped.extractall(tmp_path)
    folder = tmp_path / "minusim-replication"
    assert "Ce à quoi le modèle ne doit pas servir" in (folder / "report.html").read_text("utf-8")
    for name in ("README.md", "LICENSE", "LICENCES_OF_DATA.md", "codebook.csv", "requirements.txt", "SHA256SUMS"):
        assert (folder / name).stat().st_size > 100
    assert any(line.startswith("numpy==") for line in (folder / "requirements.txt").read_text().splitlines())
    again = [sys.executable, str(folder / "repeat.py"), "--replications", "1", "--workers", "1"]
    done = subprocess.run(again, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, "All 2 runs are equal to those of the study, to the bit.\n"), (
        done.stderr
    )
    expected = folder / "expected_runs.csv"
    changed = expected.read_text().replace(",done,", ",failed,", 1)
    expected.write_text(changed)
    done = subprocess.run(again, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert (done.returncode, done.stdout.startswith("1 of 2 runs differ")) == (1, True)


def test_an_archive_is_the_same_to_the_bit_and_pins_what_is_installed(store):
    study = open_folder(store)
    assert archive(study, "page") == archive(study, "page")
    assert all(re.fullmatch(r"[\w.-]+==[\w.+!-]+", line) for line in pinned())


def test_an_archive_of_another_version_is_refused(store):
    with pytest.raises(NoStore, match="made by another version of the model"):
        archive(replace(open_folder(store), fingerprint="0" * 64), "page")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nowhere"], "nowhere: there is no such folder"),
        (["letter.txt"], "letter.txt: is a file"),
        (["empty"], "empty: holds neither a study (study.json) nor a run (manifest.json)"),
        (["broken"], "broken/study.json: not valid JSON"),
        (["foreign"], "foreign/study.json: format 9"),
        (["half"], "half/study.json: hash: nothing where no study has it"),
        (["badrun"], "badrun/manifest.json: not a JSON object"),
        (["empty", "--explore", "--replication"], "ask for one at a time"),
        (["empty", "--lang", "de"], "'de' is not one of 'en', 'fr'"),
    ],
)
def test_a_folder_that_is_no_store_is_said_in_one_line(arguments, message, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    Path("letter.txt").write_text("dear")
    contents = {"broken": "no json", "foreign": '{"format": 9}', "half": '{"format": 1}'}
    for name in ("empty", *contents, "badrun"):
        Path(name).mkdir()
    for name, text in contents.items():
        (Path(name) / "study.json").write_text(text)
    Path("badrun/manifest.json").write_text("[]")
    assert main(["report", *arguments]) == 2
    said = capsys.readouterr().err
    assert message in said
    assert said.count("\n") == 1


def test_a_study_that_is_not_factorial_says_how_to_make_one(store, capsys):
    assert main(["report", str(store), "--explore"]) == 2
    assert "minusim attribute measures_2018 --out FOLDER" in capsys.readouterr().err


@pytest.mark.slow
def test_a_run_has_a_page_and_nothing_else(tmp_path, monkeypatch, capsys):
    import sim

    monkeypatch.chdir(tmp_path)
    scenario = sim.load("quickstart").with_values({"period.end": "2018-02-28"})
    results = sim.run(scenario, seed=2)
    results.save(tmp_path / "run")
    beside = RecordComparison.from_runs(results.record, [summarise(results.record)] * 3).frame()
    beside.to_csv(tmp_path / "run/tally.csv", index=False)
    assert main(["report", "run", "--lang", "fr"]) == 0
    page = (tmp_path / "run/report.fr.html").read_text("utf-8")
    assert "Dans une histoire simulée de janvier–février 2018 (graine 2)" in Visible(page).text
    assert "attaques rapportées" in page
    assert "--replication" not in page
    assert ENGLISH & words_of(page) == set()
    capsys.readouterr()
    assert main(["report", "run", "--explore"]) == 2
    assert "run: is one run; --explore needs a study" in capsys.readouterr().err
    (tmp_path / "run/tally.csv").write_text("a,b\n1,2\n")
    assert main(["report", "run"]) == 2
    assert "tally.csv: not as `minusim run` writes it" in capsys.readouterr().err


def test_compare_writes_the_workbook(found, tmp_path, monkeypatch):
    from sim.cli.compare import _save_answer

    monkeypatch.setattr("sim.present.answer_files.save_answer", lambda found, folder: [])
    assert _save_answer(found, tmp_path, figures=())
    assert (tmp_path / NAME).is_file()
