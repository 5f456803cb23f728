"""The syntax of domain names, for networks whose accounts contain one. Whether a host may be contacted is decided in `ssrf_guard.py`."""

import re

_LABEL_PATTERN = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
DOMAIN_NAME = re.compile(rf"(?=.{{4,253}}$)({_LABEL_PATTERN}\.)+[a-z]([a-z0-9-]{{0,61}}[a-z0-9])?")
DOCUMENTED_PATTERN = rf"({_LABEL_PATTERN}\.)+[a-z][a-z0-9-]{{0,61}}[a-z0-9]"  # common names only, for use inside a longer expression
