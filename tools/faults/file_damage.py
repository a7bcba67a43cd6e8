"""Ways to damage a file."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random

HOW = ("flipped", "truncated", "deleted", "emptied", "overwritten")


def damage(file: Path, how: str, rng: Random) -> str:
    """Damage a file and return a description of the damage."""
    content = bytearray(file.read_bytes())
    if how == "deleted":
        file.unlink()
        return "deleted"
    if how == "edited":
        facts = json.loads(content)
        facts["seed" if "seed" in facts else next(iter(facts))] = "another"
        file.write_text(json.dumps(facts, indent=1))
        return "edited by hand"
    if how == "flipped":
        place, bit = rng.randrange(len(content)), rng.randrange(8)
        content[place] ^= 1 << bit
        told = f"bit {bit} of byte {place} flipped"
    elif how == "overwritten":
        place = rng.randrange(len(content))
        content[place : place + 64] = rng.randbytes(len(content[place : place + 64]))
        told = f"64 bytes from {place} overwritten"
    else:
        size = rng.randrange(1, len(content) - 2) if how == "truncated" else 0
        del content[size:]
        told = f"cut to {size} bytes"
    file.write_bytes(content)
    return told
