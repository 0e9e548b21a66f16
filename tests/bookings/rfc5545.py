"""What RFC 5545 and 5546 ask of a calendar file, read from its octets: a second pair of eyes beside a parser's.

`read` gives the components; `offences` what is wrong, in words.
"""

import re
from dataclasses import dataclass, field

NAME = r"[A-Za-z0-9-]+"
VALUE = r'"[^"\x00-\x08\x0a-\x1f\x7f]*"|[^";:,\x00-\x1f\x7f]*'
LINE = re.compile(f"({NAME})((?:;{NAME}=(?:{VALUE}))*):(.*)", re.DOTALL)
PARAMETER = re.compile(f";({NAME})=({VALUE})")
DATE_TIME = re.compile(r"\d{8}T\d{6}Z?")
OFFSET = re.compile(r"[+-]\d{4}(\d\d)?")
TEXTS = {"SUMMARY", "DESCRIPTION", "LOCATION", "NAME", "X-WR-CALNAME", "TZNAME"}
ONCE = {
    "UID", "DTSTAMP", "DTSTART", "DTEND", "SEQUENCE", "STATUS", "SUMMARY", "LOCATION", "DESCRIPTION", "LAST-MODIFIED",
    "TRANSP", "ORGANIZER",
}  # fmt: skip


@dataclass
class Component:
    name: str
    lines: list[tuple[str, dict[str, str], str]] = field(default_factory=list)
    parts: list["Component"] = field(default_factory=list)

    def all(self, name):
        return [value for each, _parameters, value in self.lines if each == name]

    def get(self, name):
        found = self.all(name)
        return found[0] if found else None

    def parameters(self, name):
        return next(parameters for each, parameters, _value in self.lines if each == name)

    def named(self, name):
        return [part for part in self.parts if part.name == name]


def unescaped(value):
    return re.sub(r"\\(.)", lambda found: "\n" if found[1] in "nN" else found[1], value)


def _split(line):
    found = LINE.fullmatch(line)
    assert found, f"no content line: {line!r}"
    parameters = PARAMETER.findall(found[2])
    return found[1].upper(), {name.upper(): value.strip('"') for name, value in parameters}, found[3]


def read(raw: bytes) -> Component:
    """The one VCALENDAR of the file. Lines are unfolded as octets, as the RFC has it."""
    whole = raw.replace(b"\r\n ", b"").decode()
    stack: list[Component] = [Component("")]
    for line in whole.removesuffix("\r\n").split("\r\n"):
        name, parameters, value = _split(line)
        if name == "BEGIN":
            stack.append(Component(value))
            stack[-2].parts.append(stack[-1])
        elif name == "END":
            assert stack.pop().name == value
        else:
            stack[-1].lines.append((name, parameters, value))
    assert len(stack) == 1
    [calendar] = stack[0].parts
    return calendar


def offences(raw: bytes) -> list[str]:
    return [*_of_lines(raw), *_of_calendar(read(raw))]


def _of_lines(raw):
    if not raw.endswith(b"\r\n"):
        yield "the last line has no end"
    if re.search(rb"(?<!\r)\n|\r(?!\n)", raw):
        yield "a line does not end with CRLF"
    for line in raw.split(b"\r\n"):
        if len(line) > 75:
            yield f"a line of {len(line)} octets"
        try:
            line.decode()
        except UnicodeDecodeError:
            yield "a character is cut in two"
    if re.search(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", raw):
        yield "a control character"


def _of_calendar(calendar):
    if calendar.name != "VCALENDAR" or calendar.all("VERSION") != ["2.0"] or len(calendar.all("PRODID")) != 1:
        yield "no VCALENDAR with one PRODID and version 2.0"
    defined = [zone.get("TZID") for zone in calendar.named("VTIMEZONE")]
    if len(set(defined)) != len(defined):
        yield "a zone is defined twice"
    for zone in calendar.named("VTIMEZONE"):
        yield from _of_zone(zone)
    events = calendar.named("VEVENT")
    for event in events:
        yield from _of_event(event, defined)
        yield from _of_method(event, calendar.get("METHOD"))
    uids = [event.get("UID") for event in events]
    if len(set(uids)) != len(uids):
        yield "a UID comes twice"
    for part in (calendar, *events):
        yield from (f"{name}: badly escaped" for name, _p, value in part.lines if name in TEXTS and not _is_text(value))


def _is_text(value):
    return re.fullmatch(r"(?:[^\\;,\n]|\\[\\;,nN])*", value) is not None


def _of_zone(zone):
    if not zone.parts or {part.name for part in zone.parts} - {"STANDARD", "DAYLIGHT"}:
        yield "a zone without observances"
    for part in zone.parts:
        if not re.fullmatch(r"\d{8}T\d{6}", part.get("DTSTART") or ""):
            yield "an observance does not begin at a local time"
        if not all(OFFSET.fullmatch(part.get(name) or "") for name in ("TZOFFSETFROM", "TZOFFSETTO")):
            yield "an observance without offsets"


def _of_event(event, defined):
    for name in ONCE:
        if len(event.all(name)) > 1:
            yield f"{name} comes twice"
    for name in ("UID", "DTSTAMP", "DTSTART", "DTEND"):
        if not event.get(name):
            yield f"no {name}"
    for name in ("DTSTAMP", "LAST-MODIFIED"):
        if not re.fullmatch(r"\d{8}T\d{6}Z", event.get(name) or ""):
            yield f"{name} is not in UTC"
    for name in ("DTSTART", "DTEND"):
        yield from _of_time(name, event, defined)
    if event.get("STATUS") not in {"TENTATIVE", "CONFIRMED", "CANCELLED"}:
        yield "no status that the RFC knows"
    if event.parts:
        yield "an alarm: reminders are ours"


def _of_time(name, event, defined):
    zone = event.parameters(name).get("TZID")
    if not DATE_TIME.fullmatch(event.get(name)) or (zone is None) != event.get(name).endswith("Z"):
        yield f"{name} is neither in UTC nor in a zone"
    if zone is not None and zone not in defined:
        yield f"{name} is in a zone that is not defined"


def _of_method(event, method):
    """RFC 5546, 3.2: who must be named, and who must not."""
    if method and len(event.all("ORGANIZER")) != 1:
        yield "a method without an organizer"
    if method == "PUBLISH" and event.all("ATTENDEE"):
        yield "published with attendees"
    if method == "REQUEST" and not event.all("ATTENDEE"):
        yield "a request to nobody"
    if (method == "CANCEL") != (event.get("STATUS") == "CANCELLED") and method:
        yield "the method does not go with the status"
