"""`backhaul chat`: speak for a customer from the terminal. Heavy imports wait until it runs, see main.py."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from backhaul.domain.errors import BadInput
from backhaul.settings import Settings

if TYPE_CHECKING:
    from agent.turns import Turn
    from backhaul.cli.talk import SentFile, Talk

_YES = "Yes"
_MOST_YESES = 3
"""A read-back may be put again after a photo was asked for; more often than that is a loop."""
_BYE = frozenset({"/quit", "/exit"})
_PHOTO = "/photo "

console = Console(highlight=False)


def register(app: typer.Typer) -> None:
    """Add this command to the command line."""
    app.command()(chat)


def chat(
    account: Annotated[str, typer.Option(help="Account to speak for, such as A-1001.")],
    messages: Annotated[list[str] | None, typer.Argument(help="What to say; none opens a prompt.")] = None,
    thread: Annotated[str | None, typer.Option(help="Go on with this conversation.")] = None,
    photo: Annotated[
        list[str] | None, typer.Option(metavar="N:FILE", help="Photo for the N-th line, or just FILE.")
    ] = None,
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Answer every read-back with yes.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a turn.")] = False,
) -> None:
    """Speak for a customer: through the running server, or on your own with a temporary worker.

    At the prompt, /photo N:FILE sends a photo with the next message, and /quit ends.
    """
    from backhaul.cli.talk import open_talk, sent_file

    files = [sent_file(one) for one in photo or ()]
    with open_talk(Settings(), account_id=account, thread_id=thread) as talk:
        speech = _given(messages, files) if messages else _typed(talk, files, as_json=as_json)
        for text, sent in speech:
            _say(talk, text, sent, yes=yes, as_json=as_json)


def _given(messages: list[str], files: "list[SentFile]") -> "Iterator[tuple[str, list[SentFile]]]":
    """The messages of the command line; photos come with the first."""
    for position, text in enumerate(messages):
        yield text, files if position == 0 else []


def _typed(talk: "Talk", files: "list[SentFile]", *, as_json: bool) -> "Iterator[tuple[str, list[SentFile]]]":
    """Messages from the prompt until it is closed."""
    from backhaul.cli.talk import sent_file

    waiting = list(files)
    while True:
        for turn in talk.news():
            _show(talk, turn, as_json=as_json)
        try:
            text = console.input("" if as_json else "[bold]You[/]  ").strip()
        except (EOFError, KeyboardInterrupt):
            return
        if text in _BYE:
            return
        if text.startswith(_PHOTO):
            try:
                waiting.append(sent_file(text.removeprefix(_PHOTO).strip()))
            except BadInput as problem:
                console.print(str(problem), markup=False, style="red")
        elif text:
            yield text, waiting
            waiting = []


def _say(talk: "Talk", text: str, files: "list[SentFile]", *, yes: bool, as_json: bool) -> None:
    outcome = _turns(talk, text, files, as_json=as_json)
    for _ in range(_MOST_YESES):
        if not (yes and outcome == "consent"):
            return
        outcome = _turns(talk, _YES, [], as_json=as_json)


def _turns(talk: "Talk", text: str, files: "list[SentFile]", *, as_json: bool) -> str:
    """Say it and show what comes back; the last outcome."""
    outcome = ""
    with Console(stderr=True).status("..."):
        turns = list(talk.say(text, files))
    for turn in turns:
        _show(talk, turn, as_json=as_json)
        outcome = turn.outcome
    return outcome


def _show(talk: "Talk", turn: "Turn", *, as_json: bool) -> None:
    from backhaul.cli.turns import as_json as json_of
    from backhaul.cli.turns import show

    if as_json:
        typer.echo(json_of(turn, talk.prints))
    else:
        show(console, turn, talk.prints)
