"""What a scenario says when it is wrong."""

from sim._util import one_line


class ScenarioError(ValueError):
    """Bad input, in one line: ``file:line: key: problem; what is allowed; did you mean 'x'?``."""

    def __init__(self, message: str) -> None:
        super().__init__(one_line(message))


class Bad(Exception):
    """A value that cannot stand; ``at`` are the keys below the place where it was found."""

    def __init__(self, text: str, *at: str) -> None:
        super().__init__(text)
        self.text = text
        self.at = at
