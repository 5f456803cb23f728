"""Bring an image into service by steps: without traffic, smoke test, 10 %, watch, 100 %; back at the first failure.

    python3 deploy/rollout.py --project P --region R --image R-docker.pkg.dev/P/chorus/chorus:TAG

cloudbuild.yaml and people run this same file. It needs `gcloud` (logged in) and Python, no package. Settings come from flags.yaml,
everything else (secrets, volumes, network) stays as the service has it. Exit code: 0 all traffic is on the new revision, 1 it is where
it was before, 2 wrong arguments, 3 it could not be brought back: the command to type is the last line.
"""

from __future__ import annotations

import argparse
import json
import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

import smoke

FLAGS = Path(__file__).with_name("flags.yaml")


class Stopped(Exception):
    """The rollout can't go on; says why."""


@dataclass(frozen=True)
class Gcloud:
    """The command line of Google Cloud, for one service."""

    project: str
    region: str
    service: str

    def run(self, *words: str) -> str:
        """Run a command and return what it prints. Raises Stopped with its last lines."""
        command = ["gcloud", *words, f"--project={self.project}", "--quiet"]
        say(f"      {shlex.join(command)}")
        try:
            done = subprocess.run(command, capture_output=True, text=True, check=False)
        except FileNotFoundError as error:
            raise Stopped("gcloud is not installed: https://cloud.google.com/sdk/docs/install") from error
        if done.returncode:
            raise Stopped(f"gcloud {' '.join(words[:3])} failed: {' '.join(done.stderr.split())[-600:]}")
        return done.stdout

    def state(self) -> dict[str, Any] | None:
        """Return the service as it is, or None if there is none."""
        region, named = f"--region={self.region}", f"--filter=metadata.name={self.service}"
        found = json.loads(self.run("run", "services", "list", region, named, "--format=json") or "[]")
        return found[0] if found else None

    def deploy(self, options: argparse.Namespace, *, first: bool) -> None:
        """Make a revision of an image; only the very first one gets traffic at once, for there is nothing else."""
        account = options.account or f"{self.service}@{self.project}.iam.gserviceaccount.com"
        given = [f"--region={self.region}", f"--image={options.image}", f"--tag={options.tag}", f"--service-account={account}"]
        self.run("run", "deploy", self.service, *given, f"--flags-file={options.flags}", *([] if first else ["--no-traffic"]))

    def share(self, shares: Mapping[str, int]) -> None:
        """Give revisions their per cents of the traffic; what is left over goes to the others as they had it."""
        written = ",".join(f"{revision}={percent}" for revision, percent in shares.items())
        self.run("run", "services", "update-traffic", self.service, f"--region={self.region}", f"--to-revisions={written}")

    def untag(self, tag: str) -> None:
        """Take the revision's own address away; with it a revision may keep instances of its own."""
        self.run("run", "services", "update-traffic", self.service, f"--region={self.region}", f"--remove-tags={tag}")

    def token(self, audience: str, impersonate: str) -> str:
        """Return an identity token for a private service; its audience is the service's address, also for a tag's."""
        other = [f"--impersonate-service-account={impersonate}", "--include-email"] if impersonate else []
        return self.run("auth", "print-identity-token", f"--audiences={audience}", *other).strip()

    def failures(self, revision: str) -> list[Any]:
        """Return the newest request that a revision answered with 500, if any."""
        wanted = f'resource.type="cloud_run_revision" AND resource.labels.revision_name="{revision}" AND httpRequest.status=500'
        return list(json.loads(self.run("logging", "read", wanted, "--freshness=1h", "--limit=1", "--format=json") or "[]"))


def shares(state: Mapping[str, Any] | None) -> dict[str, int]:
    """Return the revisions that have traffic, and how much."""
    found: dict[str, int] = {}
    for target in (state or {}).get("status", {}).get("traffic", []):
        if target.get("percent"):
            found[target["revisionName"]] = found.get(target["revisionName"], 0) + target["percent"]
    return found


def tagged(state: Mapping[str, Any] | None, tag: str) -> tuple[str, str]:
    """Return the revision behind a tag and its own address. Raises Stopped."""
    for target in (state or {}).get("status", {}).get("traffic", []):
        if target.get("tag") == tag:
            return target["revisionName"], target["url"]
    raise Stopped(f"the new revision has no address under the tag {tag}")


@dataclass
class Rollout:
    """One image on its way into service."""

    gcloud: Gcloud
    options: argparse.Namespace

    def go(self) -> int:
        """Take every step; bring traffic back if one fails. Returns the exit code."""
        try:
            before = shares(self.gcloud.state())
        except Stopped as problem:
            return _ended(f"STOP  {problem}. Nothing was changed.", 1)
        try:
            self.forward(before)
        except (Stopped, KeyboardInterrupt, json.JSONDecodeError, KeyError) as problem:
            say(f"STOP  {problem or 'interrupted'}")
            return self.back(before)
        return self.tidy()

    def forward(self, before: Mapping[str, int]) -> None:
        """Deploy, test, give it a part, watch, give it all."""
        tag, part = self.options.tag, self.options.percent
        say(f"1/4   deploy {self.options.image}, {'without traffic' if before else 'the first revision of the service'}")
        self.gcloud.deploy(self.options, first=not before)
        state = self.gcloud.state()
        revision, url = tagged(state, tag)
        address = (state or {})["status"]["url"]
        say(f"2/4   test {revision} at {url}")
        self.test(url, address)
        if before:
            say(f"3/4   {part} % of the traffic to {revision}, and watch it for {self.options.watch:.0f} seconds")
            self.gcloud.share({revision: part})
            self.watch(url, address, revision)
        say(f"4/4   all traffic to {revision}")
        self.gcloud.share({revision: 100})
        self.test(address, address)

    def test(self, url: str, audience: str) -> None:
        """Smoke-test an address. Raises Stopped."""
        environment = dict(os.environ)
        if self.options.private == "yes":
            environment["IDENTITY_TOKEN"] = self.gcloud.token(audience, self.options.impersonate)
        server = smoke.Server(url, self.options.seconds, headers=smoke.headers(environment))
        if not smoke.run(smoke.checks(self.options.body, self.options.expect), server, say):
            raise Stopped(f"the smoke test of {url} failed")

    def watch(self, url: str, audience: str, revision: str) -> None:
        """Test again and again while people use a part of it; then ask the log whether one of them met an error. Raises Stopped."""
        until = time.monotonic() + self.options.watch
        while True:
            self.test(url, audience)
            if time.monotonic() >= until:
                break
            time.sleep(min(20, max(0.0, until - time.monotonic())))
        if self.options.logs and self.gcloud.failures(revision):
            raise Stopped(f"{revision} answered a request with 500: see its log")

    def back(self, before: Mapping[str, int]) -> int:
        """Give the traffic back to who had it. Returns the exit code."""
        if not before:
            return _ended("There was no revision before this one to go back to: mend it and roll out again.", 1)
        for last in (False, False, True):
            try:
                self.gcloud.share(before)
                break
            except (Stopped, KeyboardInterrupt) as problem:
                say(f"STOP  {problem}")
                if last:
                    written = ",".join(f"{revision}={percent}" for revision, percent in before.items())
                    where = f"--project={self.gcloud.project} --region={self.gcloud.region}"
                    return _ended(f"gcloud run services update-traffic {self.gcloud.service} {where} --to-revisions={written}", 3)
        self.tidy()
        return _ended(f"BACK  all traffic is where it was: {', '.join(f'{name} {percent} %' for name, percent in before.items())}", 1)

    def tidy(self) -> int:
        """Take the tag away; a rollout does not fail by it."""
        try:
            self.gcloud.untag(self.options.tag)
        except Stopped as problem:
            say(f"note  the tag {self.options.tag} stays: {problem}")
        return 0


def say(line: str) -> None:
    """Print a line at once, for logs of builds are read while they grow."""
    print(line, flush=True)


def _ended(line: str, code: int) -> int:
    say(line)
    return code


def _interrupted(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt(f"stopped by signal {number}")


def main(argv: list[str] | None = None) -> int:
    """Roll out what the arguments say."""
    parser = argparse.ArgumentParser(description="Roll an image out on Cloud Run, by steps, and back at the first failure.")
    parser.add_argument("--project", required=True)
    parser.add_argument("--region", required=True)
    parser.add_argument("--service", default="chorus")
    parser.add_argument("--image", required=True)
    parser.add_argument("--tag", default="canary", help="of the address that is tested (canary)")
    parser.add_argument("--flags", type=Path, default=FLAGS, help="a file of flags for gcloud run deploy (deploy/flags.yaml)")
    parser.add_argument("--percent", type=int, default=10, choices=range(1, 100), metavar="1-99", help="of the first part (10)")
    parser.add_argument("--watch", type=float, default=60, metavar="SECONDS", help="how long the part is watched (60)")
    parser.add_argument("--seconds", type=float, default=90, help="how long a smoke test may take (90)")
    parser.add_argument("--private", choices=("no", "yes"), default="no", help="yes: callers need an IAM identity, so test with one (no)")
    parser.add_argument("--impersonate", default="", metavar="ACCOUNT", help="whose identity, if not one's own")
    parser.add_argument("--account", default="", help="the service account it runs as (SERVICE@PROJECT.iam.gserviceaccount.com)")
    parser.add_argument("--no-logs", dest="logs", action="store_false", help="do not ask the log for errors (needs roles/logging.viewer)")
    parser.add_argument("--body", type=json.loads, default=None, help="JSON for /predict, for a model of your own")
    parser.add_argument("--expect", type=smoke.value, default="positive", help="the prediction that it must give (positive)")
    options = parser.parse_args(argv)
    signal.signal(signal.SIGTERM, _interrupted)
    return Rollout(Gcloud(options.project, options.region, options.service), options).go()


if __name__ == "__main__":
    sys.exit(main())
