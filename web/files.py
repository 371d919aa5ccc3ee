"""Files that are handed out: what they are called where a browser keeps them."""

from urllib.parse import quote

_LONGEST_NAME = 100
_PLAIN = frozenset("-_.() ")


def called(file_name: str, *, placed: str = "attachment") -> dict[str, str]:
    """The header that names a file (RFC 6266), whoever thought the name up.

    A name with a quotation mark or a line break in it would otherwise end the header and begin another one.
    """
    name = file_name.replace("\\", "/").rpartition("/")[2]
    kept = "".join(letter if letter.isalnum() or letter in _PLAIN else "-" for letter in name)
    kept = kept.strip(". ")[-_LONGEST_NAME:] or "file"
    plain = kept.encode("ascii", "replace").decode().replace("?", "-")
    also = "" if plain == kept else f"; filename*=UTF-8''{quote(kept)}"
    return {"Content-Disposition": f'{placed}; filename="{plain}"{also}'}
