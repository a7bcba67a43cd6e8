"""What of a machine can move the last bit of a number: its C library, and the processor by which that chooses."""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass
from importlib.metadata import version

# The levels of x86-64 as compilers name them, each with the features that it adds to the one below, in LLVM's words.
LEVELS = (
    ("x86-64-v2", {"cx16", "popcnt", "sse3", "sse4.1", "sse4.2", "ssse3"}),
    ("x86-64-v3", {"avx", "avx2", "bmi", "bmi2", "f16c", "fma", "lzcnt", "movbe"}),
    ("x86-64-v4", {"avx512bw", "avx512cd", "avx512dq", "avx512f", "avx512vl"}),
)
LIBRARIES = ("numba", "NumPy", "Mesa")


@dataclass(frozen=True)
class Machine:
    """The machine as compiled code sees it.

    cpu: the class of its features, such as x86-64-v3, by which the C library chooses among its functions; libc: whose
    logarithm and exponential are called; target: what numba compiles for; versions: of what numbers pass through.
    """

    system: str
    cpu: str
    libc: str
    target: str
    versions: dict[str, str]

    @property
    def kind(self) -> dict[str, str]:
        """The class within which results are equal to the bit."""
        return {"cpu": self.cpu, "libc": self.libc}

    def __str__(self) -> str:
        versions = ", ".join(f"{name} {number}" for name, number in self.versions.items())
        return f"{self.system}, {self.cpu}, {self.libc}, compiled for {self.target}; {versions}"


def this_machine() -> Machine:
    """This machine and what is installed on it."""
    from llvmlite import binding
    from numba import config
    from numba.core.registry import cpu_target

    triple, target, _ = cpu_target.target_context.codegen().magic_tuple()
    cpu = cpu_class(triple, {name for name, there in binding.get_host_cpu_features().items() if there})
    if getattr(config, "USING_SVML", False):
        cpu += " with SVML"  # its vector functions round in their own way
    versions = {"minusim": version("minusim"), "Python": platform.python_version()}
    versions |= {library: version(library) for library in LIBRARIES}
    if getattr(config, "DISABLE_JIT", False):
        target = "nothing (numba is disabled)"
    return Machine(platform.system(), cpu, _libc(), target, versions)


def cpu_class(triple: str, features: set[str]) -> str:
    """The class of a processor: the level of x86-64 of which all features are there, else the architecture.

    ``features`` by the names that LLVM gives them.
    """
    architecture = triple.partition("-")[0]
    if architecture != "x86_64":
        return architecture
    level = "x86-64"
    for name, needed in LEVELS:
        if not needed <= features:
            break
        level = name
    return level


def _libc() -> str:
    """The C library in use, such as glibc 2.36; elsewhere the system that brings it."""
    try:
        return os.confstr("CS_GNU_LIBC_VERSION") or _system()
    except (AttributeError, OSError, ValueError):  # another system has no such name
        return _system()


def _system() -> str:
    return f"the C library of {platform.system()} {platform.release()}"
