"""Worlds that are wrong in one way each, made from a run: what a pattern test must be able to tell apart."""

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from sim.validation.attack_series import FIRST, LAST, Harm
from sim.validation.timing import LAG

Generator = np.random.Generator
IntArray = npt.NDArray[np.int64]

FOLLOWED = 0.3  # share of attacks that another one brought on
FASTER = 0.5  # exponent of the warped clock


def thin_tailed(harm: Harm, rng: Generator) -> Harm:
    """The same number of fatal days and of deaths, each death beyond the first on a day drawn evenly."""
    sizes = harm.fatal_killed
    if not len(sizes):
        return harm
    extra = int(sizes.sum() - len(sizes))
    return replace(harm, fatal_killed=1 + rng.multinomial(extra, np.full(len(sizes), 1 / len(sizes))))


def heavy_tailed(harm: Harm, rng: Generator) -> Harm:
    """The same fatal days with deaths drawn from a power law of exponent 2 from one death on, none above 100."""
    sizes = np.floor(1 / (1 - rng.random(len(harm.fatal_killed)))).astype(np.int64)
    return replace(harm, fatal_killed=np.minimum(sizes, 100))


def self_exciting(harm: Harm, rng: Generator) -> Harm:
    """A share FOLLOWED of attacks moved to within LAG days after another attack, wherever it was."""
    return _in_order(replace(harm, day=follow(harm.day, rng)))


def follow(day: IntArray, rng: Generator) -> IntArray:
    """Days of attacks, a share FOLLOWED of them moved to within LAG days after another; none after the list ends."""
    moved = np.flatnonzero(rng.random(len(day)) < FOLLOWED)
    new = day.copy()
    if len(day):
        new[moved] = np.minimum(rng.choice(day, len(moved)) + rng.integers(0, LAG + 1, len(moved)), LAST)
    return new


def accelerating(harm: Harm, rng: Generator) -> Harm:  # noqa: ARG001 - all alternatives are called alike
    """The list's clock warped so that attacks come faster and faster in every region."""
    span = LAST - FIRST + 1
    day = FIRST + np.floor(span * ((harm.day - FIRST + 0.5) / span) ** FASTER).astype(np.int64)
    return replace(harm, day=day)


def twice_the_wounded(harm: Harm, rng: Generator) -> Harm:  # noqa: ARG001
    """Every attack wounds twice as many and kills as many as before."""
    return replace(harm, wounded=2 * harm.wounded)


def no_change(harm: Harm, rng: Generator) -> Harm:  # noqa: ARG001
    """People die in 2017-20 where they died in 2014-16."""
    return replace(harm, region_share=harm.region_share[[0, 0]])


def _in_order(harm: Harm) -> Harm:
    order = np.argsort(harm.day, kind="stable")
    columns = {name: getattr(harm, name)[order] for name in ("day", "region", "tactic", "killed", "wounded")}
    return replace(harm, **columns)
