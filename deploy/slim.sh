#!/usr/bin/env bash
# Removes from a virtual environment what serving never uses, and compiles the rest. The Dockerfile runs it.
set -euo pipefail
venv=$1
site=$(echo "$venv"/lib/python3.*/site-packages)
shopt -s extglob nullglob

"$venv/bin/python" -m pip uninstall --yes --quiet setuptools 2>/dev/null || true
"$venv/bin/python" -m pip uninstall --yes --quiet pip
rm -rf "$venv"/bin/!(python*|gunicorn|dask) "$venv"/{etc,share,include} "$site"/{distutils-precedence.pth,_distutils_hack}

# Tests, stubs and headers. NumPy keeps all of its modules, because scipy imports them.
find "$site" -type d -name tests -prune -exec rm -rf {} +
find "$site" -type f \( -name '*.pyi' -o -name '*.pxd' -o -name '*.h' -o -name '*.a' \) -delete

# plotly only checks figures in the tests; pages load plotly.js from static/. Its dependency stays if scikit-learn needs it, too.
rm -rf "$site"/{plotly,_plotly_utils}
[ -d "$site/sklearn" ] || rm -rf "$site/narwhals"

# How other languages than those of the interface write numbers and dates: 30 MB.
find "$site/babel/locale-data" -name '*.dat' -regextype posix-extended -not -regex '.*/(root|en|de|fr|es|es_ES|pt|pt_BR)\.dat' -delete

# Symbol tables, which only debuggers read: 40 MB of polars. Libraries bundled with wheels are left unchanged.
find "$site" -name '*.so' -not -path '*.libs/*' -exec strip --strip-unneeded {} +

# Compiled files replace the sources, which saves 31 MB and a check at every import. Our own code keeps its sources.
# Docstrings stay, because polars uses them to recognise methods that are only signatures.
"$venv/bin/python" -m compileall -q -b -j 0 "$site"
find "$site" -name '*.py' -exec sh -c 'for f; do [ -f "${f}c" ] && rm "$f"; done' sh {} +
find "$site" -name __pycache__ -prune -exec rm -rf {} +

# Check that the libraries that load other people's models still work.
[ ! -d "$site/sklearn" ] || "$venv/bin/python" -c "import joblib, skops.io, sklearn.pipeline, sklearn.compose"
