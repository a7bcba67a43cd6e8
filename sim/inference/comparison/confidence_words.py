"""The fixed words for how sure a conclusion is."""

from __future__ import annotations

from dataclasses import dataclass

VERY_LIKELY, LIKELY = 0.90, 0.66  # probability from which each is said
HARDLY_NARROWER = 0.8  # posterior over prior standard deviation: above it, assumptions decide
CANNOT_TELL, RESTS, SAME = "cannot tell", "rests on assumption", "no difference"


@dataclass(frozen=True)
class Doubt:
    """Where the uncertainty of a difference comes from.

    swept: whether anything was drawn; draws_matter: whether the differences follow the draws; assumed: whether only
    assumed numbers were drawn; narrowed: posterior over prior standard deviation, None without both.
    """

    swept: bool
    draws_matter: bool
    assumed: bool
    narrowed: float | None = None


@dataclass(frozen=True)
class Verdict:
    """The word and the side: ``str()`` gives `very likely fewer`."""

    word: str
    side: str  # fewer, more, or nothing

    def __str__(self) -> str:
        return f"{self.word} {self.side}".strip()


def verdict(lower: float, higher: float, doubt: Doubt) -> Verdict:
    """The verdict on a difference that is below zero with probability ``lower``, above zero with ``higher``.

    `rests on assumption` where nothing was swept, or where the sweep of assumed numbers decides the sign, or where a
    posterior is hardly narrower than the prior: there no probability is headlined.
    """
    if lower == 0.0 and higher == 0.0:
        return Verdict(SAME, "")
    chance = max(lower, higher)
    side = "fewer" if lower > higher else "more"
    if chance < LIKELY or chance != chance:
        return Verdict(CANNOT_TELL, "")
    if _rests(chance, doubt):
        return Verdict(RESTS, "")
    return Verdict("very likely" if chance >= VERY_LIKELY else "likely", side)


def _rests(chance: float, doubt: Doubt) -> bool:
    if not doubt.swept:
        return True
    if doubt.narrowed is not None:
        return doubt.narrowed > HARDLY_NARROWER
    return chance < VERY_LIKELY and doubt.draws_matter and doubt.assumed
