"""Who does work that splits into tasks: processes of this machine (sim.study.pool) or a cluster (sim.study.cluster).

Whoever has work takes an executor and asks nothing else of it: the results are the same from each.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

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

    @property
    def elsewhere(self) -> bool:
        """Whether its workers may be on other machines."""

    def begin(self) -> None:
        """Word that work is coming: it may start its workers while the work is prepared."""

    def results(self, work: Work[T, R], tasks: Sequence[T]) -> Ended[T, R]:
        """Each task once, in any order as they finish, with its result, or the Failure of whoever ran it.

        Closing it cancels the others.
        """


class Lost(RuntimeError):
    """A task failed, and without its result there is none of the whole."""


@dataclass(frozen=True)
class Each(Generic[T, R]):
    """Work: a function that pickles, applied to every task."""

    function: Callable[[T], R]
    preparation: Callable[[], object] | None = None

    def prepare(self) -> None:
        """What was given to do first."""
        if self.preparation is not None:
            self.preparation()

    def __call__(self, tasks: Sequence[T]) -> list[R | Failure]:
        """What the function makes of each task."""
        return [attempted(self.function, task) for task in tasks]


def attempted(function: Callable[[T], R], task: T) -> R | Failure:
    """What a function makes of a task, or what went wrong."""
    try:
        return function(task)
    except Exception as problem:
        return failure("worker", problem)


def in_order(executor: Executor, work: Work[Any, R | Failure], tasks: Sequence[Any]) -> Iterator[R]:
    """The result of each task, in the order of the tasks.  Lost where one failed."""
    early: dict[int, R] = {}
    due = 0
    with closing(executor.results(_Numbered(work), list(enumerate(tasks)))) as ended:
        for (number, _), found in ended:
            if isinstance(found, Failure):
                problem = Lost(found.traceback.strip().splitlines()[-1])
                problem.add_note(found.traceback)
                raise problem
            early[number] = found
            while due in early:
                yield early.pop(due)
                due += 1


@dataclass(frozen=True)
class _Numbered(Generic[R]):
    """Work on tasks that carry their place."""

    work: Work[Any, R]

    def prepare(self) -> None:
        self.work.prepare()

    def __call__(self, tasks: Sequence[tuple[int, Any]]) -> Sequence[R]:
        return self.work([task for _, task in tasks])
