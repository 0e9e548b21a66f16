"""What the reader sees: every kind in five languages, right-to-left where due, nothing missing, nothing injected."""

from datetime import datetime

import pytest
from django.template import engines
from django.utils import translation

from apps.common import wall_time
from apps.notifications import catalogue, rendering, selectors
from tests.factories.notifications import MessageFactory

pytestmark = pytest.mark.django_db
LANGUAGES = ["en", "ar", "hi", "es", "fr"]
#: What Django puts where a template asks for a value that is not there.
MISSING = "[[missing: %s]]"
EMAIL_KINDS = [kind.name for kind in catalogue.kinds() if "email" in kind.channels]
IN_APP_KINDS = [kind.name for kind in catalogue.kinds() if "in_app" in kind.channels]


@pytest.fixture
def missing_values_shown():
    engine = engines["django"].engine
    before, engine.string_if_invalid = engine.string_if_invalid, MISSING
    yield
    engine.string_if_invalid = before


def message_of(kind, **reader):
    reader = {f"recipient__{name}": value for name, value in reader.items()}
    return MessageFactory(kind=kind.name, context=dict(kind.example), **reader)


@pytest.mark.parametrize("name", sorted({*EMAIL_KINDS, *IN_APP_KINDS}))
def test_every_kind_has_an_example_that_the_tests_below_can_render(name):
    kind = catalogue.get(name)
    assert kind.example or catalogue.needed(kind) == set()


@pytest.mark.usefixtures("missing_values_shown")
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", EMAIL_KINDS)
def test_every_email_renders_in_every_language_with_nothing_missing(name, language):
    rendered = rendering.render(message_of(catalogue.get(name), language=language, time_zone="Africa/Lagos"))
    direction = "rtl" if language == "ar" else "ltr"
    assert f'<html lang="{language}" dir="{direction}">' in rendered.html
    assert rendered.subject
    for part in (rendered.subject, rendered.text, rendered.html):
        assert "[[missing" not in part
        assert "%(" not in part
        assert "{{" not in part
    assert "<" not in rendered.text
    assert "&amp;" not in rendered.text
    for outside in ("<img", "<script", "<link", "<style", "background=", "url("):
        assert outside not in rendered.html


@pytest.mark.usefixtures("missing_values_shown")
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", IN_APP_KINDS)
def test_every_in_app_message_renders_in_every_language_with_nothing_missing(name, language):
    kind = catalogue.get(name)
    with translation.override(language):
        body = rendering.summary(kind, dict(kind.example), zone="Africa/Lagos")
    assert body.strip()
    assert "[[missing" not in body
    assert "%(" not in body


@pytest.mark.parametrize("name", EMAIL_KINDS)
def test_codes_and_links_reach_both_parts_of_the_email_and_never_the_subject(name):
    kind = catalogue.get(name)
    rendered = rendering.render(message_of(kind))
    for key in kind.secrets:
        secret = str(kind.example[key])
        assert secret in rendered.text
        assert secret.replace("&", "&amp;") in rendered.html
        assert secret not in rendered.subject


@pytest.mark.parametrize("name", [kind.name for kind in catalogue.kinds() if kind.secrets and "email" in kind.channels])
def test_staff_who_look_at_a_message_see_dots_instead_of_its_code_or_link(name):
    kind = catalogue.get(name)
    rendered = rendering.render(message_of(kind), masked=True)
    for key in kind.secrets:
        assert str(kind.example[key]) not in rendered.text + rendered.html
    assert rendering.MASK in rendered.text


def test_arabic_is_mirrored_in_every_cell(make_kind):
    kind = make_kind(example={"name": "أمينة", "link": "https://app.example.com/"})
    arabic = rendering.render(message_of(kind, language="ar")).html
    assert 'dir="ltr"' not in arabic.replace('dir="ltr"><a', "").replace('style="color:#0f766e;" dir="ltr"', "")
    assert "text-align:left" not in arabic
    assert "text-align:right" in arabic
    english = rendering.render(message_of(kind, language="en")).html
    assert "text-align:right" not in english


HOSTILE = '<script>alert(1)</script>" onmouseover="x'


def test_a_hostile_name_is_text_in_the_html_and_itself_in_the_plain_text(make_kind):
    kind = make_kind(example={"name": HOSTILE, "link": 'https://x/?a=1&b="><script>'})
    rendered = rendering.render(message_of(kind, first_name=HOSTILE))
    assert "<script" not in rendered.html
    assert "&lt;script&gt;" in rendered.html
    assert 'href="https://x/?a=1&amp;b=&quot;&gt;&lt;script&gt;"' in rendered.html
    assert HOSTILE in rendered.text


def test_a_name_with_line_breaks_makes_no_second_header(make_kind):
    kind = make_kind(subject="News from %(name)s", example={"name": "Amina\r\nBcc: all@example.com\n\n", "link": ""})
    assert rendering.render(message_of(kind)).subject == "News from Amina Bcc: all@example.com"


class TestTimes:
    AT = "2031-07-06T03:30:00+00:00"

    @pytest.fixture
    def kind(self, make_kind):
        return make_kind(example={"name": "", "link": "", "starts_at": self.AT, "zone": "Asia/Kolkata"})

    def wall(self, zone, language="en"):
        return str(wall_time.read(datetime.fromisoformat(self.AT), zone, language))

    def test_both_zones_are_named_in_both_parts_and_in_the_app(self, kind):
        rendered = rendering.render(message_of(kind, time_zone="America/New_York"))
        in_app = rendering.summary(kind, dict(kind.example), zone="America/New_York")
        for part in (rendered.text, rendered.html, in_app):
            assert self.wall("Asia/Kolkata") in part
            assert self.wall("America/New_York") in part
        assert self.wall("Asia/Kolkata").startswith("Sunday, July 6, 2031, 9:00")
        assert self.wall("America/New_York").startswith("Saturday, July 5, 2031, 11:30")

    def test_a_reader_in_the_hospitals_zone_reads_one_time(self, kind):
        text = rendering.render(message_of(kind, time_zone="Asia/Kolkata")).text
        assert text.count("2031") == 1

    def test_times_are_written_in_the_readers_language(self, kind):
        html = rendering.render(message_of(kind, time_zone="Africa/Lagos", language="fr")).html
        assert self.wall("Africa/Lagos", "fr") in html


def test_an_inbox_row_of_a_kind_that_is_no_more_shows_no_text_and_no_error():
    row = {"id": 1, "kind": "tests.gone", "context": {}, "read_at": None, "created_at": None}
    assert selectors.shown(row, reader=MessageFactory().recipient)["title"] == ""
