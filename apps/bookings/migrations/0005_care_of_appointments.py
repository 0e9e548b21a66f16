"""Write the care relationships of the appointments that were there before."""

from django.db import migrations

WRITE = """
    INSERT INTO clinical_carerelationship
           (id, created_at, updated_at, patient_id, doctor_id, hospital_id, subject_type, subject_id, starts_at, ends_at)
    SELECT gen_random_uuid(), now(), now(), appointment.patient_id, appointment.doctor_id, appointment.hospital_id,
           'appointment', appointment.id, appointment.created_at,
           CASE WHEN appointment.status IN ('rejected', 'cancelled', 'no_show')
                THEN COALESCE(
                         (SELECT max(event.at) FROM bookings_appointmentevent AS event
                           WHERE event.appointment_id = appointment.id),
                         appointment.updated_at)
                ELSE appointment.ends_at + interval '90 days' END
      FROM bookings_appointment AS appointment
        ON CONFLICT (subject_type, subject_id) DO NOTHING
"""


class Migration(migrations.Migration):
    dependencies = [
        ("bookings", "0004_bookings"),
        ("clinical", "0002_record"),
    ]

    operations = [migrations.RunSQL(WRITE, migrations.RunSQL.noop)]
