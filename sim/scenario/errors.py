"""Errors of a scenario file."""

from sim._util import one_line


class ScenarioError(ValueError):
    """Bad input, in one line: ``file:line: key: problem; what is allowed; did you mean 'x'?``."""

    def __init__(self, message: str) -> None:
        super().__init__(one_line(message))


class FieldError(Exception):
    """An invalid value, raised by a validator; ``at``: the keys below the validated one."""

    def __init__(self, text: str, *at: str) -> None:
        super().__init__(text)
        self.text = text
        self.at = at
