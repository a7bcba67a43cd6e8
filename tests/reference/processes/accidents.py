"""Deaths by accident: Poisson(``accident_rate`` / 365.25 x strength) a day and base."""

from typing import TYPE_CHECKING

from tests.reference.draws import stream_of
from tests.reference.violence import die_in_camp

if TYPE_CHECKING:
    from tests.reference.model import ReferenceModel

STREAM = stream_of("accidents")


def accidents(model: "ReferenceModel") -> None:
    """Every base may lose people."""
    for base in model.bases:
        die_in_camp(base, "accident", model.p.accident_rate, STREAM)
