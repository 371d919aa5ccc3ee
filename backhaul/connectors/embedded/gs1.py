"""Numbers on a label: GS1 check digit, SSCC-18, element strings, and the embedded carrier's tracking number.

Source: GS1 General Specifications: check digit calculation, AI (00) SSCC, AI (402) GSIN, AI (420) ship-to
postal code.
"""

import re

from backhaul.domain.errors import BadInput

DEMO_COMPANY_PREFIX = "9520001"
"""A prefix under 952, which GS1 keeps for demonstrations: it can never belong to a real company."""

_SSCC_DIGITS = 18
_PREFIX_DIGITS = range(4, 13)
_TRACKING_HEAD = "BHL"
_TRACKING_DIGITS = 10
_TRACKING = re.compile(rf"{_TRACKING_HEAD}[0-9]{{{_TRACKING_DIGITS + 1}}}")
_VALUE_OF = {
    "00": re.compile(r"[0-9]{18}"),
    "402": re.compile(r"[0-9]{17}"),
    "420": re.compile(r"[0-9A-Z]{1,20}"),
}
"""The application identifiers a parcel or pallet needs, and what may stand behind each."""
_SHIPMENT_DIGITS = 17


def check_digit(digits: str) -> int:
    """The GS1 modulo-10 check digit: from the right, every other digit counts three times.

    One wrong digit is always found; a swap of neighbours is found unless they differ by five.
    """
    if not re.fullmatch(r"[0-9]+", digits):
        raise BadInput(f"a check digit needs digits only, not {digits!r}", field="digits")
    weighted = (int(digit) * (1 if place % 2 else 3) for place, digit in enumerate(reversed(digits)))
    return -sum(weighted) % 10


def sscc(serial: int, *, company_prefix: str = DEMO_COMPANY_PREFIX, extension: int = 0) -> str:
    """The 18 digits of one parcel: extension digit, company prefix, serial reference, check digit.

    GS1 forbids using a serial again within a year of the shipment. BadInput when it does not fit behind
    the prefix.
    """
    if not (company_prefix.isascii() and company_prefix.isdigit() and len(company_prefix) in _PREFIX_DIGITS):
        raise BadInput(
            f"a GS1 company prefix has 4 to 12 digits, not {company_prefix!r}", field="company_prefix"
        )
    if extension not in range(10):
        raise BadInput(f"the extension of an SSCC is one digit, not {extension}", field="extension")
    room = _SSCC_DIGITS - 2 - len(company_prefix)
    if not 0 <= serial < 10**room:
        raise BadInput(f"serial {serial} does not fit in {room} digits behind the prefix", field="serial")
    body = f"{extension}{company_prefix}{serial:0{room}d}"
    return f"{body}{check_digit(body)}"


def shipment_number(serial: int, *, company_prefix: str = DEMO_COMPANY_PREFIX) -> str:
    """The 17 digits of a bill of lading, a GSIN: company prefix, shipper's reference, check digit."""
    room = _SHIPMENT_DIGITS - 1 - len(company_prefix)
    if not 0 <= serial < 10**room:
        raise BadInput(f"serial {serial} does not fit behind {company_prefix}", field="serial")
    body = f"{company_prefix}{serial:0{room}d}"
    return f"{body}{check_digit(body)}"


def is_sscc(text: str) -> bool:
    """Whether these are 18 digits with the right check digit."""
    return bool(_VALUE_OF["00"].fullmatch(text)) and check_digit(text[:-1]) == int(text[-1])


def tracking_number(serial: int) -> str:
    """The embedded carrier's number for a parcel: `BHL`, ten digits, and their GS1 check digit."""
    if not 0 <= serial < 10**_TRACKING_DIGITS:
        raise BadInput(f"serial {serial} does not fit in {_TRACKING_DIGITS} digits", field="serial")
    body = f"{serial:0{_TRACKING_DIGITS}d}"
    return f"{_TRACKING_HEAD}{body}{check_digit(body)}"


def is_tracking_number(text: str) -> bool:
    """Whether this could have come from `tracking_number`: form and check digit."""
    return bool(_TRACKING.fullmatch(text)) and check_digit(text[len(_TRACKING_HEAD) : -1]) == int(text[-1])


def element_string(identifier: str, value: str) -> str:
    """`(00)…` or `(420)…` as people read it; BadInput when the value does not suit the identifier.

    A postal code is taken without its spaces and hyphens, as AI 420 wants it.
    """
    if identifier not in _VALUE_OF:
        raise BadInput(f"no label carries application identifier ({identifier})", field="identifier")
    bare = re.sub(r"[\s-]", "", value).upper()
    if not _VALUE_OF[identifier].fullmatch(bare):
        raise BadInput(f"({identifier}) cannot carry {value!r}", field="value")
    if identifier == "00" and not is_sscc(bare):
        raise BadInput(f"{value!r} has a wrong check digit", field="value")
    return f"({identifier}){bare}"
