"""What can be wrong in a module: one operator, number, comparison or turn at a time, by the operators of cosmic-ray."""

import ast
import random
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import parso
from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.operators.operator import Operator
from cosmic_ray.plugins import get_operator

ROOT = Path(__file__).parent.parent.parent
Span = tuple[tuple[int, int], tuple[int, int]]

# One or two rivals for each sign.  Of the others most end in a TypeError, which any test notices: they would flatter.
BINARY = ("Add_Sub", "Sub_Add", "Mul_Div", "Div_Mul", "FloorDiv_Mul", "Mod_Mul", "Pow_Mul", "RShift_LShift",
          "LShift_RShift", "BitOr_BitAnd", "BitAnd_BitOr", "BitXor_BitAnd")  # fmt: skip
COMPARISONS = ("Eq_NotEq", "NotEq_Eq", "Lt_LtE", "Lt_Gt", "LtE_Lt", "LtE_GtE", "Gt_GtE", "Gt_Lt", "GtE_Gt", "GtE_LtE",
               "Is_IsNot", "IsNot_Is")  # fmt: skip
UNARY = ("USub_UAdd", "Delete_Not", "Delete_Invert")
TURNS = ("AddNot", "ReplaceTrueWithFalse", "ReplaceFalseWithTrue", "ReplaceAndWithOr", "ReplaceOrWithAnd",
         "ReplaceBreakWithContinue", "ReplaceContinueWithBreak", "ZeroIterationForLoop", "NumberReplacer")  # fmt: skip
AUGMENTED = {"+=": "-=", "-=": "+=", "*=": "/=", "/=": "*=", "|=": "&=", "&=": "|="}
EXTREMES = {"min": "max", "max": "min", "minimum": "maximum", "maximum": "minimum"}


class ReplaceAugmentedAssignment(Operator):
    """``+=`` becomes ``-=`` and so on, which cosmic-ray leaves alone."""

    words = AUGMENTED
    kind = parso.python.tree.Operator

    def mutation_positions(self, node: parso.tree.NodeOrLeaf) -> Iterator[Span]:
        """Where a word of the table stands."""
        if isinstance(node, self.kind) and node.value in self.words:
            yield node.start_pos, node.end_pos

    def mutate(self, node: parso.tree.Leaf, index: int) -> parso.tree.Leaf:
        """The other word in its place."""
        node.value = self.words[node.value]
        return node

    @classmethod
    def examples(cls) -> tuple[()]:
        """None: tests/test_mutation.py has them."""
        return ()


class SwapExtremes(ReplaceAugmentedAssignment):
    """``min`` becomes ``max`` and the reverse."""

    words = EXTREMES
    kind = parso.python.tree.Name


def operators() -> dict[str, Operator]:
    """Name -> operator."""
    names = [
        *(f"ReplaceBinaryOperator_{name}" for name in BINARY),
        *(f"ReplaceComparisonOperator_{name}" for name in COMPARISONS),
        *(f"ReplaceUnaryOperator_{name}" for name in UNARY),
        *TURNS,
    ]
    known = {name: get_operator(f"core/{name}")() for name in names}
    return known | {cls.__name__: cls() for cls in (ReplaceAugmentedAssignment, SwapExtremes)}


@dataclass(frozen=True)
class Mutant:
    """One change: where, what the line was and what it became; ``code`` is the whole changed module."""

    module: str  # path from the root of the project
    line: int
    operator: str
    occurrence: int
    before: str
    after: str
    code: str


@dataclass(frozen=True)
class Source:
    """A module and the places where it can be changed."""

    module: str

    @cached_property
    def text(self) -> str:
        """The file."""
        return (ROOT / self.module).read_text("utf-8")

    @cached_property
    def places(self) -> list[tuple[str, int]]:
        """Operator and number of its occurrence, of everything that can be changed and is not said for readers only."""
        nodes = list(ast_nodes(get_ast(self.text)))
        silent = list(_said_for_readers(ast.parse(self.text)))
        found = []
        for name, operator in operators().items():
            positions = [span for node in nodes for span in operator.mutation_positions(node)]
            found += [(name, n) for n, (start, _) in enumerate(positions) if not any(a <= start < b for a, b in silent)]
        return found

    def sample(self, number: int, seed: int) -> list[Mutant]:
        """So many mutants, or all, drawn by a fixed seed; in the order of the draw."""
        drawn = random.Random(f"{seed}:{self.module}").sample(self.places, len(self.places))
        made = (self.mutant(*place) for place in drawn)
        chosen: list[Mutant] = []
        for mutant in made:
            if len(chosen) == number:
                break
            if mutant is not None:
                chosen.append(mutant)
        return chosen

    def mutant(self, operator: str, occurrence: int) -> Mutant | None:
        """The change, or None where it gives no program or the same one."""
        code = mutate_code(self.text, operators()[operator], occurrence)
        if code is None or not _differs(self.text, code):
            return None
        old, new = self.text.splitlines(), code.splitlines()
        line = next(n for n, (a, b) in enumerate(zip(old, new, strict=False)) if a != b)
        return Mutant(self.module, line + 1, operator, occurrence, old[line].strip(), new[line].strip(), code)


def _differs(old: str, new: str) -> bool:
    try:
        return ast.dump(ast.parse(new)) != ast.dump(ast.parse(old))
    except SyntaxError:
        return False


def _said_for_readers(tree: ast.Module) -> Iterator[Span]:
    """Annotations, and what runs only as a program."""
    for node in ast.walk(tree):
        notes = [getattr(node, name, None) for name in ("annotation", "returns")]
        if isinstance(node, ast.If) and "__name__" in ast.unparse(node.test):
            notes.append(node)
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            notes.append(node)
        for note in notes:
            if note is not None:
                yield (note.lineno, note.col_offset), (note.end_lineno, note.end_col_offset)
