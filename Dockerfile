# Chorus as one image: packages by hash, front-end files, our own code, in the order of how seldom they change.
# BASE is pinned by its tag; `docker buildx imagetools inspect` tells its digest, and --build-arg BASE=…@sha256:… pins that.
ARG BASE=python:3.11-slim-bookworm
ARG NODE=node:22-bookworm-slim

# The chart script, by the lock's hash.
FROM ${NODE} AS npm
WORKDIR /front
COPY package.json package-lock.json .npmrc ./
RUN npm ci --silent --ignore-scripts --no-audit --no-fund

# The packages, by the lock's hashes; LOCK=requirements-models.txt adds scikit-learn and skops for mounted pipelines.
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

# What browsers load, compressed once.
FROM packages AS front
COPY static /front/static
COPY --from=npm /front/node_modules/plotly.js-basic-dist-min/plotly-basic.min.js /front/static/vendor/plotly.min.js
RUN /opt/venv/bin/python -m whitenoise.compress --quiet /front/static

# Our own code, compiled: a process that may not write never could.
FROM packages AS code
WORKDIR /app
COPY gunicorn.conf.py ./
COPY lexicons lexicons
COPY templates templates
COPY dashboard dashboard
COPY deploy/smoke.py deploy/smoke.py
RUN /opt/venv/bin/python -m compileall -q --invalidation-mode unchecked-hash dashboard deploy

FROM ${BASE}
LABEL org.opencontainers.image.title="Chorus" \
      org.opencontainers.image.description="How often accounts post, and how they sound" \
      org.opencontainers.image.licenses="Apache-2.0"
# For images: emoji; Chinese, Japanese and Korean; Arabic, Hebrew and signs (one face of it, or a bold one stands in). What the
# base installs packages with goes.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install -y --no-install-recommends fonts-dejavu-core fonts-noto-color-emoji fonts-wqy-microhei \
    && rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/cache/debconf/*-old /var/log/apt /var/log/dpkg.log \
        /usr/local/lib/python3.*/site-packages/pip* /usr/local/lib/python3.*/ensurepip /usr/local/bin/pip* \
    && find /usr/share/fonts/truetype/dejavu -name 'DejaVu*' -not -name DejaVuSans.ttf -delete \
    && install -d -o 10001 -g 10001 /datasets
COPY --from=packages /opt/venv /opt/venv
COPY --from=front /front/static /app/static
COPY --from=code /app /app
WORKDIR /app
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 HOME=/tmp
USER 10001:10001
EXPOSE 8080
STOPSIGNAL SIGTERM
CMD ["gunicorn", "dashboard.app:create_app()"]
