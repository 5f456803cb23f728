"""A Google Cloud on disk behind a `gcloud` of its own: one service, its revisions, traffic and tags.

It writes down every call and refuses those that it is told to. It is started often, so it imports little.
"""

import json
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

SHARE = "--to-revisions="


@dataclass
class Cloud:
    """A folder with `gcloud` in it, to be put on PATH."""

    folder: Path
    url: str
    canary: str
    traffic: dict[str, int] = field(default_factory=lambda: {"chorus-1": 100})
    errors: list[str] = field(default_factory=list)
    refused: dict[str, list[int]] = field(default_factory=dict)  # a part of a call, and the which-th of such calls are refused

    def __post_init__(self) -> None:
        state = {"traffic": self.traffic, "tags": {}, "url": self.url, "canary": self.canary, "errors": self.errors}
        self._write(state | {"refused": self.refused})
        program = self.folder / "gcloud"
        program.write_text(f'#!/bin/sh\nexec {sys.executable} -IS {__file__} {self.folder} "$@"\n', encoding="utf-8")
        program.chmod(0o755)

    def state(self) -> dict[str, Any]:
        """Return what is there now."""
        return dict(json.loads((self.folder / "state.json").read_text(encoding="utf-8")))

    def calls(self) -> list[list[str]]:
        """Return every call, in order."""
        written = self.folder / "calls"
        return [json.loads(line) for line in written.read_text(encoding="utf-8").splitlines()] if written.exists() else []

    def shared(self) -> list[str]:
        """Return how traffic was shared out, in order."""
        return [word.removeprefix(SHARE) for call in self.calls() for word in call if word.startswith(SHARE)]

    def _write(self, state: dict[str, Any]) -> None:
        (self.folder / "state.json").write_text(json.dumps(state), encoding="utf-8")

    def answer(self, words: list[str]) -> int:
        """Do what a call of gcloud says; return its exit code."""
        with (self.folder / "calls").open("a", encoding="utf-8") as written:
            written.write(json.dumps(words) + "\n")
        state, lines = self.state(), [" ".join(call) for call in self.calls()]
        for part, which in state["refused"].items():
            if part in lines[-1] and sum(part in line for line in lines) in which:
                sys.stderr.write("ERROR: (gcloud) PERMISSION_DENIED: not today\n")
                return 1
        given = {word.split("=", 1)[0]: word.partition("=")[2] for word in words if word.startswith("--")}
        sys.stdout.write(_done(state, words, given))
        self._write(state)
        return 0


def _done(state: dict[str, Any], words: list[str], given: dict[str, str]) -> str:
    """Change the state as a call says, and return what it prints."""
    if words[:2] == ["run", "deploy"]:
        revision = f"chorus-{len(state['traffic']) + 1}"
        state["traffic"][revision] = 0 if "--no-traffic" in given else 100
        state["tags"][given["--tag"]] = revision
    elif words[:3] == ["run", "services", "update-traffic"]:
        state["tags"].pop(given.get("--remove-tags"), None)
        if written := given.get("--to-revisions"):
            _share(state["traffic"], {name: int(part) for name, part in (each.split("=") for each in written.split(","))})
    elif words[:3] == ["run", "services", "list"]:
        return json.dumps([_service(state)] if state["traffic"] else [])
    elif words[0] == "auth":
        return "a-secret-token\n"
    elif words[0] == "logging":
        return json.dumps(state["errors"])
    return ""


def _share(traffic: dict[str, int], wanted: dict[str, int]) -> None:
    """Give traffic as wanted, and the rest to the others in proportion, as Cloud Run does."""
    others, left = {name: part for name, part in traffic.items() if name not in wanted}, 100 - sum(wanted.values())
    whole = sum(others.values()) or 1
    traffic.update({name: part * left // whole for name, part in others.items()} | wanted)


def _service(state: dict[str, Any]) -> dict[str, Any]:
    traffic = [{"revisionName": name, "percent": part} for name, part in state["traffic"].items() if part]
    traffic += [{"revisionName": name, "tag": tag, "url": state["canary"]} for tag, name in state["tags"].items()]
    return {"metadata": {"name": "chorus"}, "status": {"url": state["url"], "traffic": traffic}}


def _main(folder: str, *words: str) -> int:
    cloud = object.__new__(Cloud)
    cloud.folder = Path(folder)
    return cloud.answer(list(words))


if __name__ == "__main__":
    sys.exit(_main(*sys.argv[1:]))
