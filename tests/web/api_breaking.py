"""What in a document of an API would break a program that was written by the document before it."""

from collections.abc import Iterator
from typing import Any

Node = dict[str, Any]
_METHODS = ("get", "post", "put", "patch", "delete")


def breaking(before: Node, now: Node) -> list[str]:
    """Every change that a program may stumble over, in words; empty when it goes on as it was."""
    return list(_paths(before, now))


def _paths(before: Node, now: Node) -> Iterator[str]:
    for path, old in before["paths"].items():
        for method in (one for one in _METHODS if one in old):
            new = now["paths"].get(path, {}).get(method)
            at = f"{method.upper()} {path}"
            if new is None:
                yield f"{at} is gone"
            else:
                yield from _operation(at, old[method], new, before, now)


def _operation(at: str, old: Node, new: Node, before: Node, now: Node) -> Iterator[str]:
    if old["security"] != new["security"]:
        yield f"{at} needs another scope"
    yield from _parameters(at, old, new)
    sent, to_send = _body(old, before), _body(new, now)
    if to_send is not None:
        yield from _inputs(f"{at} body", sent or {}, to_send, before, now)
    for status, answer in old["responses"].items():
        if status.startswith("2"):
            yield from _answers(f"{at} {status}", answer, new["responses"].get(status), before, now)


def _parameters(at: str, old: Node, new: Node) -> Iterator[str]:
    known = {(one["in"], one["name"]): one for one in old.get("parameters", ())}
    still = {(one["in"], one["name"]): one for one in new.get("parameters", ())}
    for key in known.keys() - still.keys():
        yield f"{at} knows no {key[0]} {key[1]} any more"
    for key, one in still.items():
        if one.get("required") and not known.get(key, {}).get("required"):
            yield f"{at} needs {key[0]} {key[1]}"


def _answers(at: str, old: Node, new: Node | None, before: Node, now: Node) -> Iterator[str]:
    if new is None:
        yield f"{at} is no answer any more"
        return
    for kind, told in old.get("content", {}).items():
        if kind not in new.get("content", {}):
            yield f"{at} is not given as {kind} any more"
        else:
            yield from _outputs(at, told["schema"], new["content"][kind]["schema"], before, now)


def _outputs(at: str, old: Node, new: Node, before: Node, now: Node) -> Iterator[str]:
    """What is read: nothing may be missing, be null where it was not, or be of another kind."""
    old, new = _whole(old, before), _whole(new, now)
    if not _kinds(new, now) <= _kinds(old, before):
        yield f"{at} is of another kind"
        return
    for name, part in old.get("properties", {}).items():
        if name not in new.get("properties", {}):
            yield f"{at}.{name} is gone"
        elif name in old.get("required", ()) and name not in new.get("required", ()):
            yield f"{at}.{name} may be missing"
        else:
            yield from _outputs(f"{at}.{name}", part, new["properties"][name], before, now)
    if "items" in old and "items" in new:
        yield from _outputs(f"{at}[]", old["items"], new["items"], before, now)


def _inputs(at: str, old: Node, new: Node, before: Node, now: Node) -> Iterator[str]:
    """What is sent: nothing more may be needed, and nothing refused that was taken."""
    old, new = _whole(old, before), _whole(new, now)
    if old and not _kinds(old, before) <= _kinds(new, now):
        yield f"{at} is of another kind"
        return
    for name in new.get("required", ()):
        if name not in old.get("required", ()):
            yield f"{at}.{name} is needed"
    for name, part in old.get("properties", {}).items():
        if name not in new.get("properties", {}):
            yield f"{at}.{name} is not taken any more"
        else:
            yield from _inputs(f"{at}.{name}", part, new["properties"][name], before, now)
    if "enum" in new and not set(old.get("enum", ())) <= set(new["enum"]):
        yield f"{at} does not take {', '.join(sorted(set(old.get('enum', ())) - set(new['enum'])))}"
    if "items" in old and "items" in new:
        yield from _inputs(f"{at}[]", old["items"], new["items"], before, now)


def _body(operation: Node, document: Node) -> Node | None:
    body = operation.get("requestBody")
    return _whole(body["content"]["application/json"]["schema"], document) if body else None


def _whole(schema: Node, document: Node) -> Node:
    """The schema itself, where another place holds it; of one that may be null what it is otherwise."""
    if "$ref" in schema:
        found: Node = document
        for part in schema["$ref"].removeprefix("#/").split("/"):
            found = found[part]
        return _whole(found, document)
    others = [one for one in schema.get("anyOf", ()) if one.get("type") != "null"]
    return (
        _whole(others[0], document) | {"nullable": True} if "anyOf" in schema and len(others) == 1 else schema
    )


def _kinds(schema: Node, document: Node) -> set[str]:
    if "anyOf" in schema:
        return {kind for one in schema["anyOf"] for kind in _kinds(_whole(one, document), document)}
    kinds = {schema["type"]} if "type" in schema else set()
    return kinds | ({"null"} if schema.get("nullable") else set())
