"""What the tests of large uploads share: small parts, a file of several of them, and how they are sent."""

import hashlib
from urllib.parse import urlsplit

from apps.media import services
from apps.media.models import UploadSession
from tests.factories.media import dicom

SESSIONS = "/api/v1/upload/sessions"


def scan_of(size: int) -> bytes:
    """A DICOM file of that size, no two of its parts alike."""
    head = dicom()
    blocks = (hashlib.sha256(str(number).encode()).digest() for number in range(size // 32 + 1))
    return (head + b"".join(blocks))[:size]


def begin(client, content: bytes, **more):
    body = {"purpose": "medical_record", "size": len(content), "name": "scan.dcm"} | more
    return client.post(SESSIONS, body, format="json")


def begun(client, content: bytes, **more):
    response = begin(client, content, **more)
    assert response.status_code == 201, response.content
    return response.json()["data"]


def piece_of(content: bytes, session: dict, number: int) -> bytes:
    at = (number - 1) * session["part_size"]
    return content[at : at + session["part_size"]]


def put(client, url: str, piece: bytes):
    """A part to an address of ours."""
    return client.generic("PUT", urlsplit(url).path, piece, content_type="application/octet-stream")


def send_parts(client, session: dict, content: bytes, numbers=None):
    for part in session["parts"]:
        if part["url"] and (numbers is None or part["number"] in numbers):
            response = put(client, part["url"], piece_of(content, session, part["number"]))
            assert response.status_code == 204, response.content


def seen(client, session: dict) -> dict:
    return client.get(f"{SESSIONS}/{session['id']}").json()["data"]


def complete(client, session: dict):
    return client.post(f"{SESSIONS}/{session['id']}/complete")


def uploaded(client, content: bytes, **more) -> dict:
    """Sent whole, complete, and checked by a worker."""
    session = begun(client, content, **more)
    send_parts(client, session, content)
    assert complete(client, session).status_code == 202
    assert services.check_uploads() == 1
    return seen(client, session)


def row_of(session: dict) -> UploadSession:
    return UploadSession.objects.get(pk=session["id"])
