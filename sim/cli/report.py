"""`minusim report`: a finished study or run as one page, one explorer, or one archive that repeats it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from sim._util import is_folder, replace
from sim.cli.inputs import Refusal

if TYPE_CHECKING:
    from sim.present.report.loaders import Run, Study

DONE = 0


@click.command("report", short_help="Write a finished study or run as one page.")
@click.argument("store", metavar="STORE")
@click.option("--lang", type=click.Choice(["en", "fr"]), default="en", show_default=True, help="Language of the page.")
@click.option("--explore", is_flag=True, help="A page with switches instead, of a study that `attribute` wrote.")
@click.option("--replication", is_flag=True, help="An archive (zip) with which anybody can repeat the study instead.")
@click.option("--out", metavar="FILE", help="The file to write (default: in STORE).")
def command(store: str, lang: str, explore: bool, replication: bool, out: str | None) -> int:
    """Write what is in STORE, a folder of `compare`, `attribute` or `run`, as one self-contained HTML file.

    Question, answer with its uncertainty, tables, figures, map, where harm went, costs, what would change the answer,
    what the model must not be used for, and how to repeat it. It prints to a clean PDF from any browser.
    """
    from sim.present.report.loaders import NoStore, Run, open_folder

    if explore and replication:
        raise Refusal("--explore and --replication are two files; ask for one at a time")
    if out is not None and is_folder(Path(out)):
        raise Refusal(f"--out {out}: is a folder; name a file")
    try:
        found = open_folder(Path(store))
        if isinstance(found, Run) and (explore or replication):
            raise Refusal(f"{store}: is one run; {'--explore' if explore else '--replication'} needs a study")
        name, content = _made(found, lang, explore, replication)
    except NoStore as problem:
        raise Refusal(str(problem)) from None
    _write(Path(out) if out is not None else Path(store) / name, content)
    return DONE


def _made(found: Study | Run, language: str, explore: bool, replication: bool) -> tuple[str, bytes]:
    """The name of the file and what is in it."""
    from sim.present.report.explorer import explorer_page
    from sim.present.report.loaders import Run
    from sim.present.report.pages import run_page, study_page
    from sim.present.report.replication import archive

    ending = "" if language == "en" else f".{language}"
    if isinstance(found, Run):
        return f"report{ending}.html", run_page(found, language).encode()
    if explore:
        return f"explore{ending}.html", explorer_page(found, language).encode()
    page = study_page(found, language)
    return ("replication.zip", archive(found, page)) if replication else (f"report{ending}.html", page.encode())


def _write(path: Path, content: bytes) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        replace(path, content)
    except OSError as problem:
        raise Refusal(f"{path}: cannot be written: {problem.strerror}; name another file with --out") from None
    click.echo(f"Written: {path} ({len(content) / 1e6:.1f} MB)")
