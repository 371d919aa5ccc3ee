"""Photos and prints, by content hash: the same bytes are stored once and cannot change under a name."""

import hashlib
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from backhaul.domain.errors import NotFound


class BlobStore(Protocol):
    """Keeps bytes under the SHA-256 of their content."""

    def put(self, content: bytes) -> str:
        """Store and return the key; storing the same bytes again changes nothing."""
        ...

    def get(self, key: str) -> bytes:
        """The bytes, verified against the key; NotFound when there are none."""
        ...

    def delete(self, key: str) -> None:
        """Forget the bytes; forgetting them twice changes nothing."""
        ...


@dataclass(frozen=True, slots=True)
class FileBlobStore:
    """Files in a folder that both processes of one host see."""

    folder: Path

    def put(self, content: bytes) -> str:
        key = hashlib.sha256(content).hexdigest()
        path = self._path(key)
        if path.exists():
            return key
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
        return key

    def get(self, key: str) -> bytes:
        path = self._path(key)
        if not path.is_file():
            raise NotFound("file", key)
        content = path.read_bytes()
        if hashlib.sha256(content).hexdigest() != key:
            raise NotFound("intact file", key)
        return content

    def delete(self, key: str) -> None:
        self._path(key).unlink(missing_ok=True)

    def _path(self, key: str) -> Path:
        if not (len(key) == hashlib.sha256().digest_size * 2 and key.isalnum()):
            raise NotFound("file", key)
        return self.folder / key[:2] / key
