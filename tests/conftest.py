"""The same for every test wherever it runs: one thread of linear algebra a process, plain output, skips for extras."""

import os
from collections.abc import Generator
from typing import Any

import pytest

# Read when numpy is imported, also by the processes that tests start. On shared cores, threads that wait for each other
# make some tests a hundred times as long.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("MINUSIM_CACHE_MB", "off")  # every run in full, and none in the user's cache
for asked in ("FORCE_COLOR", "TTY_COMPATIBLE"):  # which a terminal or a service may set, and rich obeys
    os.environ.pop(asked, None)

EXTRAS = {
    "app": ("ipyvuetify", "solara"),
    "calibrate": ("SALib", "emcee", "powerlaw", "scoringrules", "sklearn"),
    "cluster": ("dask", "dask_jobqueue", "distributed"),
    "mutation": ("cosmic_ray",),
    "notebooks": ("duckdb", "ema_workbench", "geopandas", "nbclient", "nbformat", "polars", "xarray"),
    "release": ("cyclonedx",),
    "dev": ("cryptography", "hypothesis", "jsonschema", "playwright"),
}
EXTRA_OF = {module: extra for extra, modules in EXTRAS.items() for module in modules}


def _skip_without_extra(problem: BaseException | None) -> None:
    """Skip what failed for want of an optional package; what else is missing stays an error."""
    while problem is not None:
        module = problem.name.partition(".")[0] if isinstance(problem, ModuleNotFoundError) and problem.name else ""
        if module in EXTRA_OF:
            pytest.skip(
                f"{module} is not installed: pip install 'minusim[{EXTRA_OF[module]}]'", allow_module_level=True
            )
        problem = problem.__cause__


class _Module(pytest.Module):
    """A test file that is skipped where an extra that it imports is missing."""

    def _getobj(self) -> Any:
        try:
            return super()._getobj()
        except self.CollectError as problem:
            _skip_without_extra(problem)
            raise


@pytest.hookimpl
def pytest_pycollect_makemodule(module_path: Any, parent: Any) -> pytest.Module:
    """Collect every test file as one that may lack an extra."""
    return _Module.from_parent(parent, path=module_path)


def _running() -> Generator[None, Any, Any]:
    try:
        return (yield)
    except Exception as problem:
        _skip_without_extra(problem)
        raise


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Generator[None, Any, Any]:
    """Skip a test whose fixtures import what is missing."""
    return (yield from _running())


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, Any, Any]:
    """Skip a test that imports what is missing."""
    return (yield from _running())
