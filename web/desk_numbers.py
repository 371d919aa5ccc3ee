"""The counters that the desk keeps up."""

from typing import Annotated

from fastapi import Depends, Request

from web.numbers import Numbers


def numbers_of(request: Request) -> Numbers:
    """The counters of this application."""
    numbers: Numbers = request.app.state.numbers
    return numbers


NumbersHere = Annotated[Numbers, Depends(numbers_of)]
