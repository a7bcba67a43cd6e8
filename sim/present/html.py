"""HTML from templates: everything escaped, one self-contained file that asks for nothing else."""

from __future__ import annotations

from base64 import b64encode
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jinja2 import Environment

    from sim.present.locale import Locale


def render(template: str, locale: Locale, **values: Any) -> str:
    """The page of one of the templates; ``values`` are data and never templates."""
    return environment().get_template(template).render(locale=locale, _=locale.gettext, **values)


@cache
def template_text(name: str) -> str:
    """A file of the folder of templates, as it stands."""
    return (files("sim.present") / "templates" / name).read_text(encoding="utf-8")


@cache
def environment() -> Environment:
    """Templates of this package alone, everything escaped, no name forgotten."""
    from jinja2 import Environment, FunctionLoader, StrictUndefined
    from markupsafe import Markup

    made = Environment(
        loader=FunctionLoader(template_text),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals["style"] = Markup(template_text("page.css"))  # noqa: S704  # a file of ours
    made.globals["script"] = Markup(template_text("explore.js"))  # noqa: S704  # a file of ours
    made.globals["script_digest"] = b64encode(sha256(template_text("explore.js").encode()).digest()).decode()
    made.filters["drawing"] = Markup  # SVG that Matplotlib wrote and escaped; never text of a file
    return made
