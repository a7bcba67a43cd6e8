"""What is wrong with a mission pack."""

from sim._util import one_line


class MissionError(ValueError):
    """Bad facts, in one line: ``file:line: column: problem; what is allowed; did you mean 'x'?``."""

    def __init__(self, message: str) -> None:
        super().__init__(one_line(message))
