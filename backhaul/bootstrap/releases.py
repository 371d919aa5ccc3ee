"""Which release this process is: every file that changes a decision belongs to exactly one component.

| component | what it is |
|---|---|
| code | all files of `agent`, `tools`, `policies` and `backhaul` that are in no other component |
| reader | the sources that turn words into figures, the weights, and the versions of the libraries |
| exemplars | `agent/understanding/exemplars/*.jsonl`, and the heads that were promoted here, if any |
| prompts | `agent/prompts/*.txt` |
| model | the language model's name, where it is asked and its longest answer, or `offline` |
| policies | the hash of the bundle of documents, which may be read again while a process runs |

Files are read once for each process, at its start: what is put in their place later does not run here. A
promotion of heads counts at once, for the reader and for the release.
"""

import hashlib
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

import backhaul
from agent.understanding.installed import SOURCES as READER_SOURCES
from agent.understanding.installed import libraries, model_folder
from backhaul.bootstrap.policy_shelf import PolicyShelf, policy_folder
from backhaul.bootstrap.teaching import HeadsInUse
from backhaul.domain.release import OFFLINE, Component, Release
from backhaul.settings import Settings
from tools.release_control import ReleaseControl

SOURCES = Path(backhaul.__file__).parent.parent
"""Where the packages of this process stand"""
POLICY_DOCUMENTS = "policies/documents"
_PACKAGES = ("agent", "backhaul", "policies", "tools")
_READER = frozenset(f"agent/understanding/{name}.py" for name in READER_SOURCES)
_OF_A_FOLDER = {
    "agent/understanding/exemplars": (".jsonl", Component.EXEMPLARS),
    "agent/prompts": (".txt", Component.PROMPTS),
    POLICY_DOCUMENTS: (".yaml", Component.POLICIES),
}
_NO_SOURCE = frozenset({".pyc", ".md"})


def running(settings: Settings, policies: PolicyShelf | None = None, *, learnt: str = "") -> Release:
    """The release that this process is, under the documents in force; `learnt` as in `program`.

    Raises:
        PolicyError: There are no documents to decide by.
    """
    shelf = policies or PolicyShelf(policy_folder(settings))
    return program(settings, bundle_hash=shelf.current().bundle_hash, learnt=learnt)


def program(
    settings: Settings,
    *,
    sources: Path = SOURCES,
    weights: Path | None = None,
    bundle_hash: str = "",
    learnt: str = "",
) -> Release:
    """The same without the policies, unless their hash is given.

    `learnt` is the mark of the promoted heads, see `teaching.HeadsInUse`; empty where there are none.
    """
    digests = _digests(sources, weights or model_folder())
    made = Release(
        code=digests[Component.CODE],
        reader=digests[Component.READER],
        exemplars=digests[Component.EXEMPLARS],
        prompts=digests[Component.PROMPTS],
        model=model_named(settings),
        policies=bundle_hash,
    )
    return made.having_learnt(learnt)


def control(settings: Settings, heads: HeadsInUse) -> ReleaseControl:
    """What the guard is told: which program runs, and whether it has to be signed off."""
    return ReleaseControl(program(settings), required=settings.releases_are_required, learnt=heads.mark)


def model_named(settings: Settings) -> str:
    """The language model in words: another one under the same name is another one when asked elsewhere."""
    if not settings.model_is_on:
        return OFFLINE
    asked = urlsplit(settings.openai_base_url)
    # Neither a user nor a query of the address: a key may stand there.
    place = f"{asked.netloc.rpartition('@')[2]}{asked.path}" or "OpenAI"
    return f"{settings.model_name} at {place}, {settings.model_max_tokens} tokens"


def files_of(sources: Path) -> Mapping[Component, tuple[str, ...]]:
    """The files of each component, by path from `sources`, in order."""
    found: dict[Component, list[str]] = {one: [] for one in Component}
    for package in _PACKAGES:
        for path in (sources / package).rglob("*"):
            name = path.relative_to(sources).as_posix()
            if path.is_file() and path.suffix not in _NO_SOURCE and not _is_hidden(name):
                found[_component_of(name)].append(name)
    return {one: tuple(sorted(names)) for one, names in found.items()}


def _is_hidden(name: str) -> bool:
    return any(part.startswith(".") or part == "__pycache__" for part in name.split("/"))


def _component_of(name: str) -> Component:
    if name in _READER:
        return Component.READER
    folder, _, file = name.rpartition("/")
    ending, component = _OF_A_FOLDER.get(folder, ("", Component.CODE))
    return component if file.endswith(ending) else Component.CODE


@cache
def _digests(sources: Path, weights: Path) -> Mapping[Component, str]:
    files = files_of(sources)
    digests = {one: _digest(sources, names) for one, names in files.items()}
    reader = [digests[Component.READER], _digest(weights, _names(weights)), *libraries()]
    return {**digests, Component.READER: hashlib.sha256("\n".join(reader).encode()).hexdigest()}


def _names(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def _digest(folder: Path, names: Iterable[str]) -> str:
    """SHA-256 over the name and the content of each file."""
    total = hashlib.sha256()
    for name in names:
        with (folder / name).open("rb") as file:
            total.update(f"{hashlib.file_digest(file, 'sha256').hexdigest()}  {name}\n".encode())
    return total.hexdigest()
