#!/usr/bin/env bash
# Take from a virtual environment what serving never touches, then compile the rest; a step of the Dockerfile.
set -euo pipefail
venv=$1
site=$(echo "$venv"/lib/python3.*/site-packages)
shopt -s extglob nullglob

"$venv/bin/python" -m pip uninstall --yes --quiet setuptools 2>/dev/null || true
"$venv/bin/python" -m pip uninstall --yes --quiet pip
rm -rf "$venv"/bin/!(python*|gunicorn) "$venv"/{etc,share,include} "$site"/{distutils-precedence.pth,_distutils_hack}

# Tests, stubs and headers; what notebooks want. NumPy keeps its modules: scipy clones them all.
find "$site" -type d -name tests -prune -exec rm -rf {} +
find "$site" -type f \( -name '*.pyi' -o -name '*.pxd' -o -name '*.h' -o -name '*.a' \) -delete

# What checks figures in the tests, and what it needs unless scikit-learn does too; the script that draws them is ours, in static/.
rm -rf "$site"/{plotly,_plotly_utils}
[ -d "$site/sklearn" ] || rm -rf "$site/narwhals"

# Symbol tables, which only debuggers read: 40 MB of polars. Libraries that a wheel carries beside itself are left alone.
find "$site" -name '*.so' -not -path '*.libs/*' -exec strip --strip-unneeded {} +

# Compiled in place of their sources: 31 MB less, and nothing to compare when a module loads. Our own code keeps its sources.
# Docstrings stay: polars looks at them to know which of its methods are only signatures.
"$venv/bin/python" -m compileall -q -b -j 0 "$site"
find "$site" -name '*.py' -exec sh -c 'for f; do [ -f "${f}c" ] && rm "$f"; done' sh {} +
find "$site" -name __pycache__ -prune -exec rm -rf {} +

# What loads models of others still loads.
[ ! -d "$site/sklearn" ] || "$venv/bin/python" -c "import joblib, skops.io, sklearn.pipeline, sklearn.compose"
