"""What the shell says when it will not do what was asked."""

from sim._util import one_line


class Refusal(Exception):
    """Bad input: the message is one line that names place, value and what is allowed; the exit code is 2."""

    def __init__(self, message: str) -> None:
        super().__init__(one_line(" ".join(message.split())))
