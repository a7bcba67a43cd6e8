"""Reading what somebody else may have written: regular files alone, never more of them than asked, nothing executed."""

from sim.bounded.files import Unreadable, is_file, is_folder, read_bytes, read_json, replace
from sim.bounded.text import one_line, trick

__all__ = ["Unreadable", "is_file", "is_folder", "one_line", "read_bytes", "read_json", "replace", "trick"]
