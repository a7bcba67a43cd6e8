"""Renew the French catalogue from the messages of the code: `python -m tools.messages`.

New messages come with an empty translation, those that nothing uses go.  What has no French yet is printed.
"""

from __future__ import annotations

import sys
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from babel.messages.pofile import read_po, write_po
from jinja2.ext import babel_extract

import sim

SIM = Path(sim.__file__).parent
CATALOGUE = SIM / "present" / "locales" / "fr" / "LC_MESSAGES" / "minusim.po"
Messages = dict[str, str | None]  # English -> its plural, None where it has none


def messages() -> Messages:
    """All translatable messages: of Python, templates, registries and packaged scenarios."""
    found: Messages = {}
    for path in sorted([*(SIM / "present").rglob("*.py"), *(SIM / "app").rglob("*.py")]):
        for _, text, _, _ in extract("python", BytesIO(path.read_bytes()), keywords=DEFAULT_KEYWORDS):
            one, many = (text, None) if isinstance(text, str) else text[:2]
            found[one] = many
    for path in sorted((SIM / "present" / "templates").glob("*.html")):
        for _, _, text, _ in babel_extract(BytesIO(path.read_bytes()), ("_",), (), {}):
            found[text if isinstance(text, str) else text[0]] = None  # a tuple where values are given
    found |= registered()
    found.pop("", None)
    return found


def registered() -> Messages:
    """Texts of the registries, the record, the regions and the packaged scenarios."""
    from sim.missions import load_mission, packaged_missions
    from sim.present.figures.caption import record_credit
    from sim.present.run_view import LINES
    from sim.scenario import load, packaged_names
    from sim.scenario.registry import COUNTED
    from sim.scenario.registry import messages as rows

    missions = [load_mission(name) for name in packaged_missions()]
    regions = [name for mission in missions for name in (*mission.regions, *mission.facts.state_side)]
    notes = [text for mission in missions for text in (mission.facts.map.credit, record_credit(mission))]
    texts = [*LINES, *regions, *notes, "prior", "posterior", *(row.unit for row in COUNTED.values() if row.singular)]
    for name in packaged_names():
        scenario = load(name)
        texts += [scenario.title, " ".join(scenario.narrative.split()), *scenario.sources]
        texts += [variant.replace("_", " ") for variant in scenario.variants]
    return dict.fromkeys(texts) | dict(rows())


def renewed(old: Catalog) -> Catalog:
    """A catalogue of exactly the messages in use, with the translations that ``old`` has."""
    new = Catalog(locale="fr", fuzzy=False, header_comment=old.header_comment)
    for one, many in messages().items():
        new.add(one if many is None else (one, many), _kept(old, one, many is not None))
    return new


def _kept(old: Catalog, text: str, plural: bool) -> str | tuple[str, ...]:
    known = old.get(text)
    found = known.string if known is not None else ""
    if plural:
        return ("", "") if isinstance(found, str) else found
    return found if isinstance(found, str) else found[-1]


def main() -> int:
    """Write the catalogue; 1 where a message has no French."""
    with CATALOGUE.open("rb") as file:
        new = renewed(read_po(file, locale="fr"))
    with CATALOGUE.open("wb") as file:
        write_po(file, new, width=118, omit_header=False)
    missing = [message.id for message in new if message.id and not all([message.string, *message.string])]
    sys.stdout.write("".join(f"no French: {text!r}\n" for text in missing))
    return 1 if missing else 0


if __name__ == "__main__":
    raise SystemExit(main())
