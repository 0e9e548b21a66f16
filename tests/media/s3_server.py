"""A server that speaks S3 on a port of this machine, with two buckets; the fixtures are `conftest`'s."""

import socket

import boto3
import pytest
from botocore.config import Config
from moto.server import ThreadedMotoServer

from apps.media.storage import s3

KEYS = {"access_key": "testing", "secret_key": "testing", "region_name": "eu-central-1"}
CACHED = {"public": "public, max-age=31536000, immutable", "private": "private, no-store"}


@pytest.fixture(scope="session")
def server():
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def use(settings, monkeypatch):
    """`use(url)`: from now on both stores are buckets there."""
    monkeypatch.setattr(s3, "CONNECT_SECONDS", 0.3)
    monkeypatch.setattr(s3, "READ_SECONDS", 0.5)

    def point(url):
        settings.STORAGES = settings.STORAGES | {
            name: {
                "BACKEND": "apps.media.storage.s3.S3Storage",
                "OPTIONS": KEYS
                | {"bucket_name": f"medivoy-{name}", "cache_control": CACHED[name], "endpoint_url": url},
            }
            for name in ("public", "private")
        }
        settings.MEDIA_PUBLIC_URL = f"{url}/medivoy-public/"

    return point


@pytest.fixture
def buckets(server, use, local_store):
    """Two empty buckets, and a client that looks into them past our own code."""
    client = boto3.client(
        "s3", endpoint_url=server, aws_access_key_id="testing", aws_secret_access_key="testing",
        region_name="eu-central-1", config=Config(signature_version="s3v4"),
    )  # fmt: skip
    for name in ("medivoy-public", "medivoy-private"):
        client.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    use(server)
    yield client
    for name in ("medivoy-public", "medivoy-private"):
        for key in keys_in(client, name):
            client.delete_object(Bucket=name, Key=key)
        client.delete_bucket(Bucket=name)
    client.close()


def keys_in(client, bucket):
    return sorted(row["Key"] for row in client.list_objects_v2(Bucket=bucket).get("Contents", []))


def dead_address():
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return f"http://127.0.0.1:{probe.getsockname()[1]}"
