"""Registry of the cases that pages show, by token, so that animations and downloads have plain addresses."""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sim.scenario import Scenario

MOST_CASES = 500


class CaseRegistry:
    """The most recent cases."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: OrderedDict[str, Scenario] = OrderedDict()

    def token(self, scenario: Scenario) -> str:
        """The token of a case: equal cases have equal ones."""
        parts = [scenario.name, scenario.title]
        parts += [scenario.variant(name).hash for name in scenario.variants]
        token = hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]
        with self._lock:
            self._known[token] = scenario
            self._known.move_to_end(token)
            while len(self._known) > MOST_CASES:
                self._known.popitem(last=False)
        return token

    def get(self, token: str) -> Scenario | None:
        """The case of a token; None where there is none any more."""
        with self._lock:
            return self._known.get(token)
