"""Parquet tables of which the content is not trusted: what they would become is known before it is made.

A file of some kilobytes may say that it holds a billion rows, one page of two gigabytes, or one long text a million
times.  The headers of all pages are added up first.  Tables are flat, of numbers, truths and texts, which is all that
this package writes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from sim.bounded.files import Unreadable

ROOM = 256_000_000  # bytes that any table may take, however small its file: a thousand runs of every month
PER_BYTE = 16  # more of them for every byte of the file
MOST_COLUMNS, MOST_GROUPS = 500, 2_000
LONGEST_HEADER = 20_000_000  # bytes of texts in the footer
MOST_LISTED = 1_000_000  # entries of lists in the footer
FLAT = {"BOOLEAN", "INT32", "INT64", "FLOAT", "DOUBLE", "BYTE_ARRAY"}
DATA, DICTIONARY, DATA_2 = 0, 2, 3  # types of pages
# plain, plain dictionary, run lengths, dictionary; prefixes that pages share could grow without a bound
ENCODINGS = {0, 2, 3, 8}
VALUE = 8  # bytes of a number


def read_table(content: bytes) -> pa.Table:
    """The table in a Parquet file.  Unreadable where it is none, is damaged, or would need more memory than it may."""
    try:
        return _checked(content, _room(content))
    except (pa.ArrowException, OSError, ValueError, TypeError, IndexError, KeyError, OverflowError) as problem:
        if isinstance(problem, Unreadable):
            raise
        raise Unreadable(f"not a readable table ({type(problem).__name__})") from None


def _room(content: bytes) -> int:
    return ROOM + PER_BYTE * len(content)


def _checked(content: bytes, room: int) -> pa.Table:
    about = _opened(content)
    _refuse_shape(about.metadata, room)
    _refuse_pages(content, about.metadata, room)
    texts = [about.metadata.schema.column(n).name for n in range(about.metadata.num_columns) if _is_text(about, n)]
    table = _opened(content, read_dictionary=texts).read(use_threads=False)
    table.validate(full=True)
    _refuse_texts(table, room)
    return table.cast(about.schema_arrow)


def _opened(content: bytes, **options: Any) -> pq.ParquetFile:
    return pq.ParquetFile(
        pa.BufferReader(content), page_checksum_verification=True, thrift_string_size_limit=LONGEST_HEADER,
        thrift_container_size_limit=MOST_LISTED, **options,
    )  # fmt: skip


def _is_text(about: pq.ParquetFile, number: int) -> bool:
    return bool(about.metadata.schema.column(number).physical_type == "BYTE_ARRAY")


def _refuse_shape(metadata: pq.FileMetaData, room: int) -> None:
    if metadata.num_columns > MOST_COLUMNS or metadata.num_row_groups > MOST_GROUPS:
        raise Unreadable("more columns or parts than a table of this package has")
    if not 0 <= metadata.num_rows * metadata.num_columns * VALUE <= room:
        raise Unreadable(_too_much(room))
    for column in (metadata.schema.column(number) for number in range(metadata.num_columns)):
        if column.max_repetition_level or column.max_definition_level > 1 or column.physical_type not in FLAT:
            raise Unreadable(f"column {column.path[:60]!r} is no column of numbers, truths or texts")
    if sum(metadata.row_group(group).num_rows for group in range(metadata.num_row_groups)) != metadata.num_rows:
        raise Unreadable("the numbers of rows do not agree")


def _refuse_pages(content: bytes, metadata: pq.FileMetaData, room: int) -> None:
    unpacked = 0
    for group in (metadata.row_group(number) for number in range(metadata.num_row_groups)):
        for column in (group.column(number) for number in range(group.num_columns)):
            if column.num_values != group.num_rows:
                raise Unreadable("the numbers of rows do not agree")
            unpacked += sum(page.unpacked for page in _pages(content, column))
            if unpacked > room:
                raise Unreadable(_too_much(room))


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


@dataclass(frozen=True)
class _Page:
    values: int
    unpacked: int  # bytes


def _pages(content: bytes, column: Any) -> Iterator[_Page]:
    """The pages of a column of a row group, as Arrow would read them: until all values were seen."""
    start = column.data_page_offset
    if column.dictionary_page_offset:
        start = min(start, column.dictionary_page_offset)
    end, seen = start + column.total_compressed_size, 0
    while seen < column.num_values:
        if not 0 <= start < min(end, len(content)):
            raise Unreadable("a column ends too early")
        header, start = _Thrift(content, start).struct()
        kind, unpacked, packed = (header.get(field, -1) for field in (1, 2, 3))
        about = header.get({DATA: 5, DICTIONARY: 7, DATA_2: 8}.get(kind, -1))
        if not isinstance(about, dict) or unpacked < 0 or packed < 0:
            raise Unreadable("a page of an unknown kind")
        values, encoding = about.get(1, -1), about.get(4 if kind == DATA_2 else 2, -1)
        if values < 0 or encoding not in ENCODINGS:
            raise Unreadable("a page that is written in an unknown way")
        seen += values if kind != DICTIONARY else 0
        start += packed
        yield _Page(values, unpacked)


class _Thrift:
    """Thrift's compact protocol, as far as headers of pages need it."""

    DEEPEST = 8

    def __init__(self, content: bytes, at: int) -> None:
        self._content, self._at = content, at

    def struct(self, depth: int = 0) -> tuple[dict[int, Any], int]:
        """Field number -> value of the struct that begins here, and where it ends.  IndexError where it is cut."""
        if depth > self.DEEPEST:
            raise Unreadable("a header that nests too deep")
        fields: dict[int, Any] = {}
        number = 0
        while head := self._byte():
            step, kind = head >> 4, head & 15
            number = number + step if step else self._signed()
            fields[number] = self._value(kind, depth)
        return fields, self._at

    def _value(self, kind: int, depth: int) -> Any:
        match kind:
            case 1 | 2:
                return kind == 1
            case 3:
                return self._byte()
            case 4 | 5 | 6:
                return self._signed()
            case 8:  # bytes: smallest and largest values
                return self._skip(self._unsigned())
            case 12:
                return self.struct(depth + 1)[0]
        raise Unreadable("a header of an unknown kind")

    def _byte(self) -> int:
        self._at += 1
        return self._content[self._at - 1]

    def _skip(self, length: int) -> None:
        self._at += length

    def _unsigned(self) -> int:
        value = 0
        for shift in range(0, 70, 7):
            byte = self._byte()
            value |= (byte & 127) << shift
            if byte < 128:
                return value
        raise Unreadable("a header of an unknown kind")

    def _signed(self) -> int:
        value = self._unsigned()
        return (value >> 1) ^ -(value & 1)
