"""What a browser is called, so that people know their sessions apart. Nothing is decided by it."""

from fastapi import Request

_LONGEST = 400
_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("Chrom", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)


def browser_of(request: Request) -> str:
    """`Firefox on Linux`; what is not known is not guessed."""
    said = request.headers.get("user-agent", "")[:_LONGEST]
    browser = next((name for mark, name in _BROWSERS if mark in said), "A browser")
    system = next((name for mark, name in _SYSTEMS if mark in said), "")
    return f"{browser} on {system}" if system else browser
