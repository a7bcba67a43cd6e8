"""What goes wrong with a cluster."""

from sim._util import one_line


class ClusterError(RuntimeError):
    """A cluster that cannot be used, or is gone, in one line: the place, what is wrong, what to do."""

    def __init__(self, message: str) -> None:
        super().__init__(one_line(message))
