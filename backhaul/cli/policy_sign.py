"""`policy sign`: a name under a document, bound to what decides in it."""

from pathlib import Path

from rich.console import Console

from backhaul.cli.policy_books import day as day_of
from backhaul.domain.errors import BadInput
from policies.model import Owner
from policies.signing import digest_to_sign, signed
from policies.source import decoded, parse


def sign(console: Console, file: Path, *, owner: str, by: str, day: str | None) -> None:
    """Write the signature into the file, in place of the owner's former one.

    Raises:
        BadInput: There is no such file or owner, no name, or no such day.
        PolicyError: The file is no policy or overlay.
    """
    if not file.is_file():
        raise BadInput(f"{file} is no file; name an edition or an overlay (*.yaml)")
    if owner not in set(Owner):
        raise BadInput(f"{owner!r} is no owner; write one of {', '.join(Owner)}", field="owner")
    text = decoded(file.name, file.read_bytes())
    made = signed(file.name, text, owner=Owner(owner), by=by, day=day_of(day, option="day"))
    file.write_bytes(made.encode())
    digest = digest_to_sign(parse(file.name, made))
    console.print(f"{file.name} is signed for {owner} by {by.strip()}; digest {digest[:12]}", markup=False)
