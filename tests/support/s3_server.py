"""A server on loopback that answers like S3, with one bucket, and the settings with which s3fs finds it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import fsspec
import pytest
from moto.server import ThreadedMotoServer


@contextmanager
def serve_bucket(name: str, files: Path) -> Iterator[fsspec.AbstractFileSystem]:
    """Serve a bucket with the files of a folder, and yield its file system."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    settings = {"AWS_ENDPOINT_URL": f"http://{host}:{port}", "AWS_ACCESS_KEY_ID": "any", "AWS_SECRET_ACCESS_KEY": "any"}
    with pytest.MonkeyPatch.context() as patch:
        for setting, value in settings.items():
            patch.setenv(setting, value)
        bucket = fsspec.filesystem("s3", skip_instance_cache=True)
        bucket.mkdir(name)
        bucket.put(str(files), f"{name}/", recursive=True)
        try:
            yield bucket
        finally:
            server.stop()
