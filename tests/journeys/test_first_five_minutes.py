"""docs/first-five-minutes.md, pasted block by block into a shell against the running system with its demo data."""

import re
import shutil
import subprocess

import pytest

from tests.faults import stack

BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)
#: Where the document keeps answers between its steps.
TEMPORARY = "/tmp/medivoy-"  # noqa: S108  (replaced, not used)

pytestmark = [
    pytest.mark.faults,
    pytest.mark.skipif(shutil.which("curl") is None, reason="the document is followed with curl, which is not here"),
]


def test_the_document_followed_word_for_word_reaches_a_paid_appointment_its_e_mails_and_a_shared_record(tmp_path):
    document = (stack.ROOT / "docs" / "first-five-minutes.md").read_text(encoding="utf-8")
    blocks = [block.replace(TEMPORARY, f"{tmp_path}/") for block in BLOCK.findall(document)]
    assert len(blocks) > 8
    with stack.running() as system:
        system.manage("manage.py", "seed_demo", "--no-pictures")
        commands = "\n".join(f"echo '--- {number}'\n{block}" for number, block in enumerate(blocks))
        commands = commands.replace("http://localhost:8000", f"http://localhost:{system.port}")
        done = subprocess.run(
            [shutil.which("bash"), "-euo", "pipefail", "-c", commands],
            capture_output=True,
            text=True,
            timeout=400,
            cwd=tmp_path,
            check=False,
        )

        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
        assert "\nappointment_confirmed\n" in done.stdout
        assert done.stdout.rstrip().endswith("204")
        assert re.findall(r"^(?:200|404)$", done.stdout, re.MULTILINE) == ["404", "200", "404"]
        assert '"ground": "consent"' in done.stdout
        assert "\nTrue\n%PDF\n" in re.sub(r"\n--- \d+(?=\n)", "", done.stdout)
        assert '"percent": 100' in done.stdout
        email = re.search(r"amara\.\d+@example\.com", done.stdout).group()
        mails = 'SELECT subject FROM notifications_caughtemail WHERE "to" LIKE %s'
        system.until(
            lambda: len(system.rows(mails, f"%{email}%")) >= 3, what="welcome, request and confirmation mailed"
        )
        system.until(
            lambda: len(system.rows(mails, "%doctor@demo.example.com%")) >= 2,
            what="request and cancellation to the doctor",
        )
