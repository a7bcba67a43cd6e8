"""Parquet tables of which the content is not trusted: what they would become is known before it is made.

A file of some kilobytes may say that it holds a billion rows, one page of two gigabytes, or one long text a million
times.  The footer is read and the headers of all pages are added up before Arrow sees the file.  Tables are flat, of
numbers, truths and texts, which is all that this package writes.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from sim._util.files import Unreadable
from sim._util.thrift import Compact, Fields

ROOM = 256_000_000  # bytes that any table may take, however small its file: a thousand runs of every month
PER_BYTE = 16  # more of them for every byte of the file
MARK = b"PAR1"
LONGEST_FOOTER = 2_000_000  # bytes
MOST_COLUMNS, MOST_GROUPS = 1_000, 2_000
BOOLEAN, INT32, INT64, FLOAT, DOUBLE, TEXT = 0, 1, 2, 4, 5, 6  # types of columns
FLAT = {BOOLEAN, INT32, INT64, FLOAT, DOUBLE, TEXT}
DATA, DICTIONARY, DATA_2 = 0, 2, 3  # types of pages
ABOUT = {DATA: 5, DICTIONARY: 7, DATA_2: 8}  # the field with what there is to know of a page
# plain, plain dictionary, run lengths, dictionary; prefixes that pages share could grow without a bound
ENCODINGS = {0, 2, 3, 8}
VALUE = 8  # bytes of a number
# what a header leads to that holds other things than a header does
WRONG = (AttributeError, LookupError, OSError, OverflowError, RuntimeError, TypeError, ValueError)
TOO_FEW = "the numbers of rows do not agree"


def read_table(content: bytes) -> pa.Table:
    """The table in a Parquet file.  Unreadable where it is none, is damaged, or would need more memory than it may."""
    room = ROOM + PER_BYTE * len(content)
    try:
        names = _texts(_footer(content, room))
        table = _opened(content, read_dictionary=names).read(use_threads=False)
        table.validate(full=True)
        _refuse_texts(table, room)
        return table.cast(_opened(content).schema_arrow)
    except Unreadable:
        raise
    except (pa.ArrowException, *WRONG) as problem:
        raise Unreadable(f"not a readable table ({type(problem).__name__})") from None


def _opened(content: bytes, **options: Any) -> pq.ParquetFile:
    return pq.ParquetFile(pa.BufferReader(content), page_checksum_verification=True, **options)


def _footer(content: bytes, room: int) -> Fields:
    """The footer, after all that it says was found to fit into the room."""
    length = int.from_bytes(content[-8:-4], "little")
    if content[:4] != MARK or content[-4:] != MARK or not 0 < length <= min(LONGEST_FOOTER, len(content) - 12):
        raise Unreadable("not a table in Parquet")
    footer = Compact(content[-8 - length : -8]).struct()
    leaves, groups = footer[2][1:], footer[4]
    if len(leaves) > MOST_COLUMNS or len(groups) > MOST_GROUPS:
        raise Unreadable("more columns or parts than a table of this package has")
    if not 0 <= footer[3] * len(leaves) * VALUE <= room:
        raise Unreadable(_too_much(room))
    for leaf in leaves:
        # no groups of columns, none that repeat
        if leaf.get(5) or leaf.get(3) not in (0, 1) or leaf.get(1) not in FLAT:
            raise Unreadable(f"column {leaf[4][:60].decode(errors='replace')!r} is none of numbers, truths or texts")
    if sum(group[3] for group in groups) != footer[3]:
        raise Unreadable(TOO_FEW)
    for group in groups:
        _refuse_group(content, group, leaves, room)
    return footer


def _texts(footer: Fields) -> list[str]:
    return [leaf[4].decode() for leaf in footer[2][1:] if leaf[1] == TEXT]


def _refuse_group(content: bytes, group: Fields, leaves: list[Fields], room: int) -> None:
    unpacked = 0
    for chunk, leaf in zip(group[1], leaves, strict=True):
        column = chunk[3]
        if chunk.get(1) is not None or column[1] != leaf[1] or column[3] != [leaf[4]]:
            raise Unreadable("a column that is another than the footer says")
        if column[5] != group[3]:
            raise Unreadable(TOO_FEW)
        _refuse_counts(column.get(16, {}), leaf[3])
        unpacked += sum(_pages(content, column))
        if unpacked > room:
            raise Unreadable(_too_much(room))


def _refuse_counts(counts: Fields, optional: int) -> None:
    """Refuse counts of levels that are not one for each level: Arrow ends the process over them."""
    for field, levels in ((2, 1), (3, 1 + optional)):
        if len(counts.get(field, [])) not in (0, levels):
            raise Unreadable("counts that no column has")


def _refuse_texts(table: pa.Table, room: int) -> None:
    """Refuse texts that are short as words and their numbers, and long where they are written out."""
    size = 0
    for column in table.columns:
        for chunk in column.chunks if pa.types.is_dictionary(column.type) else ():
            lengths = pc.binary_length(chunk.dictionary)
            size += pc.sum(lengths.take(chunk.indices)).as_py() or 0
    if size > room:
        raise Unreadable(_too_much(room))


def _too_much(room: int) -> str:
    return f"would take more than {room / 1e6:,.0f} MB of memory"


def _pages(content: bytes, column: Fields) -> Iterator[int]:
    """The bytes that each page of a column unpacks to, page by page as Arrow reads them: until all values were seen."""
    start = min(column[9], column.get(11) or column[9])
    end, seen = start + column[7], 0
    while seen < column[5]:
        if not 0 <= start < min(end, len(content)):
            raise Unreadable("a column ends too early")
        reader = Compact(content, start)
        page = reader.struct()
        kind, unpacked, packed = page[1], page[2], page[3]
        about = page.get(ABOUT.get(kind, -1))
        if about is None or unpacked < 0 or packed < 0:
            raise Unreadable("a page of an unknown kind")
        values, encoding = about[1], about[4 if kind == DATA_2 else 2]
        if values < 0 or encoding not in ENCODINGS:
            raise Unreadable("a page that is written in an unknown way")
        seen += values if kind != DICTIONARY else 0
        start = reader.at + packed
        yield unpacked
