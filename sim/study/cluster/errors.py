"""What goes wrong with a cluster."""


class ClusterError(RuntimeError):
    """A cluster that cannot be used, or is gone, in one line: the place, what is wrong, what to do."""
