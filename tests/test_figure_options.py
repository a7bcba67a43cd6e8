"""`--figures`, `--no-figures` and MINUSIM_FIGURES: which files are drawn, and what a wrong format is told."""

from __future__ import annotations

import click
import pytest
from click.testing import CliRunner

from sim.cli import main as cli
from sim.cli.figure_options import VARIABLE, figure_options
from sim.cli.inputs import Refusal


@click.command()
@figure_options
def formats(figures: tuple[str, ...]) -> None:
    """Print the formats."""
    click.echo(" ".join(figures) or "none")


@pytest.mark.parametrize(
    ("arguments", "setting", "expected"),
    [
        ([], None, "png"),
        (["--figures", "pdf,svg"], None, "pdf svg"),
        (["--figures", "SVG, png,svg"], None, "svg png"),
        ([], "svg", "svg"),
        (["--figures", "pdf"], "svg", "pdf"),
        (["--no-figures"], None, "none"),
        (["--no-figures", "--figures", "pdf"], "svg", "none"),
    ],
)
def test_formats_come_from_the_option_then_the_variable_then_are_png(
    arguments: list[str], setting: str | None, expected: str
) -> None:
    assert CliRunner().invoke(formats, arguments, env={VARIABLE: setting}).output == f"{expected}\n"


@pytest.mark.parametrize("wrong", ["pgn", "png,jpeg", "", "png,"])
def test_an_unknown_format_names_what_is_allowed(wrong: str) -> None:
    found = CliRunner().invoke(formats, ["--figures", wrong], env={VARIABLE: None}).exception
    assert isinstance(found, Refusal)
    assert f"--figures {wrong}".strip() in str(found)
    assert "allowed: png, pdf, svg" in str(found)


def test_the_nearest_format_and_the_variable_are_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(VARIABLE, "pgn")
    assert cli.main(["run", "quickstart"]) == cli.BAD_INPUT
    assert capsys.readouterr().err == (
        "MINUSIM_FIGURES=pgn: no format 'pgn'; allowed: png, pdf, svg; did you mean 'png'?\n"
    )


@pytest.mark.parametrize("command", ["run", "demo", "compare", "attribute", "sensitivity", "validate"])
def test_every_command_that_draws_has_the_options(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main([command, "--help"]) == 0
    said = capsys.readouterr().out
    assert "--figures" in said
    assert "--no-figures" in said
