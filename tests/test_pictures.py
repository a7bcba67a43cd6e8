"""Figures look as they did: against kept pictures of synthetic studies, drawn without the line that names the engine.

``python -m tests.test_pictures`` redraws the kept pictures, after a change of the figures that was looked at.
"""

from pathlib import Path

import pytest
from matplotlib.figure import Figure

from sim.inference.comparison import Answer, answer
from sim.present.figures.fan import fan
from sim.present.figures.forest import forest
from sim.present.figures.frontier import frontier
from tests.synthetic_study import synthetic_study

KEPT = Path(__file__).with_name("pictures")
ALIKE = 3.0  # root mean square of grey levels: letters of another FreeType differ by one to two
DPI = 70
EFFECTS = {"as_reported": {}, "none": {"peacekeepers_killed": 1.5}, "double": {"effort_person_days": 1.1}}
OTHERS = {"as_reported": {}, "none": {"peacekeepers_killed": 0.5}, "double": {"effort_person_days": 0.9}}
FIGURES = {"forest": forest, "frontier": frontier, "fan": lambda found: fan(found, "peacekeepers_killed")}


def alike(name: str, drawn: Path) -> bool:
    """Whether a drawn figure looks like the kept one."""
    from matplotlib.testing.compare import compare_images  # a quarter of a second to import

    return compare_images(str(KEPT / f"{name}.png"), str(drawn), ALIKE) is None


def found(effects: dict[str, dict[str, float]]) -> Answer:
    return answer(synthetic_study(effects, 12))


def keep(figure: Figure, path: Path) -> None:
    """The figure without title and source, which change with the version."""
    for text in figure.texts:
        text.set_visible(False)
    figure.savefig(path, dpi=DPI, metadata={"Software": None})


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_looks_as_it_did(name: str, tmp_path: Path) -> None:
    drawn = tmp_path / f"{name}.png"
    keep(FIGURES[name](found(EFFECTS)), drawn)
    assert alike(name, drawn)


@pytest.mark.slow
@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_of_other_numbers_is_told_apart(name: str, tmp_path: Path) -> None:
    drawn = tmp_path / f"{name}.png"
    keep(FIGURES[name](found(OTHERS)), drawn)
    assert not alike(name, drawn)


if __name__ == "__main__":
    KEPT.mkdir(exist_ok=True)
    for name, figure in FIGURES.items():
        keep(figure(found(EFFECTS)), KEPT / f"{name}.png")
