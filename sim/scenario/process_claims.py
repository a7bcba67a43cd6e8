"""What each process claims, read from its source text: nothing is imported and nothing compiled."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import cache
from pathlib import Path

LEVER = "lever_"


@dataclass(frozen=True)
class Claim:
    """The first sentence of a process's docstring, the source below it, and the names that the process reads."""

    text: str
    source: str
    arguments: tuple[str, ...]

    @property
    def measures(self) -> tuple[str, ...]:
        """The measures that act in this process."""
        return tuple(name.removeprefix(LEVER) for name in self.arguments if name.startswith(LEVER))


@cache
def claim_of(process: str) -> Claim:
    """The claim of a process by name: the function `process` in the file `sim/model/processes/process.py`."""
    path = Path(__file__).parents[1] / "model" / "processes" / f"{process}.py"
    tree = ast.parse(path.read_text("utf-8"))
    function = next(node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == process)
    claim, _, rest = (ast.get_docstring(function) or "").partition("\n\n")
    source = " ".join(rest.split()).removeprefix("Source:").strip()
    return Claim(" ".join(claim.split()), source, tuple(argument.arg for argument in function.args.args))
