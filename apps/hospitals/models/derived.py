"""What the database derives: a row's search document, its price in euros, and what it repeats of other rows.

Each row works its derived columns out itself, by one trigger before it is written (`of_doctor`, ...). It does so where
its own texts or prices change, and for each column that somebody sets to NULL; any other value written there is
ignored, so that saving an instance read a while ago undoes nothing. Rows that others repeat set those others' columns
to NULL (`Reach`, and the triggers made of it), under their locks, taken in the order of the ids, and in the order
hospitals, doctors, treatments, packages. Whoever works on the same rows by hand keeps to that order too.

An affiliation that begins in the very moment in which its hospital is renamed may miss the new name, as neither waits
for the other: `services.mend_derived`, nightly, repairs that, and rows that were loaded without triggers.
"""
# ruff: noqa: S608  (all SQL here is put together from names in the code)

from collections.abc import Iterable
from dataclasses import dataclass

import pgtrigger

from apps.common import search, texts


def _texts(*fields: str) -> list[str]:
    """The columns of translated fields."""
    return [f"{field}_{language}" for field in fields for language in texts.LANGUAGES]


def _differs(columns: Iterable[str]) -> str:
    columns = list(columns)
    old, new = (", ".join(f"{row}.{column}" for column in columns) for row in ("OLD", "NEW"))
    return f"ROW({old}) IS DISTINCT FROM ROW({new})"


def _all(relation: str, *fields: str) -> str:
    """The select list that puts the texts of several rows behind each other, by language."""
    return ", ".join(
        f"string_agg({relation}.{column}, ' ') AS {column}" for field in fields for column in _texts(field)
    )


def _countries(relation: str) -> dict[str, str]:
    """The name of a row's country by language."""
    return {
        language: f"(hospitals_country_names({relation}.country))[{number}]"
        for number, language in enumerate(texts.LANGUAGES, start=1)
    }


def _all_countries(relation: str) -> str:
    names = _countries(relation).items()
    return ", ".join(f"string_agg(DISTINCT {name}, ' ') AS country_{language}" for language, name in names)


# --- a row's own derived columns -------------------------------------------------------------------------------------


def _derived(*parts: str) -> pgtrigger.Trigger:
    # Its name puts it behind the triggers that copy names of the account into the row.
    return pgtrigger.Trigger(
        name="work_out",
        operation=pgtrigger.Insert | pgtrigger.Update,
        level=pgtrigger.Row,
        when=pgtrigger.Before,
        func=f"{''.join(parts)} RETURN NEW;",
    )


def _worked_out(kept: Iterable[str], sql: str, because: Iterable[str] = ()) -> str:
    """`kept` are worked out by `sql` for a new row, where the first of them was set to NULL, or where one of the
    columns in `because` changes; else they stay."""
    kept, because = list(kept), list(because)
    changed = f" OR {_differs(because)}" if because else ""
    stays = " ".join(f"NEW.{column} := OLD.{column};" for column in kept)
    return f"""
        IF TG_OP = 'INSERT' OR NEW.{kept[0]} IS NULL{changed} THEN
            {sql}
        ELSE
            {stays}
        END IF;
    """


def _price(column: str, amount: str, currency: str = "NEW.currency", because: Iterable[str] = ()) -> str:
    sql = f"NEW.{column} := hospitals_in_euro(NEW.{amount}, {currency});"
    return _worked_out([column], sql, [amount, *because])


def of_doctor() -> pgtrigger.Trigger:
    """Where the doctor practises as the public may know it: at listed hospitals, active; found by name, specialty,
    hospitals, places, degrees and biography; the fee in euros."""
    practises = (
        "FROM hospitals_affiliation a JOIN hospitals_hospital h ON h.id = a.hospital_id"
        " WHERE a.doctor_id = NEW.id AND a.status = 'active' AND h.verification = 'approved' AND h.is_active"
    )
    placed = "FILTER (WHERE h.latitude IS NOT NULL AND h.longitude IS NOT NULL)"
    first = "ORDER BY a.is_primary DESC, h.name_en, a.id"
    places = f"""
        SELECT COALESCE(array_agg(DISTINCT h.id), '{{}}'), COALESCE(array_agg(DISTINCT h.country), '{{}}'),
               (array_agg(h.latitude {first}) {placed})[1], (array_agg(h.longitude {first}) {placed})[1]
          INTO NEW.hospital_ids, NEW.countries, NEW.latitude, NEW.longitude {practises};
        SELECT {_CITIES} INTO NEW.cities {practises.replace("WHERE", _each_city("h") + " WHERE", 1)};
    """
    document = search.document_sql(
        {
            "A": [{"en": "NEW.first_name || ' ' || NEW.last_name"}],
            "B": [search.columns("specialty", "name"), search.columns("specialty", "practitioner")],
            "C": [
                *(search.columns("place", field) for field in ("name", "city", "country")),
                *(search.columns("degree", field) for field in ("name", "institution")),
            ],
            "D": [search.columns("NEW", "title"), search.columns("NEW", "bio")],
        }
    )
    found_by = f"""
        SELECT {document} INTO NEW.search
          FROM (SELECT {_all("h", "name", "city")}, {_all_countries("h")} {practises}) AS place
         CROSS JOIN (SELECT {_all("q", "name", "institution")} FROM hospitals_qualification q
                      WHERE q.doctor_id = NEW.id) AS degree
          LEFT JOIN hospitals_specialty specialty ON specialty.id = NEW.specialty_id;
    """
    return _derived(
        _price("fee_in_euro", "consultation_fee", because=["currency"]),
        _worked_out(["hospital_ids", "countries", "cities", "latitude", "longitude"], places),
        _worked_out(["search"], found_by, ["first_name", "last_name", "specialty_id", *_texts("title", "bio")]),
    )


def _each_city(relation: str) -> str:
    names = ", ".join(f"{relation}.{column}" for column in _texts("city"))
    return f"CROSS JOIN unnest(ARRAY[{names}]) AS called(city_name)"


_CITIES = "COALESCE(array_agg(DISTINCT medivoy_fold(city_name)) FILTER (WHERE city_name <> ''), '{}')"


def of_hospital() -> pgtrigger.Trigger:
    """Found by name, place, specialties, address and description."""
    document = search.document_sql(
        {
            "A": [search.columns("NEW", "name")],
            "B": [
                search.columns("NEW", "city"),
                _countries("NEW"),
                search.columns("specialty", "name"),
                search.columns("specialty", "practitioner"),
            ],
            "C": [{"en": "NEW.address"}],
            "D": [search.columns("NEW", "description")],
        }
    )
    found_by = f"""
        SELECT {document} INTO NEW.search
          FROM (SELECT {_all("s", "name", "practitioner")} FROM hospitals_hospital_specialties link
                  JOIN hospitals_specialty s ON s.id = link.specialty_id WHERE link.hospital_id = NEW.id) AS specialty;
    """
    cities = f"SELECT {_CITIES} INTO NEW.cities FROM (SELECT 1) AS one {_each_city('NEW')};"
    return _derived(
        _worked_out(["cities"], cities, _texts("city")),
        _worked_out(["search"], found_by, ["country", "address", *_texts("name", "city", "description")]),
    )


def of_treatment() -> pgtrigger.Trigger:
    """Found by name, category, specialty, procedures and description; how many listed hospitals offer it, from which
    price in euros on."""
    document = search.document_sql(
        {
            "A": [search.columns("NEW", "name")],
            "B": [
                search.columns("category", "name"),
                search.columns("specialty", "name"),
                search.columns("specialty", "practitioner"),
            ],
            "C": [search.columns("procedures", "name")],
            "D": [search.columns("NEW", "description")],
        }
    )
    found_by = f"""
        SELECT {document} INTO NEW.search
          FROM (SELECT {_all("p", "name")} FROM hospitals_treatment_procedures link
                  JOIN hospitals_procedure p ON p.id = link.procedure_id WHERE link.treatment_id = NEW.id) AS procedures
          LEFT JOIN hospitals_treatmentcategory category ON category.id = NEW.category_id
          LEFT JOIN hospitals_specialty specialty ON specialty.id = NEW.specialty_id;
    """
    offers = f"SELECT count(*), min(price_in_euro) INTO NEW.offer_count, NEW.lowest_in_euro {_offered_of('NEW.id')};"
    return _derived(
        _worked_out(["offer_count", "lowest_in_euro"], offers),
        _worked_out(["search"], found_by, ["category_id", "specialty_id", *_texts("name", "description")]),
    )


def _offered_of(treatment: str) -> str:
    return (
        "FROM hospitals_offer o JOIN hospitals_hospital h ON h.id = o.hospital_id"
        f" WHERE o.treatment_id = {treatment} AND o.is_active AND h.verification = 'approved' AND h.is_active"
    )


def of_offer() -> pgtrigger.Trigger:
    return _derived(_price("price_in_euro", "price", because=["currency"]))


def of_package() -> pgtrigger.Trigger:
    """Found by name, place, treatments, listed hospitals and description; the price in euros."""
    document = search.document_sql(
        {
            "A": [search.columns("NEW", "name")],
            "B": [search.columns("NEW", "city"), _countries("NEW"), search.columns("part", "name")],
            "C": [search.columns("place", "name"), search.columns("place", "city")],
            "D": [search.columns("NEW", "description")],
        }
    )
    found_by = f"""
        SELECT {document} INTO NEW.search
          FROM (SELECT {_all("t", "name")} FROM hospitals_package_treatments link
                  JOIN hospitals_treatment t ON t.id = link.treatment_id WHERE link.package_id = NEW.id) AS part
         CROSS JOIN (SELECT {_all("h", "name", "city")} FROM hospitals_package_hospitals link
                       JOIN hospitals_hospital h ON h.id = link.hospital_id
                      WHERE link.package_id = NEW.id AND h.verification = 'approved' AND h.is_active) AS place;
    """
    return _derived(
        _price("price_in_euro", "price", because=["currency"]),
        _worked_out(["search"], found_by, ["country", *_texts("name", "city", "description")]),
    )


def of_season() -> pgtrigger.Trigger:
    currency = "(SELECT currency FROM hospitals_package WHERE id = NEW.package_id)"
    return _derived(_price("price_in_euro", "price", currency, because=["package_id"]))


# --- rows that others repeat -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Reach:
    """Rows of another table that work `columns` out anew: `ids` is SQL for a list or a query of them."""

    table: str
    columns: tuple[str, ...]
    ids: str
    #: Only where one of these columns changes, of those that the trigger is for; else at each of its changes.
    because: tuple[str, ...] = ()

    def sql(self) -> str:
        # Offers are written many at a time, in any order: those who touch treatments do so one after the other.
        queue = (
            "PERFORM pg_advisory_xact_lock(hashtextextended('hospitals.treatments', 0));"
            if self.table == "hospitals_treatment"
            else ""
        )
        nulls = ", ".join(f"{column} = NULL" for column in self.columns)
        done = f"""{queue}
            PERFORM 1 FROM {self.table} WHERE id IN ({self.ids}) ORDER BY id FOR NO KEY UPDATE;
            UPDATE {self.table} SET {nulls} WHERE id IN ({self.ids});"""
        return f"IF {_differs(self.because)} THEN {done} END IF;" if self.because else done


def changed(columns: Iterable[str], *reached: Reach) -> pgtrigger.Trigger:
    """After a change of these columns, others work anew what they repeat of them."""
    columns = list(columns)
    return pgtrigger.Trigger(
        name="reach_others",
        level=pgtrigger.Row,
        when=pgtrigger.After,
        operation=pgtrigger.UpdateOf(*columns),
        func=f"IF {_differs(columns)} THEN {' '.join(reach.sql() for reach in reached)} END IF; RETURN NULL;",
    )


def belongs(owner: str, table: str, columns: tuple[str, ...], own: Iterable[str], only: str = "") -> pgtrigger.Trigger:
    """A row that is part of another, by its column `owner`: that one works anew what it repeats of it, when the part
    comes, goes, or changes in `own`. `only`: a condition on the part, before or after; `{row}` stands for it."""
    own = [owner, *own]
    counts = " OR ".join(
        f"(TG_OP <> '{absent}' AND {only.format(row=row)})" for row, absent in (("OLD", "INSERT"), ("NEW", "DELETE"))
    )
    return pgtrigger.Trigger(
        name="reach_whole",
        level=pgtrigger.Row,
        when=pgtrigger.After,
        operation=pgtrigger.Insert | pgtrigger.UpdateOf(*own) | pgtrigger.Delete,
        func=f"""
            IF (TG_OP <> 'UPDATE' OR {_differs(own)}){f" AND ({counts})" if only else ""} THEN
                {Reach(table, columns, f"OLD.{owner}, NEW.{owner}").sql()}
            END IF;
            RETURN NULL;
        """,
    )


def offers_changed() -> list[pgtrigger.Trigger]:
    """Treatments count their offers, and know the lowest price: after each statement, however many offers it wrote."""
    columns = ["treatment_id", "hospital_id", "price_in_euro", "is_active"]
    both = ", ".join(columns)
    of_update = (
        f"SELECT treatment_id FROM (SELECT id, {both} FROM old_rows EXCEPT SELECT id, {both} FROM new_rows) AS before"
        f" UNION"
        f" SELECT treatment_id FROM (SELECT id, {both} FROM new_rows EXCEPT SELECT id, {both} FROM old_rows) AS now"
    )
    given = {
        "insert": (pgtrigger.Insert, {"new": "new_rows"}, "SELECT treatment_id FROM new_rows"),
        "update": (pgtrigger.Update, {"old": "old_rows", "new": "new_rows"}, of_update),
        "delete": (pgtrigger.Delete, {"old": "old_rows"}, "SELECT treatment_id FROM old_rows"),
    }
    return [
        pgtrigger.Trigger(
            name=f"count_{name}",
            level=pgtrigger.Statement,
            when=pgtrigger.After,
            operation=operation,
            referencing=pgtrigger.Referencing(**rows),
            declare=[("concerned", "uuid[]")],
            func=f"""
                SELECT array_agg(DISTINCT treatment_id) INTO concerned FROM ({ids}) AS touched;
                IF concerned IS NOT NULL THEN
                    {Reach("hospitals_treatment", ("offer_count",), "SELECT unnest(concerned)").sql()}
                END IF;
                RETURN NULL;
            """,
        )
        for name, (operation, rows, ids) in given.items()
    ]


def hospital_changed() -> pgtrigger.Trigger:
    """Doctors, treatments and packages repeat a hospital's names and place, as long as it is listed."""
    listing = ("verification", "is_active")
    names = tuple(_texts("name", "city"))
    place = ("country", "latitude", "longitude")
    doctors = "SELECT doctor_id FROM hospitals_affiliation WHERE hospital_id = NEW.id AND status = 'active'"
    offered = "SELECT treatment_id FROM hospitals_offer WHERE hospital_id = NEW.id AND is_active"
    packages = "SELECT package_id FROM hospitals_package_hospitals WHERE hospital_id = NEW.id"
    return changed(
        [*listing, *names, *place],
        Reach("hospitals_doctor", ("hospital_ids", "search"), doctors),
        Reach("hospitals_treatment", ("offer_count",), offered, because=listing),
        Reach("hospitals_package", ("search",), packages, because=(*listing, *names)),
    )


def specialty_changed() -> pgtrigger.Trigger:
    return changed(
        _texts("name", "practitioner"),
        Reach(
            "hospitals_hospital",
            ("search",),
            "SELECT hospital_id FROM hospitals_hospital_specialties WHERE specialty_id = NEW.id",
        ),
        Reach("hospitals_doctor", ("search",), "SELECT id FROM hospitals_doctor WHERE specialty_id = NEW.id"),
        Reach("hospitals_treatment", ("search",), "SELECT id FROM hospitals_treatment WHERE specialty_id = NEW.id"),
    )


def category_changed() -> pgtrigger.Trigger:
    ids = "SELECT id FROM hospitals_treatment WHERE category_id = NEW.id"
    return changed(_texts("name"), Reach("hospitals_treatment", ("search",), ids))


def procedure_changed() -> pgtrigger.Trigger:
    ids = "SELECT treatment_id FROM hospitals_treatment_procedures WHERE procedure_id = NEW.id"
    return changed(_texts("name"), Reach("hospitals_treatment", ("search",), ids))


def treatment_changed() -> pgtrigger.Trigger:
    ids = "SELECT package_id FROM hospitals_package_treatments WHERE treatment_id = NEW.id"
    return changed(_texts("name"), Reach("hospitals_package", ("search",), ids))


def package_changed() -> pgtrigger.Trigger:
    ids = "SELECT id FROM hospitals_packageseason WHERE package_id = NEW.id"
    return changed(["currency"], Reach("hospitals_packageseason", ("price_in_euro",), ids))


def affiliation_changed() -> pgtrigger.Trigger:
    return belongs(
        "doctor_id", "hospitals_doctor", ("hospital_ids", "search"), ["hospital_id", "status", "is_primary"],
        only="{row}.status = 'active'",
    )  # fmt: skip


def qualification_changed() -> pgtrigger.Trigger:
    return belongs("doctor_id", "hospitals_doctor", ("search",), _texts("name", "institution"))
