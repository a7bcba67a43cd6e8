"""Parquet tables from files that somebody else may have written.

The metadata that pyarrow reads is held against limits before any page is; what is damaged or contradicts itself is
refused through pyarrow's own errors.  Tables are flat, of numbers, truth values and
texts: all that this package writes.
"""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from sim._util.files import Unreadable

ROOM = 256_000_000  # bytes that any table may take, however small its file: a thousand runs of every month
PER_BYTE = 16  # more of them for every byte of the file
MOST_COLUMNS, MOST_GROUPS = 1_000, 2_000
LONGEST_FOOTER_TEXT, LONGEST_FOOTER_LIST = 2_000_000, 100_000  # bytes, items
# prefixes that pages share could grow without a bound
ENCODINGS = {"PLAIN", "PLAIN_DICTIONARY", "RLE_DICTIONARY", "RLE", "BIT_PACKED"}
VALUE = 8  # bytes of a number
# pyarrow's errors are of all these kinds
DAMAGED = (pa.ArrowException, ArithmeticError, LookupError, MemoryError, OSError, RuntimeError, TypeError, ValueError)


def read_table(content: bytes) -> pa.Table:
    """The table in a Parquet file.  Unreadable where it is none, is damaged, or would need more memory than allowed."""
    room = ROOM + PER_BYTE * len(content)
    try:
        opened = _open(content)
        schema = opened.schema_arrow
        _check_size(opened.metadata, room)
        _check_columns(opened)
        # read as dictionaries, texts that repeat take no memory until their lengths are known
        texts = [field.name for field in schema if _is_text(field.type)]
        table = _open(content, read_dictionary=texts).read(use_threads=False)
        table.validate(full=True)
        if _length_of_texts(table) > room:
            raise Unreadable(_too_large(room))
        return table.cast(schema)
    except Unreadable:
        raise
    except DAMAGED as problem:
        raise Unreadable(f"not a readable table ({type(problem).__name__})") from None


def _open(content: bytes, **options: Any) -> pq.ParquetFile:
    return pq.ParquetFile(
        pa.BufferReader(content),
        page_checksum_verification=True,
        thrift_string_size_limit=LONGEST_FOOTER_TEXT,
        thrift_container_size_limit=LONGEST_FOOTER_LIST,
        **options,
    )


def _check_size(metadata: pq.FileMetaData, room: int) -> None:
    """Unreadable for too many columns, row groups, rows or bytes."""
    if metadata.num_columns > MOST_COLUMNS or metadata.num_row_groups > MOST_GROUPS:
        raise Unreadable("more columns or row groups than a table of this package has")
    unpacked = sum(metadata.row_group(number).total_byte_size for number in range(metadata.num_row_groups))
    if not 0 <= max(unpacked, metadata.num_rows * metadata.num_columns * VALUE) <= room:
        raise Unreadable(_too_large(room))


def _check_columns(opened: pq.ParquetFile) -> None:
    """Unreadable for types and encodings that this package does not write."""
    for field in opened.schema_arrow:
        kind = field.type.value_type if pa.types.is_dictionary(field.type) else field.type
        if not (_is_text(kind) or pa.types.is_primitive(kind)):
            raise Unreadable(f"column {field.name[:60]!r} is none of numbers, truth values or texts")
    for number in range(opened.metadata.num_row_groups):
        # the metadata of a damaged column ends the process where it is asked for first; reading a row raises instead
        next(opened.iter_batches(batch_size=1, row_groups=[number], use_threads=False), None)
        group = opened.metadata.row_group(number)
        encodings = [group.column(place).encodings for place in range(group.num_columns)]
        if any(not ENCODINGS.issuperset(used) for used in encodings):
            raise Unreadable("an encoding that this package does not write")


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _length_of_texts(table: pa.Table) -> int:
    """Bytes of all texts written out."""
    size = 0
    for column in table.columns:
        for chunk in column.chunks if pa.types.is_dictionary(column.type) else ():
            lengths = pc.binary_length(chunk.dictionary)
            size += pc.sum(lengths.take(chunk.indices)).as_py() or 0
    return size


def _too_large(room: int) -> str:
    return f"would take more than {room / 1e6:,.0f} MB of memory"
