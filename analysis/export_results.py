"""Copy what the documentation cites from finished studies: ``python -m analysis.export_results FROM TO``.

Answers, tables and pictures only; the runs themselves stay where they are.
"""

import shutil
import sys
from pathlib import Path

KEPT = (".csv", ".txt", ".png")
LEFT = ("codebook.csv",)
MOST = 400_000  # bytes; larger files are not for a repository


def keep(source: Path, target: Path) -> list[Path]:
    """Copy the small files of every study folder in place of those kept before; the copies."""
    chosen = [
        file
        for file in sorted(source.glob("*/*"))
        if file.suffix in KEPT and file.name not in LEFT and file.stat().st_size <= MOST
    ]
    for folder in {file.parent.name for file in chosen}:
        shutil.rmtree(target / folder, ignore_errors=True)
        (target / folder).mkdir(parents=True)
    return [Path(shutil.copyfile(file, target / file.parent.name / file.name)) for file in chosen]


if __name__ == "__main__":
    for path in keep(Path(sys.argv[1]), Path(sys.argv[2])):
        print(path)
