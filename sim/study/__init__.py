"""Variants x replications of one scenario: run, kept in a folder as they finish, and read as one frame."""

from sim.study.frame import StudyFrame
from sim.study.store import StoreError
from sim.study.study import Study, open_store

__all__ = ["StoreError", "Study", "StudyFrame", "open_store"]
