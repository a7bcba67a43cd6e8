"""Reading what somebody else may have written: regular files alone, never more of them than asked, nothing executed."""

from sim._util.files import Unreadable, is_file, is_folder, read_bytes, read_json, replace
from sim._util.text import one_line, trick

__all__ = ["Unreadable", "is_file", "is_folder", "one_line", "read_bytes", "read_json", "replace", "trick"]
