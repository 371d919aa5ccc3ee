"""What cannot be taken in: what is wrong, where, and what to do about it."""

from backhaul.domain.errors import BadInput


class UnusableFile(BadInput):
    """Nothing of the file can be taken in: it cannot be read, or does not say what is in which column."""

    code = "unusable_file"


class BadRow(BadInput):
    """One row cannot be taken in. `field` is the field at fault, `to_do` what mends it."""

    code = "bad_row"

    def __init__(self, message: str, *, field: str, to_do: str) -> None:
        super().__init__(message, field=field)
        self.to_do = to_do
