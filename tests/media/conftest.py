"""What the tests of media share."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.files.storage import storages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection

from tests.factories.accounts import UserFactory

from .clamd_server import ClamdServer
from .s3_server import buckets, server, use  # noqa: F401  fixtures


@pytest.fixture(autouse=True)
def local_store(settings, tmp_path):
    """Both stores are folders of this test's own: `local_store / "public"`."""
    kept = settings.STORAGES
    settings.STORAGES = kept | {
        name: {"BACKEND": "apps.media.storage.local.LocalStorage", "OPTIONS": {"location": tmp_path / name}}
        for name in ("public", "private")
    }
    return tmp_path


@pytest.fixture
def person(db):
    return UserFactory()


@pytest.fixture
def other_person(db):
    return UserFactory()


def upload(content: bytes, name="photo.jpg", content_type="image/jpeg"):
    return SimpleUploadedFile(name, content, content_type=content_type)


def send(client, content: bytes, kind="image", *, name="photo.jpg", content_type="image/jpeg", headers=None, **fields):
    """POST /upload/<kind>, as a browser would."""
    body = {"file": upload(content, name, content_type), **fields}
    return client.post(f"/api/v1/upload/{kind}", body, format="multipart", headers=headers)


def stored_bytes(file, variant=None) -> bytes:
    key = file.variants[variant]["key"] if variant else file.key
    with storages[file.visibility].open(key) as opened:
        return opened.read()


def objects_in(folder) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


@pytest.fixture
def together():
    """`together(first, second)` calls them at the same moment, each on a database connection of its own; what they
    gave, or the exception they ended with."""

    def run(*acts):
        ready = threading.Barrier(len(acts), timeout=30)

        def one(act):
            try:
                ready.wait()
                return act()
            except Exception as error:  # noqa: BLE001  the test looks at it
                return error
            finally:
                connection.close()

        with ThreadPoolExecutor(max_workers=len(acts)) as pool:
            return list(pool.map(one, acts))

    return run


@pytest.fixture
def scanner(settings):
    """From now on files are scanned, by a server of the test's own."""
    clamd = ClamdServer()
    settings.MEDIA_SCANNER, settings.MEDIA_SCANNER_ADDRESS = "clamd", clamd.address
    yield clamd
    clamd.close()
