"""What objects show in a notebook: tables of what they hold, with every string escaped, and figures as pictures."""

from html.parser import HTMLParser

import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim._util.notebook import notebook_table, short_number
from sim.present.comparison import Comparison
from sim.present.figures import Drawn, RunPlots
from sim.results import Results
from sim.scenario import loads
from tests.synthetic import synthetic_record
from tests.synthetic_study import synthetic_study

EFFECTS = {"as_reported": {}, "none": {"peacekeepers_killed": 1.5}, "double": {"effort_person_days": 1.1}}
EVIL = "<script>alert('x')</script> & \"so\""


class Tags(HTMLParser):
    """The tags and the text of a piece of HTML."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.opened: list[str] = []
        self.closed: list[str] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.opened.append(tag)

    def handle_endtag(self, tag: str) -> None:
        self.closed.append(tag)

    def handle_data(self, data: str) -> None:
        self.text += f"{data}|"


@pytest.fixture(scope="module")
def study():
    return synthetic_study(EFFECTS, 12)


def test_a_table_escapes_every_string_and_sets_numbers_apart():
    found = Tags(notebook_table(EVIL, (EVIL, "n"), [(EVIL, 1234567.0), ("b", float("nan"))], EVIL))
    assert sorted(found.opened) == sorted(found.closed)
    assert "script" not in found.opened
    assert found.text.count(EVIL) == 4
    assert "1,234,567|" in found.text
    assert "nan" not in found.text
    assert found.opened.count("p") == 1
    assert "<p" not in notebook_table("caption", ("head",), [])


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0, "0"), (3.0, "3"), (0.123456, "0.123"), (99.96, "100"), (1e6, "1,000,000"), (-250.4, "-250")],
)
def test_numbers_are_short(value, text):
    assert short_number(value) == text


def test_a_scenario_shows_measures_in_their_unit_and_escapes_its_title():
    text = "extends: quickstart\ntitle: '<b>bold</b>'\nnarrative: '<i>no</i>'\nmeasures: {drills: off}\n"
    scenario = loads(text, "mine")
    found = Tags(scenario._repr_html_())
    assert {"b", "i", "script"}.isdisjoint(found.opened)
    assert "<b>bold</b> (mine)" in found.text
    assert "<i>no</i>" in found.text
    assert "measure training|2.5 days a month in training, from 2018-01-01" in found.text
    assert "measure drills|off: " in found.text
    assert scenario.hash[:12] in found.text


def test_results_show_totals_with_their_unit():
    results = Results(synthetic_record(1))
    found = Tags(results._repr_html_())
    assert "Simulated" in found.text
    assert f"peacekeepers_killed|{results.summary()['peacekeepers_killed']:,.0f}|persons" in found.text


def test_a_study_and_a_comparison_show_every_variant(study):
    for view in (study, Comparison(study)):
        found = Tags(view._repr_html_())
        assert sorted(found.opened) == sorted(found.closed)
        assert "imulated" in found.text
        assert {"none|", "double|"} <= {f"{word}|" for word in found.text.split("|")}


@pytest.mark.slow
@pytest.mark.parametrize(("name", "panels"), [("forest", 6), ("fan", 3), ("map", 2), ("frontier", 2)])
def test_plot_methods_of_a_comparison_return_axes(name, panels, study, tmp_path):
    axes = getattr(Comparison(study).plot, name)(stem=tmp_path / name, formats=("png", "svg"))
    assert isinstance(axes, Drawn)
    assert len(axes) == panels
    assert all(isinstance(one, Axes) for one in axes)
    assert {path.suffix for path in tmp_path.iterdir()} == {".png", ".svg"}


@pytest.mark.slow
def test_plot_methods_of_a_run_return_axes_that_show_themselves():
    plots = RunPlots(Results(synthetic_record(1)))
    assert [len(plots.timeline()), len(plots.map())] == [7, 2]
    axes = plots.map()
    assert isinstance(axes.figure, Figure)
    before, metadata = axes._repr_png_()
    axes[0].set_title("Mine", loc="left")
    assert before.startswith(b"\x89PNG")
    assert metadata["width"] > 0
    assert axes._repr_png_()[0] != before, "what is changed on the axes is seen"
