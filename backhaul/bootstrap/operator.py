"""The operator's key: who may read the home's files may speak for a customer, on record."""

import getpass
import hashlib
import hmac
import os
import re

from pydantic import SecretStr

from backhaul.bootstrap.home_keys import ensure_key, read_key
from backhaul.domain.audit import Tag
from backhaul.domain.errors import NotAllowed, NotFound
from backhaul.settings import Settings
from backhaul.store import conversation
from backhaul.store.conversation import Speaker
from tools.desk import Desk

KEY_FILE = "operator.key"
_NOT_IN_A_NAME = re.compile(r"[^\w.@-]")


def ensure_operator_key(settings: Settings) -> SecretStr:
    """The key of this home, made at the first call; two processes that make it at once get the same one.

    Raises:
        NotAllowed: Others may read the file, so it proves nothing.
    """
    return ensure_key(settings, KEY_FILE, _cure(settings))


def operator_key(settings: Settings) -> SecretStr:
    """The key for somebody at the terminal: demo makes one, production must have one.

    Raises:
        NotAllowed: There is none, and this is no demo.
    """
    if settings.demo:
        return ensure_operator_key(settings)
    path = settings.home / KEY_FILE
    if not os.access(path, os.R_OK):
        raise NotAllowed(
            f"speaking for customers needs the operator key {path}, which you cannot read; it is made when "
            "`backhaul web` first starts, and belongs to the user who started it"
        )
    return read_key(path, _cure(settings))


def _cure(settings: Settings) -> str:
    return f"run `chmod 600 {settings.home / KEY_FILE}`, or remove it and restart the doors"


def home_proof(key: SecretStr, nonce: str) -> str:
    """Shows that a process holds the key of this home, without showing the key."""
    return hmac.new(key.get_secret_value().encode(), f"home:{nonce}".encode(), hashlib.sha256).hexdigest()


def operator_name() -> str:
    """The login name of whoever sits at the terminal, for the audit log."""
    try:
        name = getpass.getuser()
    except (KeyError, OSError):  # a container may run as a user id without a name
        name = str(os.getuid())
    return _NOT_IN_A_NAME.sub("-", name)


def speak_for(desk: Desk, *, account_id: str, user: str, thread_id: str | None) -> str:
    """Open a conversation for an account, or go on with one of its own; audited. Returns its id.

    Raises:
        NotFound: There is no such account, or the conversation is not the account's.
    """
    account = desk.erp.account(account_id)
    if account is None:
        raise NotFound("account", account_id)
    requested_by = speaks_as(user, account_id)
    with desk.store.begin() as uow:
        if thread_id is None:
            speaker = Speaker(account_id, account.name, requested_by)
            thread_id = conversation.open_thread(uow, desk.ids, speaker, channel="cli").id
        elif conversation.thread(uow, thread_id).account_id != account_id:
            raise NotFound("conversation", thread_id)
        uow.record(Tag.OPERATOR_SPOKE, actor=requested_by, subject=thread_id)
    return thread_id


def speaks_as(user: str, account_id: str) -> str:
    """How an operator who speaks for an account stands in the records."""
    return f"cli:{user} for {account_id}"
