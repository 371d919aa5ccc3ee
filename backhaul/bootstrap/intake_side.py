"""What takes notes in: the web side's desk, with its reader. Importing this takes seconds."""

from backhaul.bootstrap.agent_side import build_reader
from backhaul.bootstrap.doors import WebSide
from backhaul.bootstrap.teaching import HeadsInUse
from backhaul.intake.accounts import Accounts
from backhaul.intake.notes import NotesIntake
from backhaul.intake.open_rmas import OpenRmasIntake


def notes_intake(side: WebSide, *, actor: str) -> NotesIntake:
    """Takes service notes in for whoever runs the command line."""
    heads = HeadsInUse(side.settings, side.desk.store)
    return NotesIntake(side.desk, build_reader(side.settings, heads), actor, Accounts(side.desk.erp))


def open_rmas_intake(side: WebSide, *, actor: str) -> OpenRmasIntake:
    """Takes open RMAs of elsewhere in; that needs no reader."""
    return OpenRmasIntake(side.desk, actor, Accounts(side.desk.erp))
