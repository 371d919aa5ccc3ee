"""Starting the house: both processes, one of them, the tables, the demo distributor.

Imports stand inside the commands: `backhaul --help` must not wait for the agent and its libraries.
"""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from typing import Annotated

import typer
from rich.console import Console

from backhaul.settings import Settings

console = Console(highlight=False)
_FIRST_PAGE_SECONDS = 60
_RESTART_PAUSE_SECONDS = 1.0
_GRACE_SECONDS = 12


def register(app: typer.Typer) -> None:
    """Add these commands to the command line."""
    for command in (up, web, worker, migrate, seed):
        app.command()(command)


def migrate() -> None:
    """Create or upgrade all tables. Run it once before a new version starts."""
    from backhaul.bootstrap.setup import bring_up_to_date

    settings = Settings()
    bring_up_to_date(settings)
    console.print(
        f"tables are up to date ({'PostgreSQL' if settings.database_url else settings.sqlite_path})"
    )


def seed() -> None:
    """Fill the embedded systems with the demo distributor, once; only in demo."""
    from backhaul.bootstrap.outside import erp_reads
    from backhaul.bootstrap.setup import ensure_ready

    settings = Settings()
    done = ensure_ready(settings)
    accounts = len(erp_reads(settings).accounts())
    console.print(_seeded(settings, accounts, now=done), soft_wrap=True)


def _seeded(settings: Settings, accounts: int, *, now: bool) -> str:
    """What was done and what not, and what to do next."""
    home = settings.home
    if now:
        return f"demo distributor seeded in {home}: {accounts} accounts. Next: backhaul up"
    if not settings.demo:
        return (
            f"The tables and the embedded systems in {home} are there, with {accounts} accounts. No demo "
            "distributor was put in, because BACKHAUL_DEMO is off.\n"
            "Next: backhaul user add, then backhaul worker and backhaul web. For the demo instead, run "
            "backhaul seed with BACKHAUL_DEMO=1 and another BACKHAUL_HOME."
        )
    if accounts == 0:
        return (
            f"Nothing was put in: the embedded ERP in {home} was made without the demo distributor and is "
            "empty.\nNext: name another BACKHAUL_HOME, which may be missing, and run backhaul seed again."
        )
    return f"Nothing to do: {home} is seeded already, with {accounts} accounts. Next: backhaul up"


def worker(
    *,
    stages: Annotated[
        bool, typer.Option("--stages", help="First bring the demo's returns into their stages; only in demo.")
    ] = False,
) -> None:
    """Run guard, gateway and workflows until stopped."""
    from backhaul.bootstrap.doors import silence_telemetry
    from backhaul.bootstrap.readiness import check_ready
    from backhaul.bootstrap.worker import run_worker

    silence_telemetry()
    settings = Settings()
    check_ready(settings)
    if stages and settings.demo:
        _bring_into_stages(settings)
    run_worker(settings)
    # The reader may still be loading in the background: its native libraries abort a process that ends in the
    # ordinary way meanwhile. Everything of ours is closed.
    sys.stdout.flush()
    os._exit(0)


def _bring_into_stages(settings: Settings) -> None:
    """A worker that works in the meantime would act on days that are over for it: this comes before."""
    from backhaul.bootstrap import stores
    from backhaul.domain.errors import PolicyError
    from backhaul.simulation.stages import bring_into_stages

    store = stores.open_store(settings)
    try:
        bring_into_stages(settings, store.clock)
    except PolicyError as fault:
        console.print(f"no returns were staged: {fault}", markup=False)
    finally:
        store.close()


def web() -> None:
    """Run the doors: chat, desk and start page, until stopped."""
    from backhaul.bootstrap.doors import silence_telemetry

    silence_telemetry()
    import uvicorn

    from backhaul.bootstrap.readiness import check_ready
    from backhaul.cli.doors import build_app

    settings = Settings()
    check_ready(settings, web=True)
    uvicorn.run(
        build_app(settings),
        host=settings.host,
        port=settings.port,
        log_level="warning",
        timeout_graceful_shutdown=3,
    )


def up() -> None:
    """Make the home ready and run both processes; the demo's people and address are printed."""
    from backhaul.bootstrap.setup import ensure_ready

    settings = Settings()
    _port_is_free(settings)
    started = time.monotonic()
    with console.status("preparing tables and the demo distributor ..."):
        seeded = ensure_ready(settings)
    ready = time.monotonic()
    house = _House(settings)
    house.start()
    try:
        _wait_for_first_page(settings, house)
        _welcome(settings, prepared=ready - started, first_page=time.monotonic() - ready, seeded=seeded)
        house.watch()
    except KeyboardInterrupt:
        console.print("stopping ...")
    finally:
        house.stop()


def _port_is_free(settings: Settings) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as taken:
            console.print(f"{settings.host}:{settings.port} is in use; set BACKHAUL_PORT to a free port.")
            raise typer.Exit(1) from taken


@dataclass(slots=True)
class _House:
    """Both processes; one that ends by itself is started again."""

    settings: Settings
    _processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    _stop: threading.Event = field(default_factory=threading.Event)

    def start(self) -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self._stop.set())
        for name in ("web", "worker"):
            self._spawn(name)

    def _spawn(self, name: str) -> None:
        arguments = [sys.executable, "-m", "backhaul.cli.main", name]
        if name == "worker" and self.settings.demo and self.settings.demo_stages:
            arguments.append("--stages")
        self._processes[name] = subprocess.Popen(arguments, start_new_session=True)

    def failed(self) -> bool:
        """The doors ended before they opened."""
        return self._processes["web"].poll() is not None

    @property
    def stopping(self) -> bool:
        return self._stop.is_set()

    def watch(self) -> None:
        while not self._stop.wait(_RESTART_PAUSE_SECONDS):
            for name, process in list(self._processes.items()):
                if process.poll() is not None:
                    console.print(f"{name} ended with {process.returncode}; starting it again")
                    self._spawn(name)

    def stop(self) -> None:
        for process in self._processes.values():
            if process.poll() is None:
                process.terminate()
        deadline = time.monotonic() + _GRACE_SECONDS
        for process in self._processes.values():
            try:
                process.wait(max(deadline - time.monotonic(), 0.1))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait_for_first_page(settings: Settings, house: _House) -> None:
    import httpx

    deadline = time.monotonic() + _FIRST_PAGE_SECONDS
    while time.monotonic() < deadline and not house.stopping:
        if house.failed():
            console.print(f"the doors did not open; is port {settings.port} in use? Set BACKHAUL_PORT.")
            raise typer.Exit(1)
        try:
            httpx.get(_address(settings) + "/", timeout=5)
        except httpx.TransportError:
            time.sleep(0.05)
        else:
            return


def _address(settings: Settings) -> str:
    return f"http://{settings.host}:{settings.port}"


def _welcome(settings: Settings, *, prepared: float, first_page: float, seeded: bool) -> None:
    installed = os.environ.get("BACKHAUL_INSTALL_SECONDS")
    console.print(f"\nBackhaul is open at {_address(settings)}")
    if installed:
        console.print(f"  install        {float(installed):6.1f} s")
    console.print(
        f"  prepare        {prepared:6.1f} s" + ("  (tables and demo distributor)" if seeded else "")
    )
    console.print(f"  to first page  {first_page:6.1f} s")
    if settings.demo:
        from backhaul.bootstrap.demo_people import DEMO_PASSWORD, DEMO_STAFF

        console.print("\nDemo people for the desk (they exist only in demo mode):")
        for one in DEMO_STAFF:
            console.print(f"  {one.role.value:10} {one.email:32} {DEMO_PASSWORD}")
    console.print("\nStop with Ctrl-C.")
