"""Deaths by illness: Poisson(``illness_rate`` / 365.25 x strength) a day and base."""

from typing import TYPE_CHECKING

from tests.reference.draws import stream_of
from tests.reference.violence import die_in_camp

if TYPE_CHECKING:
    from tests.reference.model import ReferenceModel

STREAM = stream_of("illness")


def illness(model: "ReferenceModel") -> None:
    """Every base may lose people."""
    for base in model.bases:
        die_in_camp(base, "illness", model.p.illness_rate, STREAM)
