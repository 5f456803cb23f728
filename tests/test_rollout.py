"""The smoke test against healthy and broken servers, and the rollout, which returns traffic at the first failure."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from deploy import smoke
from tests.support.chorus_server import run_server
from tests.support.fake_clock import FakeMonotonic
from tests.support.fake_gcloud import FakeCloud
from tests.support.fault_suite import ONLY_IN_FAULTS
from tests.support.faulty_proxy import FaultyResponse, serve_with_faults
from tests.support.paths import ROOT

IMAGE = "europe-west1-docker.pkg.dev/p/chorus/chorus:2"
DEPLOY, LIST, PART, WHOLE, LOG = "run deploy", "services list", "chorus-2=10", "chorus-2=100", "logging read"
UNHEALTHY = FaultyResponse(body=b'{"status": "ill"}')
NEGATIVE = FaultyResponse(body=b'{"prediction": "negative", "model": "other 1"}')
HTML = FaultyResponse(content_type="text/html", body=b"<!doctype html><h1>Sign in</h1>")
BROKEN = {
    "it is another program": ("/health", FaultyResponse(content_type="text/html", body=b"<h1>Hello</h1>"), "health"),
    "it says that it is ill": ("/health", UNHEALTHY, "health"),
    "it predicts the wrong label": ("/predict", NEGATIVE, "prediction"),
    "it predicts nothing": ("/predict", FaultyResponse(body=b"[1]"), "prediction"),
    "its pictures fail": ("/frequency.png", FaultyResponse(500, "application/problem+json"), "picture"),
    "its pictures are pages": ("/frequency.png", HTML, "picture"),
    "its pictures are cut off": (
        "/frequency.png",
        FaultyResponse(content_type="image/png", body=b"\x89PNG\r\n\x1a\n" + bytes(20)),
        "picture",
    ),
}
UNFINISHED = {
    "the container does not serve": ("/health", FaultyResponse(502, "text/html", b"bad gateway"), "health"),
    "it never gets ready": ("/ready", FaultyResponse(503, "application/problem+json", b'{"detail": "The file is cut off."}'), "ready"),
    "it hangs": ("/predict", FaultyResponse(delay_seconds=600), "prediction"),
}


@pytest.fixture(scope="module")
def chorus(unlocked: str) -> str:
    """A running Chorus whose first chart is drawn."""
    assert run_smoke_test(unlocked).returncode == 0
    return unlocked


def run_smoke_test(address: str, *options: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the smoke test as a build step does."""
    command = [sys.executable, "deploy/smoke.py", address, "--seconds", "30", *options]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=300)


def run_one_check(address: str, check: str, *, patience: float) -> list[str]:
    """Run one check of the smoke test, with a clock that is past the deadline after the first pause; return what it says."""
    clock, lines = FakeMonotonic(), list[str]()
    server = smoke.Server(address, 60, patience, started_at=clock.now, clock=clock, sleep=lambda _: clock.advance(600))
    assert smoke.run_checks({check: smoke.build_checks()[check]}, server, lines.append) is False
    return lines


def start_rollout(cloud: FakeCloud, *options: str) -> subprocess.Popen[str]:
    """Begin a rollout."""
    arguments = ["--project=p", "--region=europe-west1", f"--image={IMAGE}", "--watch=0", "--seconds=60", *options]
    environment = {"PATH": f"{cloud.folder}:{os.environ['PATH']}"}
    command = [sys.executable, "deploy/rollout.py", *arguments]
    return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def run_rollout(cloud: FakeCloud, *options: str) -> tuple[int, str]:
    """Roll out, and return the exit code and what was printed."""
    running = start_rollout(cloud, *options)
    output, _ = running.communicate(timeout=300)
    return running.returncode, output


def test_a_healthy_server_passes(chorus: str) -> None:
    """Each of the four checks prints its result."""
    done = run_smoke_test(chorus)
    output = [line.split(":")[0].split() for line in done.stdout.splitlines()]
    assert done.returncode == 0
    assert output == [["ok", name] for name in ("health", "ready", "prediction", "picture")]


@pytest.mark.parametrize("failure", BROKEN)
def test_a_broken_server_fails(chorus: str, failure: str) -> None:
    """The failed check is named with advice, and no other follows."""
    path, spoilt, name = BROKEN[failure]
    with serve_with_faults(chorus, {path: spoilt}) as (address, _):
        done = run_smoke_test(address)
    last = done.stdout.splitlines()[-1]
    assert done.returncode == 1, last
    assert last.startswith(f"FAIL  {name}: expected"), last
    assert last.endswith("."), last


@pytest.mark.parametrize("trouble", UNFINISHED)
def test_a_server_without_a_conclusive_response_fails_at_the_deadline(chorus: str, trouble: str) -> None:
    """The output names the check that got no response, and says what to do."""
    path, spoilt, name = UNFINISHED[trouble]
    with serve_with_faults(chorus, {path: spoilt}) as (address, _):
        (last,) = run_one_check(address, name, patience=1)
    assert last.startswith(f"FAIL  {name}: expected 200 within 60 seconds, got "), last
    assert last.endswith("."), last


def test_a_server_without_its_model_fails() -> None:
    """It is a real process whose model file is missing."""
    with run_server({"CHORUS_MODEL": "/nowhere/iris.skops"}) as server:
        (last,) = run_one_check(server.url, "ready", patience=300)
    assert last.startswith("FAIL  ready: expected 200 within 60 seconds, got 503"), last


def test_the_last_response_before_the_deadline_is_reported(chorus: str) -> None:
    """If the deadline cuts off the second attempt, the 503 of the first is reported."""
    refusals = [FaultyResponse(503), FaultyResponse(503, delay_seconds=600)]
    with serve_with_faults(chorus, {"/ready": refusals}) as (address, came):
        (last,) = run_one_check(address, "ready", patience=300)
    assert last.startswith("FAIL  ready: expected 200 within 60 seconds, got 503"), last
    assert len(came) == 2


def test_a_closed_port_fails_at_the_deadline() -> None:
    """It is tried until then."""
    done = run_smoke_test("http://127.0.0.1:9", "--seconds", "1")
    assert done.returncode == 1
    assert "within 1 seconds, got no answer: ConnectionRefusedError" in done.stdout


def test_a_starting_server_is_tried_again(chorus: str) -> None:
    """A front end's 503 in the first moments isn't a failure."""
    with serve_with_faults(chorus, {"/health": FaultyResponse(503, max_uses=1), "/predict": FaultyResponse(429, max_uses=1)}) as (
        address,
        _,
    ):
        assert run_smoke_test(address).returncode == 0


def test_token_and_key_are_sent_and_never_printed(chorus: str) -> None:
    """IAM's token has its own header, so that the access key can be in Authorization."""
    with serve_with_faults(chorus, {"/ready": FaultyResponse(500, body=b"a-token a-key")}) as (address, came):
        done = run_smoke_test(address, IDENTITY_TOKEN="a-token", ACCESS_KEY="a-key")
    sent = {(headers["X-Serverless-Authorization"], headers["Authorization"]) for headers in came}
    assert sent == {("Bearer a-token", "Bearer a-key")}
    assert "a-token" not in done.stdout
    assert "a-key" not in done.stdout


@pytest.mark.parametrize("address", ["localhost:8080", "ftp://x", "https://"])
def test_an_invalid_url_is_refused(address: str) -> None:
    """The exit code is 2, and nothing is requested."""
    assert run_smoke_test(address).returncode == 2


def test_a_rollout_shifts_a_part_and_then_all_traffic(chorus: str, tmp_path: Path) -> None:
    """The new revision starts without traffic, gets 10% and then all of it, and loses its tag."""
    cloud = FakeCloud(tmp_path, chorus, chorus)
    code, output = run_rollout(cloud)
    verbs = [" ".join(call[: 2 if call[1] == "deploy" else 3]) for call in cloud.load_calls() if call[0] == "run" and "list" not in call]
    assert code == 0, output
    assert cloud.load_state()["traffic"] == {"chorus-1": 0, "chorus-2": 100}, output
    assert cloud.load_state()["tags"] == {}, output
    assert cloud.traffic_splits() == ["chorus-2=10", "chorus-2=100"], output
    assert verbs == [DEPLOY] + 3 * ["run services update-traffic"]
    assert "--no-traffic" in cloud.load_calls()[1]


@pytest.mark.parametrize(
    ("refused", "which"),
    [(DEPLOY, 1), (PART, 1), *(pytest.param(*case, marks=ONLY_IN_FAULTS) for case in ((LIST, 1), (LIST, 2), (LOG, 1), (WHOLE, 1)))],
)
def test_a_failing_step_returns_the_traffic(chorus: str, tmp_path: Path, refused: str, which: int) -> None:
    """Whatever gcloud refuses, the previous revision has all traffic in the end."""
    cloud = FakeCloud(tmp_path, chorus, chorus, refused_calls={refused: [which]})
    code, output = run_rollout(cloud)
    traffic = {name: part for name, part in cloud.load_state()["traffic"].items() if part}
    assert code == 1, output
    assert traffic == {"chorus-1": 100}, output
    assert cloud.load_state()["tags"] == {}, output
    assert "STOP" in output


def test_a_revision_that_fails_its_test_gets_no_traffic(chorus: str, tmp_path: Path) -> None:
    """The previous revision keeps serving."""
    with serve_with_faults(chorus, {"/predict": NEGATIVE}) as (address, _):
        cloud = FakeCloud(tmp_path, chorus, address)
        code, output = run_rollout(cloud)
    assert code == 1
    assert cloud.traffic_splits() == ["chorus-1=100"]
    assert cloud.load_state()["tags"] == {}
    assert "expected 'positive'" in output


def test_a_service_that_fails_with_all_traffic_is_rolled_back(chorus: str, tmp_path: Path) -> None:
    """The last test uses the public URL."""
    with serve_with_faults(chorus, {"/frequency.png": HTML}) as (address, _):
        cloud = FakeCloud(tmp_path, address, chorus)
        code, _ = run_rollout(cloud)
    assert code == 1
    assert cloud.traffic_splits() == ["chorus-2=10", "chorus-2=100", "chorus-1=100"]


def test_a_revision_with_an_error_is_rolled_back(chorus: str, tmp_path: Path) -> None:
    """A single 500 in the log while it has a part is enough."""
    cloud = FakeCloud(tmp_path, chorus, chorus, logged_errors=["GET /report 500"])
    code, output = run_rollout(cloud)
    assert code == 1
    assert cloud.traffic_splits() == ["chorus-2=10", "chorus-1=100"]
    assert "answered a request with 500" in output


def test_shared_traffic_is_restored(chorus: str, tmp_path: Path) -> None:
    """A split of 30% and 70% before is the same split again."""
    cloud = FakeCloud(tmp_path, chorus, chorus, traffic={"chorus-0": 30, "chorus-1": 70}, refused_calls={"chorus-3=100": [1]})
    code, _ = run_rollout(cloud)
    assert code == 1
    assert cloud.load_state()["traffic"] == {"chorus-0": 30, "chorus-1": 70, "chorus-3": 0}


def test_a_failed_rollback_prints_the_command(chorus: str, tmp_path: Path) -> None:
    """After three refusals, the last line is the command, with its own exit code."""
    cloud = FakeCloud(tmp_path, chorus, chorus, refused_calls={WHOLE: [1], "chorus-1=100": [1, 2, 3]})
    code, output = run_rollout(cloud)
    command = "gcloud run services update-traffic chorus --project=p --region=europe-west1 --to-revisions=chorus-1=100"
    assert code == 3
    assert output.splitlines()[-1] == command


def test_the_first_revision_gets_all_traffic(chorus: str, tmp_path: Path) -> None:
    """There is no other revision."""
    cloud = FakeCloud(tmp_path, chorus, chorus, traffic={})
    code, output = run_rollout(cloud)
    assert code == 0
    assert "--no-traffic" not in output
    assert cloud.load_state()["traffic"] == {"chorus-1": 100}


def test_a_private_service_is_tested_with_a_token(chorus: str, tmp_path: Path) -> None:
    """Its audience is the service's URL, and it isn't printed."""
    with serve_with_faults(chorus) as (address, came):
        cloud = FakeCloud(tmp_path, chorus, address)
        code, output = run_rollout(cloud, "--private=yes", "--impersonate=tester@p.iam.gserviceaccount.com")
    token_call = next(call for call in cloud.load_calls() if call[0] == "auth")
    assert code == 0
    assert f"--audiences={chorus}" in token_call
    assert "a-secret-token" not in output
    assert {headers["X-Serverless-Authorization"] for headers in came} == {"Bearer a-secret-token"}


def test_a_cancelled_build_returns_the_traffic(chorus: str, tmp_path: Path) -> None:
    """It gets SIGTERM while a part of the traffic is watched."""
    cloud = FakeCloud(tmp_path, chorus, chorus)
    running = start_rollout(cloud, "--watch=30")
    deadline = time.monotonic() + 300
    while time.monotonic() < deadline and not cloud.traffic_splits():
        time.sleep(0.05)
    running.send_signal(signal.SIGTERM)
    output, _ = running.communicate(timeout=300)
    assert running.returncode == 1, output
    assert cloud.traffic_splits() == ["chorus-2=10", "chorus-1=100"], output


def test_without_gcloud_it_says_where_to_get_it(tmp_path: Path) -> None:
    """The message says that nothing was changed."""
    command = [sys.executable, "deploy/rollout.py", "--project=p", "--region=r", "--image=i"]
    done = subprocess.run(command, cwd=ROOT, env={"PATH": str(tmp_path)}, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "cloud.google.com/sdk" in done.stdout
    assert "Nothing was changed" in done.stdout
