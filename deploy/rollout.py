"""Rolls out an image gradually: deploy without traffic, smoke test, 10% of the traffic, watch, 100%; rolls back at the first failure.

    python3 deploy/rollout.py --project P --region R --image R-docker.pkg.dev/P/chorus/chorus:TAG

cloudbuild.yaml runs this same file. It needs `gcloud` (logged in) and Python without packages. Settings come from flags.yaml; everything
else (secrets, volumes, network) stays as it is. Exit code: 0 all traffic is on the new revision, 1 the traffic is where it was before,
2 wrong arguments, 3 rolling back failed and the last line is the command to run.
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
    """The rollout can't continue; the message says why."""


@dataclass(frozen=True)
class Gcloud:
    """The `gcloud` command line, for one service."""

    project: str
    region: str
    service: str

    def run(self, *arguments: str) -> str:
        """Run a command and return its output. Raises Stopped with the end of its error output."""
        command = ["gcloud", *arguments, f"--project={self.project}", "--quiet"]
        say(f"      {shlex.join(command)}")
        try:
            result = subprocess.run(command, capture_output=True, text=True, check=False)
        except FileNotFoundError as error:
            raise Stopped("gcloud is not installed: https://cloud.google.com/sdk/docs/install") from error
        if result.returncode:
            raise Stopped(f"gcloud {' '.join(arguments[:3])} failed: {' '.join(result.stderr.split())[-600:]}")
        return result.stdout

    def load_service(self) -> dict[str, Any] | None:
        """Return the current state of the service, or None if it doesn't exist."""
        region, name_filter = f"--region={self.region}", f"--filter=metadata.name={self.service}"
        services = json.loads(self.run("run", "services", "list", region, name_filter, "--format=json") or "[]")
        return services[0] if services else None

    def deploy(self, options: argparse.Namespace, *, is_first: bool) -> None:
        """Create a revision from an image. Only the very first revision gets traffic at once, because there is no other."""
        account = options.account or f"{self.service}@{self.project}.iam.gserviceaccount.com"
        flags = [f"--region={self.region}", f"--image={options.image}", f"--tag={options.tag}", f"--service-account={account}"]
        self.run("run", "deploy", self.service, *flags, f"--flags-file={options.flags}", *([] if is_first else ["--no-traffic"]))

    def split_traffic(self, percents: Mapping[str, int]) -> None:
        """Send percentages of the traffic to revisions. The rest is split among the others as before."""
        self.run("run", "services", "update-traffic", self.service, f"--region={self.region}", f"--to-revisions={_format_split(percents)}")

    def remove_tag(self, tag: str) -> None:
        """Remove a revision's own URL, with which it could keep instances running."""
        self.run("run", "services", "update-traffic", self.service, f"--region={self.region}", f"--remove-tags={tag}")

    def create_token(self, audience: str, impersonate: str) -> str:
        """Return an identity token for a private service. Its audience is the service's URL, even for the URL of a tag."""
        impersonation = [f"--impersonate-service-account={impersonate}", "--include-email"] if impersonate else []
        return self.run("auth", "print-identity-token", f"--audiences={audience}", *impersonation).strip()

    def load_failures(self, revision: str) -> list[Any]:
        """Return the latest log entry of a request that a revision answered with 500, or []."""
        log_filter = f'resource.type="cloud_run_revision" AND resource.labels.revision_name="{revision}" AND httpRequest.status=500'
        return list(json.loads(self.run("logging", "read", log_filter, "--freshness=1h", "--limit=1", "--format=json") or "[]"))


def traffic_split(service: Mapping[str, Any] | None) -> dict[str, int]:
    """Return the percentage of the traffic by revision, for those that have any."""
    percents: dict[str, int] = {}
    for target in (service or {}).get("status", {}).get("traffic", []):
        if target.get("percent"):
            percents[target["revisionName"]] = percents.get(target["revisionName"], 0) + target["percent"]
    return percents


def find_tagged_revision(service: Mapping[str, Any] | None, tag: str) -> tuple[str, str]:
    """Return the name and the URL of the revision with a tag. Raises Stopped if there is none."""
    for target in (service or {}).get("status", {}).get("traffic", []):
        if target.get("tag") == tag:
            return target["revisionName"], target["url"]
    raise Stopped(f"the new revision has no URL for the tag {tag}")


def _format_split(percents: Mapping[str, int]) -> str:
    return ",".join(f"{revision}={percent}" for revision, percent in percents.items())


@dataclass
class Rollout:
    """The rollout of one image."""

    gcloud: Gcloud
    options: argparse.Namespace

    def run(self) -> int:
        """Run all steps, and roll back if one fails. Returns the exit code."""
        try:
            before = traffic_split(self.gcloud.load_service())
        except Stopped as problem:
            return _finish(f"STOP  {problem}. Nothing was changed.", 1)
        try:
            self.roll_forward(before)
        except (Stopped, KeyboardInterrupt, json.JSONDecodeError, KeyError) as problem:
            say(f"STOP  {problem or 'interrupted'}")
            return self.roll_back(before)
        return self.clean_up()

    def roll_forward(self, before: Mapping[str, int]) -> None:
        """Deploy, test, send part of the traffic, watch, then send all of it. Raises Stopped."""
        tag, percent = self.options.tag, self.options.percent
        say(f"1/4   deploy {self.options.image}, {'without traffic' if before else 'the first revision of the service'}")
        self.gcloud.deploy(self.options, is_first=not before)
        service = self.gcloud.load_service()
        revision, url = find_tagged_revision(service, tag)
        service_url = (service or {})["status"]["url"]
        say(f"2/4   test {revision} at {url}")
        self.test(url, service_url)
        if before:
            say(f"3/4   send {percent}% of the traffic to {revision} and watch it for {self.options.watch:.0f} seconds")
            self.gcloud.split_traffic({revision: percent})
            self.watch(url, service_url, revision)
        say(f"4/4   send all traffic to {revision}")
        self.gcloud.split_traffic({revision: 100})
        self.test(service_url, service_url)

    def test(self, url: str, audience: str) -> None:
        """Smoke-test a URL. Raises Stopped if a check fails."""
        environment = dict(os.environ)
        if self.options.private == "yes":
            environment["IDENTITY_TOKEN"] = self.gcloud.create_token(audience, self.options.impersonate)
        server = smoke.Server(url, self.options.seconds, headers=smoke.build_headers(environment))
        if not smoke.run_checks(smoke.build_checks(self.options.body, self.options.expect), server, say):
            raise Stopped(f"the smoke test of {url} failed")

    def watch(self, url: str, audience: str, revision: str) -> None:
        """Repeat the smoke test while part of the traffic arrives, then check the log for errors. Raises Stopped if there are any."""
        deadline = time.monotonic() + self.options.watch
        while True:
            self.test(url, audience)
            if time.monotonic() >= deadline:
                break
            time.sleep(min(20, max(0.0, deadline - time.monotonic())))
        if self.options.logs and self.gcloud.load_failures(revision):
            raise Stopped(f"{revision} answered a request with 500: see its log")

    def roll_back(self, before: Mapping[str, int]) -> int:
        """Send the traffic where it was before. Returns the exit code."""
        if not before:
            return _finish("There is no earlier revision to roll back to. Fix this one and roll out again.", 1)
        for is_last_attempt in (False, False, True):
            try:
                self.gcloud.split_traffic(before)
                break
            except (Stopped, KeyboardInterrupt) as problem:
                say(f"STOP  {problem}")
                if is_last_attempt:
                    flags = f"--project={self.gcloud.project} --region={self.gcloud.region} --to-revisions={_format_split(before)}"
                    return _finish(f"gcloud run services update-traffic {self.gcloud.service} {flags}", 3)
        self.clean_up()
        return _finish(f"BACK  all traffic is where it was: {', '.join(f'{name} {percent}%' for name, percent in before.items())}", 1)

    def clean_up(self) -> int:
        """Remove the tag, and return exit code 0 even if that fails."""
        try:
            self.gcloud.remove_tag(self.options.tag)
        except Stopped as problem:
            say(f"note  the tag {self.options.tag} couldn't be removed: {problem}")
        return 0


def say(line: str) -> None:
    """Print a line without buffering, because people follow build logs while they grow."""
    print(line, flush=True)


def _finish(line: str, code: int) -> int:
    say(line)
    return code


def _handle_signal(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt(f"stopped by signal {number}")


def main(argv: list[str] | None = None) -> int:
    """Roll out the image in the arguments; return the exit code."""
    parser = argparse.ArgumentParser(description="Roll out an image on Cloud Run gradually, and roll back at the first failure.")
    parser.add_argument("--project", required=True)
    parser.add_argument("--region", required=True)
    parser.add_argument("--service", default="chorus")
    parser.add_argument("--image", required=True)
    parser.add_argument("--tag", default="canary", help="tag of the URL that is tested (canary)")
    parser.add_argument("--flags", type=Path, default=FLAGS, help="a file of flags for gcloud run deploy (deploy/flags.yaml)")
    parser.add_argument(
        "--percent", type=int, default=10, choices=range(1, 100), metavar="1-99", help="percentage of the traffic in the first step (10)"
    )
    parser.add_argument("--watch", type=float, default=60, metavar="SECONDS", help="how long to watch the first step (60)")
    parser.add_argument("--seconds", type=float, default=90, help="time limit of a smoke test (90)")
    parser.add_argument(
        "--private", choices=("no", "yes"), default="no", help="yes: callers need an IAM identity, so use one for the tests (no)"
    )
    parser.add_argument("--impersonate", default="", metavar="ACCOUNT", help="service account whose identity is used, instead of your own")
    parser.add_argument("--account", default="", help="service account that the service runs as (SERVICE@PROJECT.iam.gserviceaccount.com)")
    parser.add_argument(
        "--no-logs", dest="logs", action="store_false", help="don't check the log for errors (checking needs roles/logging.viewer)"
    )
    parser.add_argument("--body", type=json.loads, default=None, help="JSON for /predict, for your own model")
    parser.add_argument("--expect", type=smoke.parse_value, default="positive", help="the expected prediction (positive)")
    options = parser.parse_args(argv)
    signal.signal(signal.SIGTERM, _handle_signal)
    return Rollout(Gcloud(options.project, options.region, options.service), options).run()


if __name__ == "__main__":
    sys.exit(main())
