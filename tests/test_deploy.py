"""The files of a deployment say what they mean: read by the programs that will read them, gcloud's own parser among them."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.paths import ROOT

BIN = Path(sys.executable).parent
GCLOUD = shutil.which("gcloud")
needs_gcloud = pytest.mark.skipif(GCLOUD is None, reason="no gcloud on this machine")
PLACEHOLDERS = {"PROJECT": "a-project", "REGION": "europe-west1", "BUCKET": "a-bucket", "ROLLOUT": "a-build"}
SERVICE = yaml.safe_load((ROOT / "deploy" / "service.yaml").read_text(encoding="utf-8"))
# gcloud's own way from a file to its message, which refuses what the message does not know.
READING = """
import importlib, sys
sys.path[:0] = [sys.argv[1] + "/lib", sys.argv[1] + "/lib/third_party"]
from googlecloudsdk.api_lib.util import messages
from googlecloudsdk.core import yaml
known = importlib.import_module("googlecloudsdk.generated_clients.apis." + sys.argv[2])
messages.DictToMessageWithErrorCheck(yaml.load_path(sys.argv[4]), getattr(known, sys.argv[3]))
"""
# gcloud itself, many commands in one process: a mark on stderr before what it says to each.
ASKING = """
import json, sys
sys.path[:0] = [sys.argv[1] + "/lib", sys.argv[1] + "/lib/third_party"]
from googlecloudsdk import gcloud_main
from googlecloudsdk.api_lib.iamcredentials import util
from googlecloudsdk.core.credentials import store
from tests.support.paths import ROOT
store.IMPERSONATION_TOKEN_PROVIDER = util.ImpersonationAccessTokenProvider()
command_line = gcloud_main.CreateCLI([])
for words in json.load(sys.stdin):
    sys.stderr.write("@@@@")
    try:
        command_line.Execute(words)
    except SystemExit as end:
        sys.stderr.write(f" exit {end.code}")
"""
MARK, UNKNOWN = "@@@@", "You do not currently have an active account selected"
FILES = {"deploy/service.yaml": ["run.v1.run_v1_messages", "Service"], "cloudbuild.yaml": ["cloudbuild.v1.cloudbuild_v1_messages", "Build"]}


def sdk() -> Path:
    """Return where the real gcloud lives."""
    return Path(str(GCLOUD)).resolve().parents[1]


def parse_with_gcloud(commands: list[list[str]], folder: Path) -> list[str]:
    """Give commands to the real gcloud, without an account; return what it does not understand of each, or ""."""
    quiet = {"CLOUDSDK_CONFIG": str(folder), "CLOUDSDK_CORE_DISABLE_PROMPTS": "1", "CLOUDSDK_CORE_CHECK_GCE_METADATA": "false"}
    done = subprocess.run(
        [sys.executable, "-S", "-c", ASKING, str(sdk())],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"]} | quiet,
        input=json.dumps(commands),
        capture_output=True,
        text=True,
        check=True,
    )
    output = done.stderr.split(MARK)[1:]
    return [
        "" if UNKNOWN in message and message.endswith(" exit 1") else f"{shlex.join(words)}: {message}"
        for words, message in zip(commands, output, strict=True)
    ]


def written() -> list[list[str]]:
    """Return every gcloud command that the documents tell to type."""
    text = "\n".join(page.read_text(encoding="utf-8") for page in sorted((ROOT / "docs" / "operate").glob("*.md")))
    blocks = "\n".join(re.findall(r"```sh\n(.*?)```", text, re.DOTALL)).replace("\\\n", " ")
    for name, value in PLACEHOLDERS.items():
        blocks = re.sub(rf"\b{name}\b", value, blocks)
    lines = (re.sub(r"\$\((?:[^()]|\([^()]*\))*\)", "x", line) for line in blocks.splitlines())
    matches = [re.search(r"\bgcloud .*?(?=$| \||\s#)", line) for line in lines]
    return [shlex.split(found_match[0])[1:] for found_match in matches if found_match]


def rollout() -> list[list[str]]:
    """Return the commands of a rollout, as its own code writes them."""
    program = (
        "import argparse, json, pathlib, sys; sys.path.insert(0, 'deploy'); import rollout\n"
        "calls = []\n"
        "def run(self, *arguments): calls.append([*arguments, f'--project={self.project}', '--quiet']); return '[]'\n"
        "rollout.Gcloud.run = run\n"
        "cloud = rollout.Gcloud('a-project', 'europe-west1', 'chorus')\n"
        "options = argparse.Namespace(account='', image='i', tag='canary', flags=rollout.FLAGS)\n"
        "cloud.load_service(), cloud.deploy(options, is_first=False), cloud.split_traffic({'chorus-2': 10}), cloud.remove_tag('canary')\n"
        "cloud.create_token('https://x.run.app', 'a@p.iam.gserviceaccount.com'), cloud.load_failures('chorus-2')\n"
        "print(json.dumps(calls))"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    return list(json.loads(done.stdout))


@needs_gcloud
def test_gcloud_understands_every_command(tmp_path: Path) -> None:
    """What the rollout runs and what the documents say is refused for want of an account, and for nothing else."""
    commands = [*rollout(), *written()]
    assert [message for message in parse_with_gcloud(commands, tmp_path) if message] == []
    assert len(commands) > 30


@needs_gcloud
def test_a_wrong_flag_is_told_from_a_missing_account(tmp_path: Path) -> None:
    """The test above can fail."""
    deploy, common = ["run", "deploy", "chorus", "--image=i"], ["--region=europe-west1", "--project=p"]
    wrong = [[*deploy, flag, *common] for flag in ("--cpus=1", "--concurrency=many", "--startup-probe=path=/ready", "--cpu-boost=2")]
    wrong += [
        ["run", "services", "update-traffic", "chorus", "--to-revisions=a:10", *common],
        ["run", "services", "swap", "deploy/service.yaml"],
    ]
    assert [message != "" for message in parse_with_gcloud(wrong, tmp_path)] == [True] * len(wrong)


def read_by_gcloud(path: Path, kind: list[str]) -> str:
    """Return what gcloud's own messages do not understand of a file."""
    command = [sys.executable, "-S", "-c", READING, str(sdk()), *kind, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stderr.strip()


@needs_gcloud
@pytest.mark.parametrize("name", FILES)
def test_gcloud_reads_the_file(name: str) -> None:
    """Every key is one that the API knows, and of its type."""
    assert read_by_gcloud(ROOT / name, FILES[name]) == ""


@needs_gcloud
@pytest.mark.parametrize("wrong", ["failureThreshold: 30", "containerConcurrency: 8", "secretKeyRef:", "bucketName: BUCKET"])
def test_a_mistyped_key_is_found(tmp_path: Path, wrong: str) -> None:
    """The test above can fail: a letter less in a key, or a list where a text is wanted."""
    text = (ROOT / "deploy" / "service.yaml").read_text(encoding="utf-8")
    broken = tmp_path / "service.yaml"
    broken.write_text(text.replace(wrong, "bucketName: [BUCKET]" if "BUCKET" in wrong else wrong[0] + wrong[2:], 1), encoding="utf-8")
    assert read_by_gcloud(broken, FILES["deploy/service.yaml"]) != ""


@pytest.mark.parametrize(("name", "schema"), [("cloudbuild.yaml", "vendor.cloudbuild"), ("compose.yaml", "vendor.compose-spec")])
def test_a_file_keeps_its_schema(name: str, schema: str) -> None:
    """check-jsonschema finds nothing."""
    done = subprocess.run(
        [BIN / "check-jsonschema", "--builtin-schema", schema, name], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout


def test_the_dockerfile_is_clean() -> None:
    """hadolint finds nothing but what is excused in place."""
    done = subprocess.run([BIN / "hadolint", "Dockerfile"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stdout + done.stderr == ""


def test_flags_and_service_say_the_same() -> None:
    """Whoever deploys by the script gets what service.yaml declares."""
    flags = yaml.safe_load((ROOT / "deploy" / "flags.yaml").read_text(encoding="utf-8"))
    revision, notes = SERVICE["spec"]["template"]["spec"], SERVICE["spec"]["template"]["metadata"]["annotations"]
    container = revision["containers"][0]
    declared = {f"--{name}": value for name, value in container["resources"]["limits"].items()} | {
        "--concurrency": revision["containerConcurrency"],
        "--timeout": revision["timeoutSeconds"],
        "--port": container["ports"][0]["containerPort"],
        "--min-instances": int(notes["autoscaling.knative.dev/minScale"]),
        "--max-instances": int(notes["autoscaling.knative.dev/maxScale"]),
        "--cpu-boost": notes["run.googleapis.com/startup-cpu-boost"] == "true",
        "--cpu-throttling": notes["run.googleapis.com/cpu-throttling"] == "true",
        "--execution-environment": notes["run.googleapis.com/execution-environment"],
        "--startup-probe": probe(container["startupProbe"]),
        "--liveness-probe": probe(container["livenessProbe"]),
    }
    assert flags == declared


def probe(declared: dict[str, Any]) -> str:
    """Return a probe as a flag writes it."""
    asked = {f"httpGet.{name}": value for name, value in declared["httpGet"].items()}
    return ",".join(f"{name}={value}" for name, value in (asked | {k: v for k, v in declared.items() if k != "httpGet"}).items())


def test_a_thread_serves_each_request_that_an_instance_is_given() -> None:
    """Cloud Run starts another instance before requests wait for a thread here."""
    served = subprocess.run(
        [sys.executable, "-c", "import runpy; print(runpy.run_path('gunicorn.conf.py')['threads'])"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert int(served.stdout) == SERVICE["spec"]["template"]["spec"]["containerConcurrency"]


@pytest.mark.parametrize("name", ["Dockerfile", "cloudbuild.yaml", "compose.yaml", "deploy/service.yaml", "deploy/flags.yaml"])
def test_no_file_holds_a_secret(name: str) -> None:
    """A key comes from Secret Manager or from the caller's environment, never out of a file or a command line."""
    text = (ROOT / name).read_text(encoding="utf-8")
    matches = re.findall(r"(?:TOKEN|KEYS?|SECRET|PASSWORD)\w*\s*[:=] *(?!\$\{)[\w/+-]{8,}", text)
    assert matches == []
    assert "--build-arg=X_" not in text
    assert "--set-secrets=" not in text


def test_only_what_the_image_is_made_of_is_sent() -> None:
    """Whatever else lies in the folder, keys and datasets among it, stays out of the builder's sight."""
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    rules = [line for line in lines if line and not line.startswith("#")]
    sources = re.findall(r"^COPY (?!--from)(.+) \S+$", (ROOT / "Dockerfile").read_text(encoding="utf-8"), re.MULTILINE)
    sent = {rule.removeprefix("!") for rule in rules if rule.startswith("!")}
    assert rules[0] == "*"
    assert sent == {word for line in sources for word in line.split()}


def test_the_page_of_costs_is_what_the_formula_gives() -> None:
    """Whoever changes a price or a measure changes the page too."""
    table = subprocess.run([sys.executable, "deploy/cost.py"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert table in (ROOT / "docs" / "operate" / "cost.md").read_text(encoding="utf-8")


def test_a_cost_of_ones_own_can_be_reckoned() -> None:
    """Ten times the free CPU, with nothing kept: what is above the free part, at its price."""
    command = [sys.executable, "deploy/cost.py", "--views=10000000", "--cpu=0.108", "--wall=0.01", "--sent=0"]
    cells = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split(" | ")
    assert cells[2:5] == ["1,800,000", f"{1_620_000 * 0.000024:.2f}", f"{1_440_000 * 0.0000025:.2f}"]


def pins(name: str) -> set[str]:
    """Return what a lock pins."""
    return set(re.findall(r"^[\w.-]+==\S+", (ROOT / name).read_text(encoding="utf-8"), re.MULTILINE))


@pytest.mark.parametrize("name", ["requirements-models.txt", "requirements-dev.txt"])
def test_each_lock_holds_what_is_served(name: str) -> None:
    """The image with scikit-learn, and the tests, have the very packages of the plain image; `make lock` sees to it."""
    assert pins("requirements.txt") - pins(name) == set()
