"""Variants x replications of one scenario: run, kept in a folder as they finish, and read as one frame."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sim.study.frame import StudyFrame
    from sim.study.store import StoreError
    from sim.study.study import Study, open_store

__all__ = ["StoreError", "Study", "StudyFrame", "open_store"]

_HOMES = {
    "StoreError": "sim.study.store",
    "Study": "sim.study.study",
    "StudyFrame": "sim.study.frame",
    "open_store": "sim.study.study",
}


def __getattr__(name: str) -> Any:
    """The name from its home module, loaded when it is asked for: many seeds of one plan need no store."""
    if name not in _HOMES:
        raise AttributeError(f"module 'sim.study' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
