"""Making pages: the templates, and how dates, money and codes are written in them."""

from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from backhaul.domain.money import Money
from web.policies_words import capital, outcome_words

_HERE = Path(__file__).parent
STATIC = _HERE / "static"

_MINUTE, _HOUR, _DAY = 60, 3_600, 86_400
_SEVERAL = 2


def day(value: date | datetime | str) -> str:
    """`Tue 4 Aug 2026`, so that no one has to guess which number is the month."""
    moment = _moment(value)
    return f"{moment:%a} {moment.day} {moment:%b %Y}"


def short_day(value: date | datetime | str) -> str:
    """`Tue 4 Aug`."""
    moment = _moment(value)
    return f"{moment:%a} {moment.day} {moment:%b}"


def clock_time(value: datetime) -> str:
    """`14:05 UTC`."""
    return f"{value:%H:%M} UTC"


def _moment(value: date | datetime | str) -> date:
    return date.fromisoformat(value[:10]) if isinstance(value, str) else value


def span(seconds: float) -> str:
    """A length of time in its largest unit: `3 days`, `5 h`, `12 min`."""
    whole = int(abs(seconds))
    if whole >= _SEVERAL * _DAY:
        return f"{whole // _DAY} days"
    if whole >= _DAY:
        return "1 day"
    if whole >= _HOUR:
        return f"{whole // _HOUR} h"
    return f"{max(1, whole // _MINUTE)} min"


def dollars(minor: int, currency: str = "USD") -> str:
    """An amount as customers write it; another currency shows its code."""
    amount = str(Money(minor, currency)).removesuffix(f" {currency}")
    return f"${amount}" if currency == "USD" else f"{amount} {currency}"


def words(code: object) -> str:
    """A code of a closed list as words: `damaged_in_transit` -> `damaged in transit`."""
    return str(getattr(code, "value", code)).replace("_", " ")


def initials(name: str) -> str:
    """Two letters for a name."""
    parts = name.split()
    return (parts[0][:1] + (parts[-1][:1] if len(parts) > 1 else "")).upper() if parts else "?"


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        day=day,
        short_day=short_day,
        clock_time=clock_time,
        dollars=dollars,
        words=words,
        initials=initials,
        span=span,
        capital=capital,
        outcome=outcome_words,
    )
    return environment


_TEMPLATES = _environment()


def fragment(template: str, context: Mapping[str, Any]) -> str:
    """Part of a page, for pages that fill themselves in."""
    return _TEMPLATES.get_template(template).render(context)


def render(
    request: Request,
    template: str,
    context: Mapping[str, Any],
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> HTMLResponse:
    """A page. What every page shows comes from `request.app.state.common`."""
    common = {"simulated": False, **getattr(request.app.state, "common", {})}
    body = _TEMPLATES.get_template(template).render({**common, "path": request.url.path, **context})
    return HTMLResponse(body, status_code=status, headers=dict(headers or {}))
