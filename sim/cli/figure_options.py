"""``--figures`` and ``--no-figures``: in which formats a command draws its figures."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

import click
from click.core import ParameterSource

from sim._util.suggestions import nearest
from sim.cli.inputs import Refusal

F = TypeVar("F", bound=Callable[..., Any])

FORMATS = ("png", "pdf", "svg")
VARIABLE = "MINUSIM_FIGURES"


def figure_options(function: F) -> F:
    """The two options; the function gets ``figures``, the formats, none of them for --no-figures."""

    @wraps(function)
    def with_formats(*args: Any, figures: tuple[str, ...], no_figures: bool, **options: Any) -> Any:
        return function(*args, figures=() if no_figures else figures, **options)

    formats = click.option(
        "--figures",
        metavar="FORMATS",
        default="png",
        show_default=True,
        envvar=VARIABLE,
        show_envvar=True,
        callback=_formats,
        help=f"Formats of the figures, with commas between: {', '.join(FORMATS)}.",
    )
    none = click.option("--no-figures", is_flag=True, help="Draw no figures.")
    return formats(none(with_formats))  # type: ignore[return-value]  # click takes any function


def _formats(ctx: click.Context, parameter: click.Parameter, text: str) -> tuple[str, ...]:
    """The formats in ``text``, each once.  Refusal in one line for any other word."""
    given = ctx.get_parameter_source(parameter.name or "") == ParameterSource.ENVIRONMENT
    asked = dict.fromkeys(name.strip().lower() for name in text.split(","))
    for name in asked:
        if name not in FORMATS:
            near = nearest(name, FORMATS)
            hint = f"; did you mean {near!r}?" if near else ""
            place = f"{VARIABLE}={text}" if given else f"--figures {text}"
            raise Refusal(f"{place}: no format {name!r}; allowed: {', '.join(FORMATS)}{hint}")
    return tuple(asked)
