"""The last good set of policy documents, kept by the worker for a start on documents with a fault."""

import json
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from backhaul.domain.errors import PolicyError
from policies.book import PolicyBook

_FILE = "last-good-policies.json"


@dataclass(frozen=True, slots=True)
class PolicyCopy:
    """Stands in the worker's own folder: what the worker may decide by, nobody else may write."""

    folder: Path

    def keep(self, book: PolicyBook, *, source: str) -> None:
        """Put this set, taken up from the folder `source`, in place of the former one; all of it or nothing.

        Raises:
            OSError: The folder cannot be written.
        """
        kept = {"bundle": book.bundle_hash, "source": source, "documents": book.bundle.texts}
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with tempfile.NamedTemporaryFile("w", dir=self.folder, delete=False, encoding="utf-8") as half:
            json.dump(kept, half)
            half.flush()
            os.fsync(half.fileno())
        Path(half.name).replace(self.folder / _FILE)

    def source(self) -> str | None:
        """The folder that the worker took its documents from; None where that cannot be told."""
        try:
            source = json.loads((self.folder / _FILE).read_text(encoding="utf-8"))["source"]
        except (OSError, ValueError, LookupError, TypeError):
            return None
        return source if isinstance(source, str) else None

    def read(self) -> PolicyBook:
        """The set that was kept.

        Raises:
            PolicyError: There is none, or it is not what was kept.
        """
        try:
            kept = json.loads((self.folder / _FILE).read_text(encoding="utf-8"))
            book = PolicyBook.load(kept["documents"])
        except FileNotFoundError as none:
            raise PolicyError("no documents were good before") from none
        except (PolicyError, OSError, ValueError, LookupError, TypeError) as wrong:
            raise PolicyError("the copy of the last good documents cannot be used") from wrong
        if book.bundle_hash != kept["bundle"]:
            raise PolicyError("the copy of the last good documents is not what was kept")
        return book
