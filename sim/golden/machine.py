"""What of a machine can move the last bit of a number: the instructions that are compiled for, and the C library."""

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
LIBRARIES = ("numba", "numpy", "Mesa")


@dataclass(frozen=True)
class Machine:
    """The machine as compiled code sees it.

    cpu: the class of its features, such as x86-64-v3; cpu_name: the model that code is tuned for; libc: whose logarithm
    and exponential are called; versions: of Python and of the libraries that numbers pass through.
    """

    system: str
    cpu: str
    cpu_name: str
    libc: str
    versions: dict[str, str]

    @property
    def kind(self) -> dict[str, str]:
        """The class within which results are equal to the bit."""
        return {"cpu": self.cpu, "libc": self.libc}

    def __str__(self) -> str:
        versions = ", ".join(f"{name} {number}" for name, number in self.versions.items())
        return f"{self.system}, {self.cpu} ({self.cpu_name}), {self.libc}; {versions}"


def this_machine() -> Machine:
    """This machine, as numba compiles for it: NUMBA_CPU_NAME and NUMBA_CPU_FEATURES count."""
    from numba import config
    from numba.core.registry import cpu_target

    triple, name, features = cpu_target.target_context.codegen().magic_tuple()
    cpu = cpu_class(triple, features)
    if getattr(config, "USING_SVML", False):
        cpu += " with SVML"  # its vector functions round in their own way
    versions = {"minusim": version("minusim"), "Python": platform.python_version()}
    versions |= {library: version(library) for library in LIBRARIES}
    if getattr(config, "DISABLE_JIT", False):
        versions["numba"] += " (off)"
    return Machine(platform.system(), cpu, name, _libc(), versions)


def cpu_class(triple: str, features: str) -> str:
    """The class of a target: a level of x86-64 where all of its features are there, else the architecture.

    ``features`` as LLVM writes them: "+avx,-avx2,...".
    """
    architecture = triple.partition("-")[0]
    if architecture != "x86_64":
        return architecture
    there = {feature[1:] for feature in features.split(",") if feature.startswith("+")}
    level = "x86-64"
    for name, needed in LEVELS:
        if not needed <= there:
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
