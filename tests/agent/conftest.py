"""A small distributor with two customers, and conversations held on it by the real agent."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from agent.bookmarks import close, sqlite_bookmarks
from agent.conversation import Conversation
from agent.turns import Turn
from agent.understanding.offline import OfflineReader
from agent.waiting import Waits
from backhaul.connectors.embedded import erp_schema
from backhaul.connectors.embedded.erp_reads import EmbeddedErpReads
from backhaul.domain.clock import Ids, MovedClock
from backhaul.store import conversation
from backhaul.store.blobs import FileBlobStore
from backhaul.store.conversation import Speaker
from backhaul.store.database import open_engine
from backhaul.store.tables import MessageRow
from backhaul.store.unit_of_work import Store
from tests.agent.worker import StartedWork
from tools.desk import Desk
