"""What can go wrong in calibration, as one clear error."""

from __future__ import annotations


class CalibrationError(ValueError):
    """Calibration that cannot go on; the message says what was expected and what was found."""


class RowFailed(CalibrationError):
    """One row of a reference table could not be simulated; the message names its number, which repeats it."""

    def __init__(self, number: int, reason: str) -> None:
        super().__init__(number, reason)  # both are arguments, so that the error survives the way between processes
        self.number, self.reason = number, reason

    def __str__(self) -> str:
        return f"row {self.number}: {self.reason}"
