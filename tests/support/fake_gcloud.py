"""A fake Google Cloud on disk with its own `gcloud` command: one service with revisions, traffic and tags."""

import json
import os
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

TRAFFIC_FLAG = "--to-revisions="


@dataclass
class FakeCloud:
    """A folder with `gcloud` in it, to be put on PATH."""

    folder: Path
    url: str
    canary_url: str
    traffic: dict[str, int] = field(default_factory=lambda: {"chorus-1": 100})
    logged_errors: list[str] = field(default_factory=list)
    refused_calls: dict[str, list[int]] = field(default_factory=dict)  # a part of a call, and the which-th of such calls are refused

    def __post_init__(self) -> None:
        state = {"traffic": self.traffic, "tags": {}, "url": self.url, "canary": self.canary_url, "errors": self.logged_errors}
        self._save_state(state | {"refused": self.refused_calls})
        program = self.folder / "gcloud"
        program.write_text(f'#!/bin/sh\nexec {sys.executable} -IS {__file__} {self.folder} "$@"\n', encoding="utf-8")
        program.chmod(0o755)

    def load_state(self) -> dict[str, Any]:
        """Return the current state."""
        return dict(json.loads((self.folder / "state.json").read_text(encoding="utf-8")))

    def load_calls(self) -> list[list[str]]:
        """Return every call, in order."""
        written = self.folder / "calls"
        return [json.loads(line) for line in written.read_text(encoding="utf-8").splitlines()] if written.exists() else []

    def traffic_splits(self) -> list[str]:
        """Return every traffic split, in order."""
        return [word.removeprefix(TRAFFIC_FLAG) for call in self.load_calls() for word in call if word.startswith(TRAFFIC_FLAG)]

    def _save_state(self, state: dict[str, Any]) -> None:
        """Write the state in one step, because the test may end the call at any moment."""
        written = self.folder / f"state-{os.getpid()}.json"
        written.write_text(json.dumps(state), encoding="utf-8")
        written.replace(self.folder / "state.json")

    def run_command(self, arguments: list[str]) -> int:
        """Execute a call of gcloud; return its exit code."""
        with (self.folder / "calls").open("a", encoding="utf-8") as written:
            written.write(json.dumps(arguments) + "\n")
        state, lines = self.load_state(), [" ".join(call) for call in self.load_calls()]
        for part, which in state["refused"].items():
            if part in lines[-1] and sum(part in line for line in lines) in which:
                sys.stderr.write("ERROR: (gcloud) PERMISSION_DENIED: not today\n")
                return 1
        flags = {word.split("=", 1)[0]: word.partition("=")[2] for word in arguments if word.startswith("--")}
        sys.stdout.write(_apply_command(state, arguments, flags))
        self._save_state(state)
        return 0


def _apply_command(state: dict[str, Any], arguments: list[str], flags: dict[str, str]) -> str:
    """Change the state according to a call, and return its output."""
    if arguments[:2] == ["run", "deploy"]:
        revision = f"chorus-{len(state['traffic']) + 1}"
        state["traffic"][revision] = 0 if "--no-traffic" in flags else 100
        state["tags"][flags["--tag"]] = revision
    elif arguments[:3] == ["run", "services", "update-traffic"]:
        state["tags"].pop(flags.get("--remove-tags"), None)
        if written := flags.get("--to-revisions"):
            _split_traffic(state["traffic"], {name: int(part) for name, part in (entry.split("=") for entry in written.split(","))})
    elif arguments[:3] == ["run", "services", "list"]:
        return json.dumps([_describe_service(state)] if state["traffic"] else [])
    elif arguments[0] == "auth":
        return "a-secret-token\n"
    elif arguments[0] == "logging":
        return json.dumps(state["errors"])
    return ""


def _split_traffic(traffic: dict[str, int], requested_percentages: dict[str, int]) -> None:
    """Set the requested percentages, and share the rest among the other revisions in proportion, as Cloud Run does."""
    others, left = (
        {name: part for name, part in traffic.items() if name not in requested_percentages},
        100 - sum(requested_percentages.values()),
    )
    total = sum(others.values()) or 1
    traffic.update({name: part * left // total for name, part in others.items()} | requested_percentages)


def _describe_service(state: dict[str, Any]) -> dict[str, Any]:
    traffic = [{"revisionName": name, "percent": part} for name, part in state["traffic"].items() if part]
    traffic += [{"revisionName": name, "tag": tag, "url": state["canary"]} for tag, name in state["tags"].items()]
    return {"metadata": {"name": "chorus"}, "status": {"url": state["url"], "traffic": traffic}}


def _main(folder: str, *arguments: str) -> int:
    cloud = object.__new__(FakeCloud)
    cloud.folder = Path(folder)
    return cloud.run_command(list(arguments))


if __name__ == "__main__":
    sys.exit(_main(*sys.argv[1:]))
