from django.db import migrations

#: What the triggers of `texts.kept` call. `was` and `texts` are {field: {language: text}}, before and after the statement;
#: `before` and `given` the statuses likewise.
TEXT_STATUS = """
CREATE FUNCTION medivoy_text_status(source text, was jsonb, texts jsonb, before jsonb, given jsonb)
RETURNS jsonb LANGUAGE plpgsql STABLE AS $function$
DECLARE
    stamp jsonb := jsonb_build_object(
        'by', NULLIF(COALESCE(NULLIF(current_setting('medivoy.audit', true), ''), '{}')::jsonb ->> 'actor', ''),
        'at', to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'));
    writer text := CASE current_setting('medivoy.texts', true) WHEN 'machine' THEN 'machine' ELSE 'reviewed' END;
    settable text[] := ARRAY['machine', 'reviewed', 'approved', 'outdated'];
    result jsonb := '{}';
    entries jsonb;
    entry jsonb;
    field text;
    language text;
    content text;
    source_is_new boolean;
BEGIN
    FOR field IN SELECT jsonb_object_keys(texts) LOOP
        IF NOT EXISTS (SELECT FROM jsonb_each_text(texts -> field) AS one WHERE one.value <> '') THEN
            CONTINUE;
        END IF;
        -- An English text written for the first time says nothing about texts that were there before it.
        source_is_new := COALESCE(was #>> ARRAY[field, source], '') <> ''
            AND COALESCE(texts #>> ARRAY[field, source], '') NOT IN ('', was #>> ARRAY[field, source]);
        entries := '{}';
        FOR language IN SELECT jsonb_object_keys(texts -> field) LOOP
            content := COALESCE(texts #>> ARRAY[field, language], '');
            entry := before #> ARRAY[field, language];
            IF content = '' THEN
                IF entry ->> 'status' IS DISTINCT FROM 'missing' THEN
                    entry := jsonb_build_object('status', 'missing') || stamp;
                END IF;
            ELSIF given #> ARRAY[field, language] IS DISTINCT FROM entry
                    AND given #>> ARRAY[field, language, 'status'] = ANY (settable) THEN
                entry := stamp || (given #> ARRAY[field, language]);
            ELSIF content <> COALESCE(was #>> ARRAY[field, language], '')
                    OR NOT COALESCE(entry ->> 'status' = ANY (settable), false) THEN
                entry := jsonb_build_object('status', writer) || stamp;
            ELSIF source_is_new AND language <> source AND entry ->> 'status' <> 'outdated' THEN
                entry := jsonb_build_object('status', 'outdated', 'was', entry ->> 'status') || stamp;
            END IF;
            entries := entries || jsonb_build_object(language, entry);
        END LOOP;
        result := result || jsonb_build_object(field, entries);
    END LOOP;
    RETURN result;
END;
$function$;
"""


class Migration(migrations.Migration):
    dependencies = [("common", "0001_initial")]

    operations = [
        migrations.RunSQL(TEXT_STATUS, "DROP FUNCTION medivoy_text_status(text, jsonb, jsonb, jsonb, jsonb)"),
    ]
