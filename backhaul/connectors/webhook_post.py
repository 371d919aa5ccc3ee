"""Handing a message to an address that somebody typed: to public addresses only, and never further than that.

The name is looked up once, every address it has is checked, and the connection goes to one of those: a name
that changes meanwhile leads nowhere else. Redirects are not followed, proxies of the environment not used,
and the body of the answer is not read.
"""

import ipaddress
import socket
import ssl
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from typing import cast
from urllib.parse import SplitResult, urlsplit

from backhaul.domain.errors import BadInput

_TIMEOUT_SECONDS = 10.0
_DEADLINE_SECONDS = 20.0
"""For all of it together: a peer that sends a byte now and then would stay within any timeout"""
_TAKEN = range(200, 300)
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_PORTS = {"https": 443, "http": 80}
GONE = 410
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True, slots=True)
class Answer:
    """What a try came to. `status` is None when there was no answer; `words` are for the record."""

    status: int | None
    words: str

    @property
    def taken(self) -> bool:
        """Whether the receiver has it."""
        return self.status in _TAKEN


def checked_url(url: str, *, demo: bool) -> str:
    """The address of an endpoint.

    Raises:
        BadInput: It is none, not HTTPS outside demo, holds a password, or is a private address outside demo.
    """
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname or "", parts.port
    except ValueError:
        raise BadInput(f"{url!r} is no address", field="url") from None
    if not (url.isascii() and url.isprintable()) or " " in url or not host or parts.fragment:
        raise BadInput(f"{url!r} is no address of a program", field="url")
    if parts.scheme != "https" and not (demo and parts.scheme == "http"):
        raise BadInput("only https:// is told anything", field="url")
    if parts.username is not None or parts.password is not None:
        raise BadInput("an address with a name or password in it ends up in logs", field="url")
    with suppress(ValueError):
        if not _may_reach(ipaddress.ip_address(host), demo=demo):
            raise BadInput(f"{host} is no public address", field="url")
    return url


def post(url: str, headers: Mapping[str, str], body: bytes, *, demo: bool) -> Answer:
    """Hand one message over. Nothing is raised: whatever happens is an answer."""
    try:
        parts = urlsplit(checked_url(url, demo=demo))
        address = _address(parts, demo=demo)
    except BadInput as refused:
        return Answer(None, str(refused))
    except OSError:
        return Answer(None, "its name is not known")
    try:
        return _exchanged(parts, address, headers, body)
    except (OSError, HTTPException) as error:
        return Answer(None, f"no answer ({type(error).__name__})")


def _address(parts: SplitResult, *, demo: bool) -> Address:
    """The first of its addresses; BadInput when any of them may not be reached."""
    port = parts.port or _PORTS[parts.scheme]
    found = socket.getaddrinfo(parts.hostname, port, type=socket.SOCK_STREAM)
    addresses = [ipaddress.ip_address(str(place[0]).partition("%")[0]) for *_, place in found]
    if not all(_may_reach(one, demo=demo) for one in addresses):
        raise BadInput("its name leads to an address that is not public", field="url")
    return addresses[0]


def _may_reach(given: Address, *, demo: bool) -> bool:
    address = _inner(given)
    if address.is_link_local or address.is_multicast or address.is_unspecified:
        return False
    return demo or address.is_global


def _inner(address: Address) -> Address:
    """The IPv4 address that an IPv6 one stands for, if it stands for one."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or (address.teredo or (address, address))[1]


class _Straight(HTTPConnection):
    """A connection to an address that was checked, under the name that was asked for."""

    def __init__(self, parts: SplitResult, address: Address) -> None:
        super().__init__(
            cast("str", parts.hostname), parts.port or _PORTS[parts.scheme], timeout=_TIMEOUT_SECONDS
        )
        self.default_port = _PORTS[parts.scheme]
        self._address = str(address)
        self._trust = ssl.create_default_context() if parts.scheme == "https" else None

    def connect(self) -> None:
        plain = socket.create_connection((self._address, self.port), timeout=self.timeout)
        self.sock = self._trust.wrap_socket(plain, server_hostname=self.host) if self._trust else plain

    def cut(self) -> None:
        """End it, whatever it is at."""
        with suppress(OSError, AttributeError):
            self.sock.shutdown(socket.SHUT_RDWR)


def _exchanged(parts: SplitResult, address: Address, headers: Mapping[str, str], body: bytes) -> Answer:
    connection = _Straight(parts, address)
    end = threading.Timer(_DEADLINE_SECONDS, connection.cut)
    end.daemon = True
    end.start()
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        connection.request("POST", target, body, {**headers, "Content-Type": "application/json"})
        status = connection.getresponse().status
    finally:
        end.cancel()
        connection.close()
    return Answer(status, f"answered {status}")
