"""How the doors start: what they may not load before somebody is shown a page."""

import subprocess
import sys
from pathlib import Path

HEAVY = (
    "torch",
    "sentence_transformers",
    "sklearn",
    "scipy",
    "numpy",
    "langchain_openai",
    "langchain_core",
    "langgraph",
    "dbos",
    "alembic",
    "psycopg",
    "fpdf",
    "PIL",
)
FIRST_PAGE = """
import sys
from fastapi.testclient import TestClient
from backhaul.cli.doors import build_app
from backhaul.settings import Settings
from web import app

app.HEAD_START_SECONDS = 60  # on a slow machine the second would be over before the page is there
with TestClient(build_app(Settings())) as visitor:
    page = visitor.get("/")
    print(page.status_code, page.text.count('class="story"'), *sorted(sys.modules))
"""


def test_the_first_page_is_shown_before_anything_heavy_is_loaded(seeded_home: Path) -> None:
    shown = subprocess.run(
        [sys.executable, "-c", FIRST_PAGE],
        env={"PATH": "", "PYTHONPATH": ":".join(sys.path), "BACKHAUL_HOME": str(seeded_home)},
        capture_output=True,
        text=True,
        check=True,
    )

    status, stories, *loaded = shown.stdout.split()
    assert (status, stories) == ("200", "10")
    assert {"sqlalchemy", "fastapi"} <= set(loaded)
    assert set(HEAVY) & set(loaded) == set()
