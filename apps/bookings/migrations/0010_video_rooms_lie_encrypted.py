"""What leads into a video room lies encrypted. Rooms that are open are opened anew: the job finds the old ones by name."""

from django.db import migrations

import apps.common.encryption

OPEN_ANEW = """
    UPDATE bookings_videoroom
       SET room = '', opened_at = NULL, attempts = 1, due_at = LEAST(due_at, now())
     WHERE room <> ''
"""


class Migration(migrations.Migration):

    dependencies = [
        ('bookings', '0009_latest_leave_and_closures'),
    ]

    operations = [
        migrations.RunSQL(OPEN_ANEW, migrations.RunSQL.noop),
        migrations.AlterField(
            model_name='videoroom',
            name='room',
            field=apps.common.encryption.EncryptedTextField(blank=True, max_length=100, verbose_name='room'),
        ),
    ]
