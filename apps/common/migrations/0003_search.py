from django.db import migrations

#: Letters of one form for letters that NFKD does not take apart: Latin ones with a stroke, Arabic spellings, digits.
LETTERS = {
    "ÆŒẞÞØøĐđÐðŁłĦħŊŋŦŧı": "æœßþooddddllhhnntti",
    "ٱىیےةک": "ايييهك",
    "ँ": "ं",
    "٠١٢٣٤٥٦٧٨٩": "0123456789",
    "۰۱۲۳۴۵۶۷۸۹": "0123456789",
    "०१२३४५६७८९": "0123456789",
}
#: Marks and signs that one writer sets and another leaves out: accents; tatweel, Arabic vowel signs, hamza and madda
#: above and below; nukta; and what is not seen at all (soft hyphen, joiners, marks of direction).
DROPPED = r"[\u0300-\u036f\u0640\u064b-\u0655\u0670\u093c\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]"

#: Without regard to the database's own locale where that knows ASCII only: NFKD leaves ASCII of every Latin letter.
FOLD = f"""
CREATE FUNCTION medivoy_fold(content text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
RETURN replace(replace(replace(replace(
    translate(lower(regexp_replace(normalize(content, NFKD), '{DROPPED}', '', 'g')),
              '{"".join(LETTERS)}', '{"".join(LETTERS.values())}'),
    'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe'), 'þ', 'th')
"""

#: Punctuation parts words: else the parser takes “St.Mary” for a host, “ear/nose” for a file and “<b>” for a tag.
WORDS = r"""
CREATE FUNCTION medivoy_words(content text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
RETURN translate(medivoy_fold(content), '!"#$%&''()*+,-./:;<=>?@[\]^_`{|}~', repeat(' ', 32))
"""

#: Each text in its language's word stems, and all of them as they stand. Texts beyond 10,000 characters are cut: a
#: document has room for 1 MB.
DOCUMENT = """
CREATE FUNCTION medivoy_document(weight "char", en text, ar text, hi text, es text, fr text)
RETURNS tsvector LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT setweight(
        to_tsvector('english'::regconfig, t.en) || to_tsvector('arabic'::regconfig, t.ar)
        || to_tsvector('hindi'::regconfig, t.hi) || to_tsvector('spanish'::regconfig, t.es)
        || to_tsvector('french'::regconfig, t.fr)
        || to_tsvector('simple'::regconfig, t.en || ' ' || t.ar || ' ' || t.hi || ' ' || t.es || ' ' || t.fr), weight)
    FROM (SELECT medivoy_words(left(COALESCE(en, ''), 10000)) AS en, medivoy_words(left(COALESCE(ar, ''), 10000)) AS ar,
                 medivoy_words(left(COALESCE(hi, ''), 10000)) AS hi, medivoy_words(left(COALESCE(es, ''), 10000)) AS es,
                 medivoy_words(left(COALESCE(fr, ''), 10000)) AS fr OFFSET 0) AS t;
END
"""

#: Small words that say nothing, folded, where PostgreSQL has no list (Arabic, Hindi) or lists only the accented form.
SMALL_WORDS = {
    "arabic": "في من علي الي عن مع هو هي هذا هذه ذلك تلك التي الذي او ثم كل ما لا ان كان عند بين قد",
    "hindi": "में के का की को से पर और है हैं था थी थे ने यह वह ये वे एक या तो भी ही लिए साथ",
    "spanish": "mas tambien si estan sera habia tenia mia mio",
    "french": "meme ete etait etant",
}

#: Every word must be found: its stem in the asked language or in English, or a word that begins with it (with two letters
#: or more). Words that say nothing are left out while another word is there.
QUERY = f"""
CREATE FUNCTION medivoy_query(language regconfig, words text[])
RETURNS tsquery LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE STRICT AS $function$
DECLARE
    small text[] := string_to_array('{SMALL_WORDS["arabic"]} {SMALL_WORDS["hindi"]} ' || CASE language::oid
        WHEN 'spanish'::regconfig::oid THEN '{SMALL_WORDS["spanish"]}'
        WHEN 'french'::regconfig::oid THEN '{SMALL_WORDS["french"]}' ELSE '' END, ' ');
    word text;
    stem tsquery;
    found tsquery;
    telling tsquery;
    anything tsquery;
BEGIN
    FOREACH word IN ARRAY words LOOP
        word := btrim(left(btrim(medivoy_words(word)), 64));
        CONTINUE WHEN length(to_tsvector('simple', word)) = 0;
        found := to_tsquery('simple', '''' || word || '''' || CASE WHEN length(word) > 1 THEN ':*' ELSE '' END);
        anything := COALESCE(anything && found, found);
        CONTINUE WHEN word = ANY (small) OR length(to_tsvector(language, word)) = 0
            OR length(to_tsvector('english', word)) = 0;
        -- A stem that is the word itself is found by its beginning; said twice, it would confuse the rank.
        FOREACH stem IN ARRAY ARRAY[plainto_tsquery(language, word), plainto_tsquery('english', word)] LOOP
            CONTINUE WHEN stem = plainto_tsquery('simple', word);
            found := found || stem;
        END LOOP;
        telling := COALESCE(telling && found, found);
    END LOOP;
    RETURN COALESCE(telling, anything, ''::tsquery);
END;
$function$
"""


class Migration(migrations.Migration):
    dependencies = [("common", "0002_texts")]

    operations = [
        migrations.RunSQL(FOLD, "DROP FUNCTION medivoy_fold(text)"),
        migrations.RunSQL(WORDS, "DROP FUNCTION medivoy_words(text)"),
        migrations.RunSQL(DOCUMENT, 'DROP FUNCTION medivoy_document("char", text, text, text, text, text)'),
        migrations.RunSQL(QUERY, "DROP FUNCTION medivoy_query(regconfig, text[])"),
    ]
