"""What `make release` does: build twice and compare, look inside, try the wheel where nothing else is, list, sum up."""


class ReleaseError(Exception):
    """Why there is no release: one line."""
