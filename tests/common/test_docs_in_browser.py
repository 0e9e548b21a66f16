"""The pages as a browser sees them: rendered, and with nothing refused by their own Content-Security-Policy."""

import re
import shutil
import subprocess

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine: the pages are not looked at"),
]


@pytest.fixture
def look(live_server, tmp_path):
    """Loads a page without leaving this machine: what it rendered, and what the console said."""

    def load(path, language="en"):
        done = subprocess.run(
            [
                CHROMIUM,
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                f"--user-data-dir={tmp_path / 'profile'}",
                f"--accept-lang={language}",
                "--enable-logging=stderr",
                "--virtual-time-budget=20000",
                "--dump-dom",
                f"{live_server.url}{path}",
            ],
            capture_output=True,
            text=True,
            timeout=120,
            check=True,
        )
        return done.stdout, [line for line in done.stderr.splitlines() if "CONSOLE" in line]

    return load


@pytest.mark.parametrize(
    ("path", "rendered"),
    [("/api-docs", "opblock-tag"), ("/api/redoc", "Download OpenAPI specification")],
)
def test_the_documentation_renders_with_its_own_assets_only(look, path, rendered):
    page, console = look(path)
    assert rendered in page
    assert [line for line in console if re.search(r"Content Security Policy|Refused|violates|Error", line)] == []


@pytest.mark.parametrize(("language", "direction"), [("en", "ltr"), ("ar", "rtl")])
def test_the_front_page_is_styled_and_runs_in_the_readers_direction(look, language, direction):
    page, console = look("/", language)
    assert f'<html lang="{language}" dir="{direction}">' in page
    assert console == []


def test_control_a_script_in_the_page_is_refused_and_said_so(look, monkeypatch, settings, tmp_path):
    """The tests above can fail: the console does tell what a policy refuses."""
    (tmp_path / "front.html").write_text("<!DOCTYPE html><title>x</title><script>document.title = 'ran'</script>")
    settings.TEMPLATES = [settings.TEMPLATES[0] | {"DIRS": [tmp_path]}]
    page, console = look("/")
    assert "<title>x</title>" in page
    assert [line for line in console if "Content Security Policy" in line]
