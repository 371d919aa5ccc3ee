"""What a release consisted of, kept so that a later one can be held against it part by part.

Layout of `BACKHAUL_HOME/releases/<hash>/`:

| file | what it is |
|---|---|
| `release.json` | the manifest: each component with what identifies it |
| `code.tar` | the files of the component *code*, by their path in the checkout |
| `reader/` | the sources of the reader; weights are named by digest and stay installed |
| `exemplars/` | the example messages, `*.jsonl` |
| `prompts/` | what the model is told, `*.txt` |
| `policies/` | the documents in force, `*.yaml` |

Of the model there is its name in the manifest, and nothing to keep. A folder is written under another name
and moved into place, so what stands there is whole; it is never written again.

What was kept is held against its manifest twice: when it is kept, since a file may change meanwhile, and when
it is played, by the process that plays it.

`assembled` puts the parts of several releases together into one folder of sources: with it first on
PYTHONPATH (and `python -P`, lest the current folder comes before it) that release runs, also one that never
was. A replay and a search for the cause of a changed decision start from there.
"""

import json
import shutil
import tarfile
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from backhaul.bootstrap.releases import POLICY_DOCUMENTS, SOURCES, files_of, program
from backhaul.domain.errors import BadInput, NotFound
from backhaul.domain.release import SHORTEST, Component, Release, differences
from backhaul.settings import Settings
from policies.bundle import Bundle

_MANIFEST = "release.json"
_CODE = "code.tar"
_FOLDERS = {
    Component.READER: "agent/understanding",
    Component.EXEMPLARS: "agent/understanding/exemplars",
    Component.PROMPTS: "agent/prompts",
    Component.POLICIES: POLICY_DOCUMENTS,
}
"""Where the files of a component stand in the sources; `code.tar` says so itself"""
_KEPT = (Component.CODE, *_FOLDERS)
"""All but the model, of which there is the name alone"""


def keep(
    settings: Settings, release: Release, bundle: Bundle, *, sources: Path = SOURCES, learnt: str = ""
) -> Path:
    """Store the parts of the release that these sources and documents are; once for each release.

    `learnt` marks the promoted heads that belong to it. They are not kept here: words they learnt from may
    have to be erased, and nothing may read with such heads afterwards.

    Raises:
        BadInput: A file or a document is another one by now.
    """
    folder = folder_of(settings, release.hash)
    if folder.exists():
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True, mode=0o750)
    half = Path(tempfile.mkdtemp(dir=folder.parent, prefix=".half-"))
    files = files_of(sources)
    (half / _MANIFEST).write_text(json.dumps(release.manifest(), indent=2) + "\n", encoding="utf-8")
    with tarfile.open(half / _CODE, "w") as packed:
        for name in files[Component.CODE]:
            packed.add(sources / name, arcname=name)
    for component in _FOLDERS:
        (half / component.value).mkdir()
    for component in (Component.READER, Component.EXEMPLARS, Component.PROMPTS):
        for name in files[component]:
            shutil.copyfile(sources / name, half / component.value / Path(name).name)
    for name, text in bundle.texts.items():
        (half / Component.POLICIES.value / name).write_text(text, encoding="utf-8")
    try:
        _check_kept(settings, half, release, bundle, learnt)
        half.rename(folder)
    except BadInput:
        shutil.rmtree(half)
        raise
    except OSError:
        shutil.rmtree(half)
        if not folder.exists():
            raise
    return folder


def _check_kept(settings: Settings, half: Path, release: Release, bundle: Bundle, learnt: str) -> None:
    with tempfile.TemporaryDirectory(prefix="backhaul-release-") as folder:
        sources = _put_together(dict.fromkeys(_KEPT, half), Path(folder) / "sources")
        found = program(settings, sources=sources, bundle_hash=bundle.hash, learnt=learnt)
    changed = ", ".join(differences(release, replace(found, model=release.model)))
    if changed:
        raise BadInput(
            f"{changed} changed while the release was put on record; start again with what runs now",
            field="release",
        )


def kept_named(settings: Settings, beginning: str) -> str:
    """The hash of the kept release that begins so, in capitals or not.

    Raises:
        BadInput: Less than eight characters were given, or several begin so.
        NotFound: Nothing was kept of such a release.
    """
    wanted = beginning.strip().lower()
    if len(wanted) < SHORTEST:
        raise BadInput(f"give at least {SHORTEST} characters of the hash of a release", field="hash")
    folder = folder_of(settings, wanted).parent
    found = [one.name for one in folder.glob("*") if one.name.startswith(wanted)]
    if len(found) > 1:
        raise BadInput(f"{len(found)} releases begin with {beginning}; give more of the hash", field="hash")
    if not found:
        raise NotFound("kept parts of release", f"{beginning}; `backhaul release propose` keeps them")
    return found[0]


def assembled(settings: Settings, parts: Mapping[Component, str], target: Path) -> Path:
    """Put each component of the release named for it into an empty folder, as sources that run.

    `parts` names a release by its hash for every component but the model, which is a setting. Whether it is
    what was kept is for `releases.program` over these sources to say.

    Raises:
        BadInput: A component is left out, or what was kept cannot be read any more.
        NotFound: Nothing was kept of a release.
    """
    missing = [one.value for one in _KEPT if one not in parts]
    if missing:
        raise BadInput(f"say of which release to take {', '.join(missing)}")
    return _put_together({one: _kept(settings, parts[one]) for one in _KEPT}, target)


def _put_together(kept: Mapping[Component, Path], target: Path) -> Path:
    target.mkdir(parents=True)
    try:
        with tarfile.open(kept[Component.CODE] / _CODE) as packed:
            packed.extractall(target, filter="data")
        for component, place in _FOLDERS.items():
            shutil.copytree(kept[component] / component.value, target / place, dirs_exist_ok=True)
    except (OSError, tarfile.TarError) as wrong:
        raise BadInput(f"what was kept of a release was edited: {wrong}", field="hash") from wrong
    return target


def kept_manifest(settings: Settings, release_hash: str) -> Release:
    """The manifest beside the kept parts.

    Raises:
        NotFound: Nothing was kept of it.
        BadInput: It is not the manifest of that release.
    """
    file = _kept(settings, release_hash) / _MANIFEST
    edited = BadInput(f"what was kept of release {release_hash} was edited", field="hash")
    try:
        release = Release.from_manifest(json.loads(file.read_text(encoding="utf-8")))
    except (OSError, ValueError, BadInput) as wrong:
        raise edited from wrong
    if release.hash != release_hash:
        raise edited
    return release


def folder_of(settings: Settings, release_hash: str) -> Path:
    """Where the parts of a release are kept."""
    return settings.home / "releases" / release_hash


def _kept(settings: Settings, release_hash: str) -> Path:
    folder = folder_of(settings, release_hash)
    if not folder.is_dir():
        raise NotFound("kept parts of release", release_hash)
    return folder
