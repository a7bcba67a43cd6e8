"""What the rows of all registries have in common: a name in files and code, words for people, texts to translate."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from sim._util.immutable import FrozenMap

Message = tuple[str, str | None]  # an English text and its plural, None where it has none


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One thing that a scenario or a result can name.

    ``name`` is the key in YAML, in results and in code.  ``label`` is what people read: lower case, plural where the
    thing is counted.  Texts are English and their own keys in the gettext catalogues.
    """

    name: str
    label: str

    def messages(self) -> Iterator[Message]:
        """The texts of this row that are shown translated."""
        yield self.label, None


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted(Row):
    """A number that every run counts: an outcome or another item.

    ``singular`` goes with one, ``label`` with many; without it reports do not show the item.  ``definition`` is of
    the total over a period, ``daily`` of the column of the daily ledger, whose fixed number is ``ledger``; -1 where
    the ledger has none.  ``head`` is a short heading for tables of costs, ``cost`` the place among the costs that
    stand beside an answer; 0: not among them.
    """

    unit: str
    singular: str = ""
    definition: str = ""
    daily: str = ""
    ledger: int = -1
    head: str = ""
    cost: int = 0

    def messages(self) -> Iterator[Message]:
        """The noun with its plural, and the heading."""
        if self.singular:
            yield self.singular, self.label
        if self.head:
            yield self.head, None


R = TypeVar("R", bound=Row)


def by_name(rows: Iterable[R]) -> FrozenMap[str, R]:
    """Rows by name, in their order.  ValueError where two have one name."""
    listed = list(rows)
    table = FrozenMap((row.name, row) for row in listed)
    if len(table) < len(listed):
        names = [row.name for row in listed]
        raise ValueError(f"two rows have one name: {sorted({name for name in names if names.count(name) > 1})}")
    return table
