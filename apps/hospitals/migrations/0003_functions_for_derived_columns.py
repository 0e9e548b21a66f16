import json

from babel import Locale
from django.conf import settings
from django.db import migrations
from django_countries import countries

#: The price in euros by the newest stored rate that is used; NULL without one.
IN_EURO = """
CREATE FUNCTION hospitals_in_euro(amount numeric, code text) RETURNS numeric LANGUAGE sql STABLE PARALLEL SAFE STRICT
RETURN round(amount / CASE code WHEN 'EUR' THEN 1 ELSE (
    SELECT per_euro FROM common_exchangerate WHERE currency = code AND NOT is_kept_out ORDER BY "on" DESC LIMIT 1
) END, 4)
"""
#: Along the surface of a sphere, by the haversine.
KILOMETRES = """
CREATE FUNCTION hospitals_kilometres(
    latitude numeric, longitude numeric, from_latitude double precision, from_longitude double precision
) RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
RETURN 2 * 6371.0088 * asin(least(1, sqrt(
    sin(radians(latitude::double precision - from_latitude) / 2) ^ 2
    + cos(radians(from_latitude)) * cos(radians(latitude::double precision))
      * sin(radians(longitude::double precision - from_longitude) / 2) ^ 2
)))
"""
#: What people write beside a country's official name.
EVERYDAY = {
    "AE": "UAE Emirates", "CZ": "Czech Republic", "GB": "UK Britain England", "KR": "South Korea", "TR": "Turkey Turkiye",
    "US": "USA America",
}  # fmt: skip


def names(code: str) -> list[str]:
    """A country's names, a text a language, in the order of the settings."""
    texts = [str(Locale(language).territories.get(code, "")) for language, _label in settings.LANGUAGES]
    english = dict.fromkeys([texts[0], str(countries.countries[code]), EVERYDAY.get(code, "")])
    return [" ".join(english).strip(), *texts[1:]]


def create_country_names(apps, schema_editor):
    table = json.dumps({code: names(code) for code in countries.countries}, ensure_ascii=False).replace("'", "''")
    schema_editor.execute(
        "CREATE FUNCTION hospitals_country_names(code text) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT"
        f" RETURN ARRAY(SELECT jsonb_array_elements_text('{table}'::jsonb -> code))",
        params=None,
    )


class Migration(migrations.Migration):
    dependencies = [("common", "0004_exchange_rates"), ("hospitals", "0002_agreed_and_warned")]

    operations = [
        migrations.RunSQL(IN_EURO, "DROP FUNCTION hospitals_in_euro(numeric, text)"),
        migrations.RunSQL(
            KILOMETRES,
            "DROP FUNCTION hospitals_kilometres(numeric, numeric, double precision, double precision)",
        ),
        migrations.RunPython(
            create_country_names,
            lambda apps, schema_editor: schema_editor.execute("DROP FUNCTION hospitals_country_names(text)"),
        ),
    ]
