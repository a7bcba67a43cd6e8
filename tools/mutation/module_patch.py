"""Puts a changed module in place of the one that is loaded, wherever it has been imported."""

import ast
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

ADDRESS = re.compile(r" at 0x[0-9a-f]+")
SIMPLE = (bool, int, float, str, bytes, type(None))


def install(module: ModuleType, code: str) -> None:
    """Functions get the changed code in place, so that whoever holds one has it; constants go to all importers."""
    changed = ModuleType(module.__name__)
    changed.__file__ = module.__file__
    exec(compile(code, str(module.__file__), "exec"), changed.__dict__)
    differs = [_swap(vars(module).get(name), new) for name, new in vars(changed).items() if _is_own(new, module)]
    data = {name: new for name, new in vars(changed).items() if not name.startswith("__") and not _is_code(new)}
    different = {name: new for name, new in data.items() if _said(new) != _said(vars(module).get(name))}
    # where nothing shows, the change is inside a function that a constant holds
    for name, new in (different or ({} if any(differs) else data)).items():
        _rebind(module, name, new)


def _is_own(value: Any, module: ModuleType) -> bool:
    return getattr(value, "__module__", None) == module.__name__


def _is_code(value: Any) -> bool:
    return isinstance(value, type | ModuleType) or callable(value)


def _said(value: Any) -> str:
    return ADDRESS.sub("", repr(value))


def _swap(old: Any, new: Any) -> bool:
    """Give ``old`` the code of ``new``, into classes and behind decorators; whether it differed."""
    if isinstance(old, type) and isinstance(new, type):
        swapped = [_swap_attribute(old, name, value) for name, value in vars(new).items() if name in vars(old)]
    else:
        swapped = [_swap_function(a, b) for a, b in zip(_functions(old), _functions(new), strict=False)]
    return any(swapped)


def _swap_attribute(old: type, name: str, value: Any) -> bool:
    if isinstance(value, SIMPLE) and not name.startswith("__") and vars(old)[name] != value:
        setattr(old, name, value)
        return True
    return _swap(vars(old)[name], value)


def _functions(value: Any) -> Iterator[FunctionType]:
    inner = [getattr(value, name, None) for name in ("__wrapped__", "__func__", "fget", "func")]
    found = [part for part in inner if part is not None]
    if isinstance(value, FunctionType) and not found:
        yield value
    for part in found[:1]:
        yield from _functions(part)


def _swap_function(old: FunctionType, new: FunctionType) -> bool:
    same = old.__code__ == new.__code__
    old.__code__ = new.__code__
    for name in ("__defaults__", "__kwdefaults__"):
        mine, theirs = getattr(old, name), getattr(new, name)
        if _said(mine) != _said(theirs):
            setattr(old, name, theirs)
            same = False
    return not same


def _rebind(module: ModuleType, name: str, new: Any) -> None:
    old = vars(module).get(name)
    setattr(module, name, new)
    for other in list(sys.modules.values()):
        if other.__name__.startswith(("sim.", "tests.")) and vars(other).get(name) is old and name in _imported(other):
            setattr(other, name, new)


def _imported(module: ModuleType) -> set[str]:
    file = getattr(module, "__file__", None)
    tree = ast.parse(Path(file).read_text("utf-8")) if file else ast.Module([], [])
    return {alias.asname or alias.name for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)
            for alias in node.names}  # fmt: skip


def forgetting(module: ModuleType) -> None:
    """Empty the caches of a module: what they hold was made by the code before."""
    for value in vars(module).values():
        clear: Callable[[], None] | None = getattr(value, "cache_clear", None)
        if clear is not None and _is_own(value, module):
            clear()
