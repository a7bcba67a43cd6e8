"""Work that takes no time, for what is around it; in a module of its own, so that workers find it."""

import pickle
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sim.study.task import RunResult


@dataclass(frozen=True)
class Nothing:
    """Work that takes no time and gives back nothing."""

    def prepare(self) -> None:
        """Nothing to compile."""

    def __call__(self, tasks: Sequence[Any]) -> list[None]:
        return [None] * len(tasks)


@dataclass(frozen=True)
class Sending:
    """Work that takes no time and gives back results of real size."""

    run: RunResult

    def prepare(self) -> None:
        """Nothing to compile."""

    def __call__(self, tasks: Sequence[Any]) -> list[RunResult]:
        return [pickle.loads(pickle.dumps(self.run)) for _ in tasks]  # copies: pickle would send one of them
