"""Thrift's compact protocol, as far as the headers of Parquet files need it: whole numbers, truths, lists, structs.

Read here because Arrow ends the whole process over some footers that contradict themselves.
"""

from __future__ import annotations

import struct
from typing import Any

from sim._util.files import Unreadable

DEEPEST = 10
MOST = 500_000  # fields and items: what takes a second to read
Fields = dict[int, Any]


class Compact:
    """A reader of structs, which stands at a place in some bytes."""

    def __init__(self, content: bytes, at: int = 0) -> None:
        self._content = content
        self._read = 0
        self.at = at

    def struct(self, depth: int = 0) -> Fields:
        """Field number -> value of the struct that begins here: int, bool, float, bytes, list or Fields.

        IndexError where it is cut, Unreadable where it is none.
        """
        if depth > DEEPEST:
            raise Unreadable("a header that nests too deep")
        fields: Fields = {}
        number = 0
        while head := self._byte():
            number = number + (head >> 4) if head >> 4 else self._signed()
            kind = head & 15
            fields[number] = kind == 1 if kind in (1, 2) else self._value(kind, depth)
        return fields

    def _value(self, kind: int, depth: int) -> Any:
        self._read += 1
        if self._read > MOST:
            raise Unreadable("a header that is too long")
        if kind in (4, 5, 6):
            return self._signed()
        if kind == 8:
            return self._bytes(self._unsigned())
        if kind == 12:
            return self.struct(depth + 1)
        if kind in (9, 10):
            return self._list(depth)
        if kind in (1, 2, 3):  # a truth in a list takes a byte, as any small number
            return self._byte()
        if kind == 7:
            return struct.unpack("<d", self._bytes(8))[0]
        raise Unreadable("a header of an unknown kind")

    def _list(self, depth: int) -> list[Any]:
        head = self._byte()
        length = head >> 4 if head >> 4 < 15 else self._unsigned()
        if length > len(self._content) - self.at:
            raise Unreadable("a list that is longer than its file")
        return [self._value(head & 15, depth + 1) for _ in range(length)]

    def _byte(self) -> int:
        self.at += 1
        return self._content[self.at - 1]

    def _bytes(self, length: int) -> bytes:
        start, self.at = self.at, self.at + length
        if self.at > len(self._content):
            raise Unreadable("a text that is longer than its file")
        return self._content[start : self.at]

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
