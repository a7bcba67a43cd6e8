"""Only foundings, mergers and first strengths are given; every later strength is the model's outcome.

Bands appear on the day their organisation is founded, pass to the heir when it merges, disband when it ends without
one.  On the 15th of a month a band above ``split_size`` typical bands splits in half, the new half in an adjacent cell,
and two below ``merge_size`` in one cell join.

Bands act in the order of rows.  A scheduled band has a row of its own; a band that splits off takes the first row that
is free.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.reference.draws import child_key, stream_of

if TYPE_CHECKING:
    from tests.reference.agents import ArmedGroup
    from tests.reference.model import ReferenceModel
    from tests.reference.places import Cell, Organisation

STREAM = stream_of("organisations")
OUT_OF_REACH = 1_000_000  # first child number of a band in a row that a schedule has used


@dataclass(frozen=True)
class Founding:
    """A scheduled band."""

    day: int
    key: int
    organisation: "Organisation"
    strength: int
    cell: "Cell"


@dataclass(eq=False)
class Row:
    """A place in the order in which bands act: the founding it is kept for, who is in it, who was last."""

    founding: Founding | None = None
    band: "ArmedGroup | None" = None
    before: "ArmedGroup | None" = None

    def is_free(self, day: int) -> bool:
        """Whether a new band may take it."""
        if self.band is not None:
            return False
        return self.founding is None or (self.before is not None and self.before.born < day)


def organisations(model: "ReferenceModel") -> None:
    """Foundings and ends by date; splits and joins on the 15th."""
    for row in model.rows:
        _by_schedule(row, model)
    for row in model.rows:
        _bury(row)
    if model.day_of_month == 15:
        for row in model.rows:
            if row.band is not None:
                row.band.split()
        for band in model.bands:
            band.join_another()
    for row in model.rows:
        _bury(row)
    model.gather()


def _by_schedule(row: Row, model: "ReferenceModel") -> None:
    """Found the band that is due; let heirs take over, or disband, where an organisation has ended."""
    due = row.founding
    if due is not None and due.day == model.day:
        row.band = model.new_band(due.key, due.organisation, due.cell)
        row.band.strength = due.strength
        row.band.skill = model.p.initial_skill
        model.balance["fighters_founded"] += due.strength
    band = row.band
    if band is None or band.strength == 0 or model.day <= band.organisation.ended:
        return
    if band.organisation.heir is not None:
        band.organisation = band.organisation.heir
    else:
        model.balance["fighters_deserted"] += band.strength
        band.strength = 0


def _bury(row: Row) -> None:
    """A band without fighters leaves."""
    if row.band is not None and row.band.strength == 0:
        row.band.remove()
        row.before, row.band = row.band, None


class Organising:
    """A band splits and joins."""

    def split(self: "ArmedGroup") -> None:
        """Half of a large band goes to an adjacent cell, its home from now on the old place."""
        model = self.model
        if self.strength <= model.p.split_size * self.organisation.band:
            return
        row = next((row for row in model.rows if row.is_free(model.day)), None)
        if row is None:
            return
        self.children += 1
        half = row.band = model.new_band(child_key(self.key, STREAM, self.children), self.organisation, self.cell)
        half.strength = self.strength // 2
        self.strength -= half.strength
        half.skill = self.skill
        half.weight = dict(self.weight)
        half.cell = self.cell.neighbours[int(half.draw(STREAM)[0] * 8.0)] or self.cell
        half.children = OUT_OF_REACH if row.founding is not None else 0
        if row.before is not None:
            # the row keeps what who was last in it had not yet learned, and its devices found today
            half.gain, half.found = dict(row.before.gain), row.before.found

    def join_another(self: "ArmedGroup") -> None:
        """A small band joins the next small one of its organisation that came to the cell; the smaller key stays."""
        limit = self.model.p.merge_size * self.organisation.band
        here = self.cell.bands
        if not 0 < self.strength <= limit or self not in here:
            return
        for other in here[here.index(self) + 1 :]:
            if other.organisation is self.organisation and 0 < other.strength <= limit:
                stays, goes = (self, other) if self.key < other.key else (other, self)
                stays.strength += goes.strength
                goes.strength = 0
                return
