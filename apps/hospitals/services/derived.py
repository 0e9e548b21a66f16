"""Keeping what the database derives in step: prices in euros after new rates, and rows that were written without
triggers. Everything else the triggers do (`models.derived`)."""
# ruff: noqa: S608  (all SQL here is put together from names in the code)

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction

#: Rows of one transaction: nobody who wants one of them waits for all.
BATCH = 500
#: Two transactions that overlapped have both ended within this.
OVERLAP = timedelta(days=2)

#: Where a price in euros stands, and what it is made of.
_PRICES = (
    ("hospitals_doctor", "fee_in_euro", "consultation_fee", "row.currency"),
    ("hospitals_offer", "price_in_euro", "price", "row.currency"),
    ("hospitals_package", "price_in_euro", "price", "row.currency"),
    (
        "hospitals_packageseason", "price_in_euro", "price",
        "(SELECT currency FROM hospitals_package WHERE id = row.package_id)",
    ),
)  # fmt: skip
#: The derived columns of each table, in the order in which tables are locked.
_DERIVED = {
    "hospitals_hospital": ("search", "cities"),
    "hospitals_doctor": ("search", "hospital_ids", "fee_in_euro"),
    "hospitals_treatment": ("search", "offer_count"),
    "hospitals_package": ("search", "price_in_euro"),
}
#: Doctors whose practice and whose hospital were written at the same time, each perhaps unseen by the other.
_OVERLAPPING = """row.id IN (
    SELECT a.doctor_id FROM hospitals_affiliation a JOIN hospitals_hospital h ON h.id = a.hospital_id
     WHERE a.updated_at > %s AND h.updated_at > %s)"""


def reprice() -> dict[str, int]:
    """Every price in euros is by the newest stored rates; how many changed in each table. Once more changes nothing."""
    return {
        table: _renew(table, (column,), f"row.{column} IS DISTINCT FROM hospitals_in_euro(row.{amount}, {currency})")
        for table, column, amount, currency in _PRICES
    }


def mend_derived(*, now: datetime) -> dict[str, int]:
    """Rows that were written without triggers have what is derived, and prices the newest rates; how many rows of each
    table were mended. Once more mends the same few or none."""
    mended: Counter[str] = Counter()
    for table, columns in _DERIVED.items():
        condition, params = "row.search IS NULL", []
        if table == "hospitals_doctor":
            condition, params = f"row.search IS NULL OR {_OVERLAPPING}", [now - OVERLAP, now - OVERLAP]
        mended[table] = _renew(table, columns, condition, params)
    mended.update(reprice())
    return dict(mended)


def _renew(table: str, columns: Sequence[str], condition: str, params: Sequence[Any] = ()) -> int:
    """The rows that meet the condition work these columns out anew, in batches, in the order of their ids."""
    nulls = ", ".join(f"{column} = NULL" for column in columns)
    sql = f"""
        WITH chosen AS (
            SELECT id FROM {table} AS row WHERE (%s::uuid IS NULL OR id > %s) AND ({condition})
             ORDER BY id LIMIT {BATCH} FOR NO KEY UPDATE
        ), renewed AS (
            UPDATE {table} SET {nulls} FROM chosen WHERE {table}.id = chosen.id
        )
        SELECT id FROM chosen ORDER BY id
    """
    last, count = None, 0
    while True:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql, [last, last, *params])
            ids = [pk for (pk,) in cursor.fetchall()]
        count += len(ids)
        if len(ids) < BATCH:
            return count
        last = ids[-1]
