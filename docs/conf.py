"""The documentation site: the pages of this folder, notebooks with their outputs, and the reference from the code."""

import re
import sys
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.errors import SphinxError

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from sim import __version__  # noqa: E402  # the site describes this checkout, whatever is installed

project = "minusim"
author = "The minusim authors"
copyright = "The minusim authors; MIT licence"  # noqa: A001  # Sphinx's name
release = __version__

extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx_click", "sphinx_copybutton"]
exclude_patterns = ["_static"]
myst_heading_anchors = 6  # the anchors that a repository's own view of Markdown gives
nb_execution_mode = "off"  # `make docs` runs the notebooks first
nb_output_stderr = "remove"  # notices of other packages
default_role = "code"
smartquotes = False  # it makes one dash of the two before an option
autodoc_typehints = "description"
autodoc_member_order = "bysource"

html_theme = "furo"
html_title = f"minusim {__version__}"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_sourcelink = False
html_show_sphinx = False

# what a page loads by itself: a link that a reader may follow is none of it
LOADED = re.compile(
    r"""<(?:script|img|iframe|source|video|audio|embed|link)\b[^>]*\s(?:src|href)=["']?(?:https?:)?//[^"'>\s]+"""
    r"""|url\(\s*["']?(?:https?:)?//[^)]+|@import\s+["'](?:https?:)?//[^"']+"""
)


def beside_the_pages(app: Sphinx, page: str, text: list[str]) -> None:  # noqa: ARG001  # Sphinx's signature
    """Links to notebooks as the site has them: it shows the copies with outputs, which lie in this folder."""
    text[0] = text[0].replace("](../notebooks/", "](notebooks/")


def refuse_other_hosts(app: Sphinx, problem: Exception | None) -> None:
    """Stop where a page of the site would load something from elsewhere.  SphinxError names the first of them."""
    if problem is not None or app.builder.format != "html":
        return
    for path in sorted(Path(app.outdir).rglob("*")):
        if path.suffix in (".html", ".css") and (found := LOADED.search(path.read_text("utf-8"))):
            raise SphinxError(f"{path.relative_to(app.outdir)} would ask another host: {found.group()}")


def setup(app: Sphinx) -> None:
    """Fix links before pages are read, and look at the pages once they are written."""
    app.connect("source-read", beside_the_pages)
    app.connect("build-finished", refuse_other_hosts)
