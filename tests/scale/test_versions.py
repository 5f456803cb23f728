"""What tells results of one version of Chorus from those of another."""

import subprocess
import sys

import pytest

from dashboard.core.clock import system_clock
from dashboard.core.methods import METHODS
from dashboard.scale.options import Options
from dashboard.scale.post_facts import PostAnalyzer
from tests.support.paths import ROOT

PROGRAM = """
from dashboard.core.clock import system_clock
from dashboard.scale.options import Options
from dashboard.scale.post_facts import PostAnalyzer
print(PostAnalyzer(Options({methods}, system_clock())).find_versions())
"""


@pytest.mark.slow
def test_the_versions_are_the_same_in_every_process() -> None:
    """Otherwise no process could use what another one found out."""
    methods = METHODS.names()
    output = subprocess.check_output([sys.executable, "-c", PROGRAM.format(methods=methods)], cwd=ROOT, text=True)
    assert output.strip() == str(PostAnalyzer(Options(methods, system_clock())).find_versions())
