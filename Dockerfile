# Chorus as one image. Packages, front-end files and our own code are separate stages; the least often changed come first.
# BASE is pinned by tag; `docker buildx imagetools inspect` prints its digest, and --build-arg BASE=…@sha256:… pins the digest.
ARG BASE=python:3.11-slim-bookworm
ARG NODE=node:22-bookworm-slim

# The chart script, verified by the hash in the lock file.
FROM ${NODE} AS npm
WORKDIR /front
COPY package.json package-lock.json .npmrc ./
RUN npm ci --silent --ignore-scripts --no-audit --no-fund

# The packages, verified by the hashes in the lock file; LOCK=requirements-models.txt adds scikit-learn and skops for mounted pipelines.
FROM ${BASE} AS packages
ARG LOCK=requirements.txt
SHELL ["/bin/bash", "-euo", "pipefail", "-c"]
# hadolint ignore=DL3008
RUN apt-get update && apt-get install -y --no-install-recommends binutils && rm -rf /var/lib/apt/lists/*
COPY requirements*.txt /locks/
RUN python3 -m venv /opt/venv \
    && /opt/venv/bin/pip install --quiet --no-cache-dir --no-compile --disable-pip-version-check --only-binary :all: \
        --require-hashes -r "/locks/${LOCK}"
COPY deploy/slim.sh /locks/
RUN /bin/bash /locks/slim.sh /opt/venv

# Static files, compressed at build time.
FROM packages AS front
COPY static /front/static
COPY --from=npm /front/node_modules/plotly.js-basic-dist-min/plotly-basic.min.js /front/static/vendor/plotly.min.js
RUN /opt/venv/bin/python -m whitenoise.compress --quiet /front/static

# Our own code, compiled now because the running process can't write.
FROM packages AS code
WORKDIR /app
COPY gunicorn.conf.py ./
COPY lexicons lexicons
COPY templates templates
COPY dashboard dashboard
COPY deploy/smoke.py deploy/smoke.py
RUN /opt/venv/bin/python -m compileall -q --invalidation-mode unchecked-hash dashboard deploy

# The base with fonts for chart images: emoji; Chinese, Japanese and Korean; Arabic, Hebrew and symbols. Only the regular DejaVu face stays,
# because a bold one would be used in its place. pip, Python's help texts and glibc's tables of old character sets, which Python doesn't
# read, are removed.
FROM ${BASE} AS system
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install -y --no-install-recommends fonts-dejavu-core fonts-noto-color-emoji fonts-wqy-microhei \
    && rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/cache/debconf/*-old /var/log/apt /var/log/dpkg.log /var/lib/dpkg/status-old \
        /usr/local/lib/python3.*/site-packages/* /usr/local/bin/pip* /usr/share/python-wheels /usr/lib/*/gconv \
    && for part in ensurepip idlelib lib2to3 pydoc_data test turtledemo; do \
        rm -rf /usr/lib/python3.*/"$part" /usr/local/lib/python3.*/"$part"; done \
    && find /usr/share/fonts/truetype/dejavu -name 'DejaVu*' -not -name DejaVuSans.ttf -delete \
    && install -d -o 10001 -g 10001 /datasets

# Copied from the stage above rather than built on it, so that what was removed there takes no space.
FROM scratch
LABEL org.opencontainers.image.title="Chorus" \
      org.opencontainers.image.description="How often accounts post – and how they sound" \
      org.opencontainers.image.licenses="Apache-2.0"
# hadolint ignore=DL3067
COPY --from=system / /
COPY --from=packages /opt/venv /opt/venv
COPY --from=front /front/static /app/static
COPY --from=code /app /app
WORKDIR /app
ENV PATH=/opt/venv/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 HOME=/tmp
USER 10001:10001
EXPOSE 8080
STOPSIGNAL SIGTERM
CMD ["gunicorn", "dashboard.app:create_app()"]
