"""What insurers were asked before each time of asking had a row of its own."""

from django.db import migrations

from apps.common import ids


def write_rows(apps, schema_editor):
    policies = apps.get_model("clinical", "InsurancePolicy").objects
    verifications = apps.get_model("clinical", "InsuranceVerification").objects
    for policy in policies.exclude(verification="unverified").order_by("pk").iterator():
        is_decided = policy.verification in {"verified", "rejected"}
        verifications.create(
            id=ids.uuid7(),
            policy=policy,
            kind="manual",
            status="decided" if is_decided else "staff",
            asked_at=policy.requested_at or policy.decided_at or policy.created_at,
            valid=policy.verification == "verified" if is_decided else None,
            decided_at=policy.decided_at,
            decided_by_id=policy.decided_by_id,
            note=policy.decision_note,
        )


class Migration(migrations.Migration):
    dependencies = [("clinical", "0007_insurers")]

    operations = [migrations.RunPython(write_rows, migrations.RunPython.noop)]
