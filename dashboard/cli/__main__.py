"""Runs the command of a process that was started with `python -m dashboard.cli`."""

import sys

from dashboard.cli import main

sys.exit(main())
