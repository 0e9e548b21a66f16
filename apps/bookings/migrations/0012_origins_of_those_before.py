"""Appointments that took another's place before this was kept name the first of those."""

from django.db import migrations

FILL = """
WITH RECURSIVE chain (id, origin_id) AS (
    SELECT id, id FROM bookings_appointment WHERE replaces_id IS NULL
    UNION ALL
    SELECT later.id, chain.origin_id FROM bookings_appointment later JOIN chain ON later.replaces_id = chain.id
)
UPDATE bookings_appointment later SET origin_id = chain.origin_id
FROM chain WHERE chain.id = later.id AND later.replaces_id IS NOT NULL
"""


class Migration(migrations.Migration):
    dependencies = [("bookings", "0011_appointments_are_billed_as_the_first")]

    operations = [migrations.RunSQL(FILL, migrations.RunSQL.noop)]
