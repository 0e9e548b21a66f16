"""The secrets of authenticator apps move from django-otp's table, where they lie in clear, into ours."""

from django.db import migrations

COPIED = ('user_id', 'name', 'confirmed', 'key', 'drift', 'last_t')


def _move(source, target):
    target.objects.bulk_create(
        [target(**{name: getattr(row, name) for name in COPIED}) for row in source.objects.order_by('id')]
    )
    source.objects.all().delete()


def encrypt(apps, schema_editor):
    _move(apps.get_model('otp_totp', 'TOTPDevice'), apps.get_model('accounts', 'Authenticator'))


def decrypt(apps, schema_editor):
    _move(apps.get_model('accounts', 'Authenticator'), apps.get_model('otp_totp', 'TOTPDevice'))


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0003_authenticator'),
        ('otp_totp', '0003_add_timestamps'),
    ]

    operations = [
        migrations.RunPython(encrypt, decrypt),
    ]
