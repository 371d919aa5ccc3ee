"""The command `backhaul`, put together.

Every command imports what it needs when it runs, not before: `backhaul --help` must not wait for the agent,
its model and the databases. That is why imports stand inside functions in this room, and in this room alone.
"""

from contextlib import suppress
from typing import Any

import typer
from pydantic import ValidationError
from rich.console import Console
from typer.core import TyperGroup

from backhaul.cli import (
    audit,
    autonomy,
    backup,
    case,
    chaos,
    chat,
    claims,
    classify,
    evaluating,
    intake,
    key,
    leaks,
    policy,
    privacy,
    propose,
    reader,
    reconcile,
    release,
    serve,
    simulate,
    stuck,
    user,
    webhook,
)
from backhaul.domain.errors import BackhaulError
from backhaul.settings import Settings

_CANNOT = 2


class CarefulGroup(TyperGroup):
    """Says in one line what could not be done; people at a terminal have no use for a stack trace."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command; what Backhaul refuses ends with status 2."""
        try:
            return super().invoke(ctx)
        except BackhaulError as error:
            complain(str(error))
        except ValidationError as error:
            if error.title != "Settings":
                raise
            for problem in error.errors():
                complain(f"setting {_variable(str(problem['loc'][0]))}: {_plain(problem['msg'])}")
        raise typer.Exit(_CANNOT)


def _variable(field: str) -> str:
    """The environment variable behind a setting; one that is known by another name keeps it."""
    return (
        f"{Settings.model_config.get('env_prefix', '')}{field}".upper()
        if field in Settings.model_fields
        else field
    )


def _plain(message: str) -> str:
    return message.removeprefix("Value error, ")


def complain(words: str) -> None:
    """One line on stderr."""
    Console(stderr=True, highlight=False, soft_wrap=True, emoji=False).print(
        f"backhaul: {words}", markup=False
    )


app = typer.Typer(
    name="backhaul",
    help="Returns desk for distributors: start it, talk for a customer, decide, look after it.",
    cls=CarefulGroup,
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,
)


@app.callback()
def mark() -> None:
    """Say of a simulated home that it is one, whatever is asked of it."""
    with suppress(ValidationError):  # a wrong setting is told by the command that needs it
        if Settings().simulated_mark.exists():
            complain("this home is simulated; nothing in it is real")


for room in (
    serve,
    chat,
    propose,
    case,
    intake,
    claims,
    policy,
    release,
    reader,
    classify,
    evaluating,
    user,
    key,
    privacy,
    webhook,
    backup,
    audit,
    autonomy,
    leaks,
    stuck,
    reconcile,
    chaos,
    simulate,
):
    room.register(app)

if __name__ == "__main__":
    app()
