"""What the shell says when it will not do what was asked."""


class Refusal(Exception):
    """Bad input: the message is one line that names place, value and what is allowed; the exit code is 2."""
