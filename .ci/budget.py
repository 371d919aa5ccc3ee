"""Runs the named parts of the checks, each against its time budget, and says at the end how they went.

Usage: `python .ci/budget.py static sqlite`. Every part runs even when one before it failed. The exit code is
0 only if each part passed within its budget. Standard library only: it runs before anything is installed.
"""

import os
import signal
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PYTHON = str(ROOT / ".venv" / "bin" / "python")
NO_TESTS = 5
"""The exit code of pytest when it found nothing to run."""
STOP_AFTER_BUDGETS = 2
"""A part is stopped when it has taken this many times its budget: a hanging test must not hang the build."""
SECONDS_TO_STOP = 15
"""What a stopped part gets for its own cleaning up before it is killed."""

Command = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """One row of the table: what runs, and within how many minutes.

    With `expects_tests`, finding none to run is a failure. With `at_once` the commands run side by side:
    for those that wait more than they work, and that must not share a process.
    """

    title: str
    minutes: float
    commands: tuple[Command, ...]
    expects_tests: bool = True
    at_once: bool = False


@dataclass(slots=True)
class Count:
    """Tests by how they ended; a check such as the linter counts only when it fails."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def add(self, other: "Count") -> None:
        """Adds another part's tests to these."""
        self.passed += other.passed
        self.failed += other.failed
        self.skipped += other.skipped


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a part went. An empty `problem` means that it passed."""

    part: Part
    seconds: float
    count: Count
    problem: str
    remark: str


def tests(part: str, *options: str) -> Command:
    """Pytest on one part of the tests; tests/conftest.py says which test belongs to which part."""
    return (PYTHON, "-m", "pytest", "tests", "--part", part, "-q", *options)


def script(name: str, *arguments: str) -> Command:
    """A program of the environment, found without relying on PATH."""
    return (str(ROOT / ".venv" / "bin" / name), *arguments)


TWO_AT_ONCE = ("-n", "2", "--dist", "worksteal")
THREE_AT_ONCE = ("-n", "3", "--dist", "worksteal")
"""For tests that wait for the disk a good part of their time, on two cores."""
PARTS = {
    "install": Part("install", 5, (("make", "--no-print-directory", "install-dev"),)),
    "static": Part(
        "lint, types, contracts",
        2,
        (
            script("ruff", "check"),
            script("ruff", "format", "--check"),
            script("mypy"),
            script("lint-imports"),
        ),
    ),
    "sqlite": Part("tests on SQLite", 5, (tests("sqlite", *THREE_AT_ONCE),)),
    "postgres": Part("tests on PostgreSQL", 3, (tests("postgres", *TWO_AT_ONCE),), expects_tests=False),
    "policy": Part("policy and bypass", 3, (tests("policy", *TWO_AT_ONCE),), expects_tests=False),
    "browser": Part(
        "browser, processes, workflows",
        4,
        ((PYTHON, ".ci/chromium.py", *tests("browser")), tests("processes", *TWO_AT_ONCE)),
        expects_tests=False,
        at_once=True,
    ),
    "evals": Part(
        "evals smoke, simulation",
        1,
        (tests("evals", "-n", "2", "--dist", "loadfile"),),
        expects_tests=False,
    ),
    "slow": Part("slow tests", 60, (tests("slow"),), expects_tests=False),
}


def say(line: str = "") -> None:
    """One line for the person who waits, at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def stop(process: subprocess.Popen[bytes]) -> None:
    """Interrupts a part and all it started, politely first: fixtures then stop their servers."""
    os.killpg(process.pid, signal.SIGINT)
    try:
        process.wait(SECONDS_TO_STOP)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def run(commands: Sequence[Command], *, until: float) -> list[int | None]:
    """The exit codes of commands run side by side; None where one was stopped at the time `until`."""
    processes = [
        subprocess.Popen(one, cwd=ROOT, stdin=subprocess.DEVNULL, start_new_session=True) for one in commands
    ]
    codes: list[int | None] = []
    try:
        for process in processes:
            try:
                codes.append(process.wait(max(0.1, until - time.monotonic())))
            except subprocess.TimeoutExpired:
                stop(process)
                codes.append(None)
    except KeyboardInterrupt:
        for process in processes:
            if process.poll() is None:
                stop(process)
        raise
    return codes


def count_tests(report: Path) -> Count:
    """The tests in a JUnit report. A report that was never written counts nothing."""
    count = Count()
    if not report.exists():
        return count
    for suite in ET.parse(report).getroot().iter("testsuite"):
        failed = int(suite.get("failures", "0")) + int(suite.get("errors", "0"))
        skipped = int(suite.get("skipped", "0"))
        ran = int(suite.get("tests", "0"))
        count.add(Count(passed=max(0, ran - failed - skipped), failed=failed, skipped=skipped))
    return count


def run_part(part: Part, *, reports: Path) -> Outcome:
    """Runs every command of a part; the first problem found is the one shown in the table."""
    began = time.monotonic()
    until = began + part.minutes * 60 * STOP_AFTER_BUDGETS
    count, problems, remark = Count(), list[str](), ""
    folder = Path(tempfile.mkdtemp(dir=reports))
    reported = [
        (command, folder / f"{number}.xml" if "pytest" in command else None)
        for number, command in enumerate(part.commands)
    ]
    asked = [(*command, f"--junitxml={report}") if report else command for command, report in reported]
    turns = [asked] if part.at_once else [[one] for one in asked]
    codes = [code for turn in turns for code in run(turn, until=until)]
    for (command, report), code in zip(reported, codes, strict=True):
        if report:
            count.add(count_tests(report))
        if code == NO_TESTS and report and not part.expects_tests:
            remark = "NO TESTS YET"
        elif code != 0:
            problems.append(describe(command, code))
    seconds = time.monotonic() - began
    if seconds > part.minutes * 60:
        problems.append(f"over its budget of {part.minutes:g} min")
    if problems and not count.failed:
        count.failed = len(problems)
    return Outcome(part, seconds, count, "; ".join(problems), remark)


def describe(command: Command, code: int | None) -> str:
    """What went wrong, naming the program."""
    name = "pytest" if "pytest" in command else " ".join((Path(command[0]).name, *command[1:2]))
    if code is None:
        return f"{name} stopped at {STOP_AFTER_BUDGETS} x budget"
    if code == NO_TESTS and name == "pytest":
        return "no tests found"
    return f"{name} failed ({code})"


def table(outcomes: list[Outcome]) -> list[str]:
    """The lines of the closing table."""
    lines = [
        f"{'part':<24}{'time':>8}{'budget':>8}{'passed':>8}{'failed':>8}{'skipped':>8}  result",
        "-" * 84,
    ]
    for done in outcomes:
        count = done.count
        lines.append(
            f"{done.part.title:<24}{done.seconds:>6.0f} s{done.part.minutes:>4g} min"
            f"{count.passed:>8}{count.failed:>8}{count.skipped:>8}"
            f"  {f'FAILED: {done.problem}' if done.problem else done.remark or 'ok'}"
        )
    return lines


def main(names: list[str]) -> int:
    """Runs the named parts in turn and prints the table; the last line is `N passed, N failed`."""
    unknown = [name for name in names if name not in PARTS]
    if unknown or not names:
        say(f"no part {', '.join(unknown) or 'given'}; there are: {', '.join(PARTS)}")
        return 2
    outcomes: list[Outcome] = []
    with tempfile.TemporaryDirectory(prefix="backhaul-reports-") as folder:
        for number, name in enumerate(names, start=1):
            part = PARTS[name]
            say(f"\n=== {number} of {len(names)}: {part.title} (budget {part.minutes:g} min)")
            outcomes.append(run_part(part, reports=Path(folder)))
    total = Count()
    for done in outcomes:
        total.add(done.count)
    say()
    for line in table(outcomes):
        say(line)
    say()
    say(f"{total.passed} passed, {total.failed} failed")
    return 1 if any(done.problem for done in outcomes) else 0


if __name__ == "__main__":
    # A cancelled build is told to terminate; the part under way must end with it. Setting SIGINT too lets the
    # parts hear it when this program was started in the background, where a shell has it ignored.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
