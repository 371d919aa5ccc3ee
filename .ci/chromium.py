"""Finds a Chromium for the browser tests, or installs one, then runs the command given to it.

Usage: `python .ci/chromium.py COMMAND ...`. The command sees the path in BACKHAUL_CHROMIUM. Looked for in
this order: BACKHAUL_CHROMIUM, a browser on PATH, Playwright's own; then `playwright install chromium`; then,
as root on Debian or Ubuntu, the package of the distribution.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def on_path() -> str | None:
    """The first browser on PATH."""
    return next((found for name in NAMES if (found := shutil.which(name))), None)


def playwrights_own() -> str | None:
    """The browser that Playwright downloaded earlier, if it did."""
    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).exists() else None


def downloaded() -> str | None:
    """Playwright's browser, downloaded now."""
    subprocess.run((sys.executable, "-m", "playwright", "install", "chromium"), check=False)
    return playwrights_own()


def packaged() -> str | None:
    """The distribution's browser, installed now; only root may."""
    apt = shutil.which("apt-get")
    if apt is None or os.geteuid() != 0:
        return None
    subprocess.run((apt, "update", "-qq"), check=False)
    subprocess.run((apt, "install", "-y", "-qq", "--no-install-recommends", "chromium"), check=False)
    return on_path()


def chromium() -> str | None:
    """The path of a Chromium, or None if there is none to be had."""
    named = os.environ.get("BACKHAUL_CHROMIUM")
    if named:
        return named if Path(named).exists() else None
    ways: tuple[Callable[[], str | None], ...] = (on_path, playwrights_own, downloaded, packaged)
    return next((found for way in ways if (found := way())), None)


def main(command: list[str]) -> int:
    """Runs the command with a browser in its environment; its exit code is the answer."""
    path = chromium()
    if path is None:
        sys.stderr.write(
            "No Chromium for the browser tests. Install chromium or google-chrome, or run"
            " `.venv/bin/python -m playwright install chromium`, or set BACKHAUL_CHROMIUM to its path.\n"
        )
        return 1
    return subprocess.run(command, env={**os.environ, "BACKHAUL_CHROMIUM": path}, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
