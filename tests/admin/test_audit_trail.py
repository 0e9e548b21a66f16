"""The audit trail's pages: found by person, object and act; read, and not touched; quick however long it is."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from apps.accounts.models import User
from apps.common import audit
from apps.common.models import AuditEntry
from tests.factories.accounts import UserFactory

pytestmark = pytest.mark.django_db
TRAIL = "/admin/common/auditentry/"


@pytest.fixture
def boss(client, platform_admin):
    client.force_login(platform_admin)
    return client


def shown(client, **query):
    response = client.get(TRAIL, query, follow=True)
    assert response.status_code == 200
    return list(response.context["cl"].result_list)


def test_it_is_found_by_person_object_and_act(boss, coordinator, support_agent):
    audit.record("report.exported", support_agent, actor=coordinator)
    entry = AuditEntry.objects.get(action="report.exported")
    assert shown(boss, q=coordinator.email[:8])[0] == entry
    assert entry in shown(boss, q=str(support_agent.pk))
    assert shown(boss, q="report.exported") == [entry]
    assert shown(boss, q=f"report.exported {coordinator.email}") == [entry]
    assert shown(boss, q=f"report.exported {support_agent.email}") == []


@pytest.mark.parametrize("junk", ["%", "'", "\u0661", "a" * 5000, "....", "@"])
def test_any_search_ends_in_a_list(boss, junk):
    shown(boss, q=junk)


def test_it_is_narrowed_by_time(boss, coordinator):
    audit.record("report.exported", actor=coordinator)
    old = AuditEntry.objects.get(action="report.exported")
    assert old in shown(boss, since="hour")
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE common_auditentry DISABLE TRIGGER USER")
        cursor.execute("UPDATE common_auditentry SET at = at - interval '2 days' WHERE id = %s", [old.pk])
        cursor.execute("ALTER TABLE common_auditentry ENABLE TRIGGER USER")
    assert old not in shown(boss, since="day", q="report.exported")
    assert old in shown(boss, since="week", q="report.exported")


def test_an_entry_shows_before_and_after(boss, platform_admin):
    user = UserFactory(first_name="Before")
    User.objects.filter(pk=user.pk).update(first_name="After")
    entry = AuditEntry.objects.filter(action="changed", object_id=str(user.pk)).latest("id")
    page = boss.get(reverse("admin:common_auditentry_change", args=(entry.pk,))).content.decode()
    assert "<del>Before</del>" in page
    assert "<ins>After</ins>" in page


def test_a_masked_value_stays_masked(boss, coordinator):
    coordinator.set_password("Another-Horse-8")
    coordinator.save()
    entry = AuditEntry.objects.filter(action="changed", object_id=str(coordinator.pk)).latest("id")
    page = boss.get(reverse("admin:common_auditentry_change", args=(entry.pk,))).content.decode()
    assert "the values are not shown" in page
    assert coordinator.password not in page


def test_nobody_adds_changes_or_deletes(boss, coordinator):
    audit.record("report.exported", actor=coordinator)
    entry = AuditEntry.objects.get(action="report.exported")
    change = reverse("admin:common_auditentry_change", args=(entry.pk,))
    assert boss.post(change, {"action": "other"}).status_code == 403
    assert boss.get(f"{TRAIL}add/").status_code == 403
    assert boss.post(reverse("admin:common_auditentry_delete", args=(entry.pk,)), {"post": "yes"}).status_code == 403
    entry.refresh_from_db()
    assert entry.action == "report.exported"


def test_only_platform_admins_read_it(client, coordinator, support_agent, hospital_admin, translator):
    for user in (coordinator, support_agent, hospital_admin, translator):
        client.force_login(user)
        assert client.get(TRAIL).status_code == 403


def test_the_list_needs_few_queries_and_counts_to_a_bound(boss, coordinator):
    for number in range(60):
        audit.record(f"act.n{number % 7}", coordinator, actor=coordinator)
    boss.get(TRAIL)
    with CaptureQueriesContext(connection) as queries:
        boss.get(TRAIL)
    about_the_trail = [query["sql"] for query in queries if "common_auditentry" in query["sql"]]
    assert len(about_the_trail) == 2
    assert all("LIMIT" in sql for sql in about_the_trail)
