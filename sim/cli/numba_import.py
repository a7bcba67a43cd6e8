"""numba as the model needs it: without SciPy's linear algebra, whose import takes longer than a short run."""

from __future__ import annotations

import sys
from importlib import import_module

BLAS = "scipy.linalg.cython_blas"


def import_numba() -> None:
    """Import numba's array functions as if SciPy had no BLAS, which they look for at once and no kernel uses.

    For the process of a command alone: compiled functions of this process cannot call ``np.dot``.
    """
    if BLAS in sys.modules:
        return
    sys.modules[BLAS] = None  # type: ignore[assignment]  # Python's way to say that there is no such module
    try:
        import_module("numba.np.arraymath")
    finally:
        del sys.modules[BLAS]
