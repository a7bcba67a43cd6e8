"""Who does the work of a study or a calibration when it is not processes here: the same results from anywhere."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from typing import Protocol, TypeVar

from sim.study.branches import Failure, failure

T = TypeVar("T")
R = TypeVar("R")
T_contra = TypeVar("T_contra", contravariant=True)
R_co = TypeVar("R_co", covariant=True)

Ended = Generator[tuple[T, R | Failure], None, None]


class Work(Protocol[T_contra, R_co]):
    """What is done with tasks.  It travels once to each worker: it pickles, and holds everything that tasks share."""

    def prepare(self) -> None:
        """Compile what this machine has not compiled yet.  Raises nothing: tasks will say what is wrong."""

    def __call__(self, tasks: Sequence[T_contra]) -> Sequence[R_co]:
        """What becomes of each task of a batch, in their order.  Raises only what concerns all of them."""


class Executor(Protocol):
    """Takes tasks in batches of its own choice; results depend on nothing that it chooses."""

    def results(self, work: Work[T, R], tasks: Sequence[T]) -> Ended[T, R]:
        """Each task once, in any order as they finish, with its result, or the Failure of whoever ran it.

        Closing it cancels the others.
        """


def attempted(function: Callable[[T], R], task: T) -> R | Failure:
    """What a function makes of a task, or what went wrong."""
    try:
        return function(task)
    except Exception as problem:
        return failure("worker", problem)
