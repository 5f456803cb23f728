#!/usr/bin/env bash
# Removes from a virtual environment what serving never uses, and compiles the rest. The Dockerfile runs it.
set -euo pipefail
venv=$1
site=$(echo "$venv"/lib/python3.*/site-packages)
shopt -s extglob nullglob

"$venv/bin/python" -m pip uninstall --yes --quiet setuptools 2>/dev/null || true
"$venv/bin/python" -m pip uninstall --yes --quiet pip
rm -rf "$venv"/bin/!(python*|gunicorn|dask) "$venv"/{etc,share,include} "$site"/{distutils-precedence.pth,_distutils_hack}

# Tests, stubs and headers.
find "$site" -type d -name tests -prune -exec rm -rf {} +
find "$site" -type f \( -name '*.pyi' -o -name '*.pxd' -o -name '*.h' -o -name '*.a' \) -delete

# Parts of packages that nothing here imports: NumPy's build tools and the modules that only its tests load; lxml's sources, HTML parser
# and object API, because python-pptx uses etree alone; command-line tools.
find "$site" -type f \( -name '*.pyx' -o -name '*.pxi' -o -name '*.c' \) -delete
rm -rf "$site"/numpy/distutils "$site"/numpy/_core/{_simd,_*_tests}.*.so "$site"/lxml/{html,isoschematron,includes} \
    "$site"/lxml/{objectify,sax,builder}.* "$site"/pypdfium2_cli

# scipy imports all public modules of NumPy.
[ -d "$site/scipy" ] || rm -rf "$site/numpy/f2py"

# Pillow reads and writes PNG, JPEG and GIF; AVIF, WebP, fonts and colour profiles, with their libraries, aren't used. Pillow treats
# modules that are missing like formats that it was built without.
rm -f "$site"/PIL/_{avif,webp,imagingft,imagingcms,imagingtk}.*.so \
    "$site"/pillow.libs/lib{avif,webp,webpdemux,webpmux,sharpyuv,freetype,harfbuzz,png16,brotlicommon,brotlidec,lcms2}-*

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

# Check that the libraries that draw images and slides, and those that load other people's models, still work.
"$venv/bin/python" - <<'EOF'
import io, numpy.linalg, openpyxl, pptx
from PIL import Image

Image.init()
for name in ("PNG", "JPEG", "GIF"):
    Image.new("RGB", (9, 9)).quantize(2).convert("RGB").save(file := io.BytesIO(), name)
deck = pptx.Presentation()
deck.slides.add_slide(deck.slide_layouts[6]).shapes.add_picture(file, 0, 0)
deck.save(io.BytesIO())
EOF
[ ! -d "$site/sklearn" ] || "$venv/bin/python" -c "import joblib, skops.io, sklearn.pipeline, sklearn.compose"
