"""Whether a medicine goes with what the patient does not tolerate: what matches, and what could not be compared."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from apps.clinical import allergy_classes
from apps.clinical.allergy_classes import Classes
from apps.clinical.models import Prescription

Check = Prescription.AllergyCheck

#: How a medicine and an allergy hang together.
SAME, CLASS, CROSS, NAME = "same", "class", "cross", "name"
#: Why a comparison could not be made.
NOT_ASKED, NO_DATA, UNKNOWN_SUBSTANCE, UNKNOWN_MEDICINE, UNREADABLE = (
    "not_asked",
    "no_data",
    "unknown_substance",
    "unknown_medicine",
    "unreadable",
)
RELATIONS = (SAME, CLASS, CROSS, NAME)
REASONS = (NOT_ASKED, NO_DATA, UNKNOWN_SUBSTANCE, UNKNOWN_MEDICINE, UNREADABLE)
#: A shorter word in two names (“acid”, “oral”) says nothing.
_TELLING = 5
_COMMON = frozenset(
    allergy_classes.words(
        "tablet capsule syrup injection solution suspension drops cream ointment patch inhaler spray powder infusion "
        "coated release extended modified prolonged retard forte junior paediatric pediatric children intravenous "
        "allergy allergic medicine comprimido comprime capsula gelule sirop jarabe gotas gouttes crema alergia "
        "allergie acido acide sodium sodio hydrochloride clorhidrato chlorhydrate sulfate sulphate potassium chloride "
        "قرص أقراص كبسولة كبسولات شراب حقنة محلول قطرات مرهم حساسية दवाई टैबलेट गोली कैप्सूल सिरप इंजेक्शन"
    )
)


@dataclass(frozen=True)
class Finding:
    """One medicine against one allergy (`relation`), or what could not be compared (`reason`); in their own words."""

    medicine: str = ""
    allergy: str = ""
    relation: str = ""
    reason: str = ""


@dataclass(frozen=True)
class _Known:
    text: str
    words: tuple[str, ...]
    ingredients: frozenset[str]
    classes: frozenset[str]
    #: Words that may be another ingredient's name: “Paracetamol/Zyxabcin” is not known by its first half.
    rest: frozenset[str]

    @property
    def is_named(self) -> bool:
        return bool(self.ingredients or self.classes)

    @property
    def is_known_whole(self) -> bool:
        return self.is_named and not self.rest


def check(
    medicines: Sequence[str], allergies: Iterable[tuple[str, bool]], *, was_asked: bool, classes: Classes | None
) -> tuple[str, list[dict[str, Any]]]:
    """The outcome and its findings, warnings first.

    A match warns. Without one, the list is clear only if the patient was asked and everything could be compared;
    otherwise the check says that it could not run, and why. Each allergy comes with whether it may concern a medicine:
    of food and pollen the words alone are compared. `classes` is None where the data could not be read.
    """
    if classes is None:
        return Check.NOT_RUN, [asdict(Finding(reason=NO_DATA))]
    known = [
        (_known(text, classes), is_medicine)
        for text, is_medicine in allergies
        if allergy_classes.words(text) not in classes.none
    ]
    ordered = [_known(text, classes) for text in medicines]
    matches, gaps = [], [] if was_asked else [Finding(reason=NOT_ASKED)]
    for medicine in ordered:
        for allergy, is_medicine in known:
            relation = _relation(medicine, allergy, classes)
            if relation:
                matches.append(Finding(medicine.text, allergy.text, relation))
            elif (is_medicine or allergy.is_named) and not (medicine.is_known_whole and allergy.is_named):
                gaps.append(_gap(medicine, allergy))
    outcome = Check.WARNING if matches else Check.NOT_RUN if gaps else Check.CLEAR
    return outcome, [asdict(finding) for finding in dict.fromkeys([*matches, *gaps])]


def _known(text: str, classes: Classes) -> _Known:
    words = allergy_classes.words(text)
    ingredients, at = _named_in(words, classes.ingredients)
    groups, also_at = _named_in(words, classes.classes)
    rest = {word for index, word in enumerate(words) if index not in at | also_at and _is_telling(word)}
    return _Known(text, words, ingredients, groups, frozenset(rest))


def _is_telling(word: str) -> bool:
    return len(word) >= _TELLING and word not in _COMMON and not word[0].isdigit()


def _named_in(
    words: tuple[str, ...], names: Mapping[tuple[str, ...], frozenset[str]]
) -> tuple[frozenset[str], set[int]]:
    """Whatever is named anywhere in the text (“Amoxicillin/clavulanic acid 875 mg”), and by which of its words."""
    found: set[str] = set()
    at: set[int] = set()
    longest = max(map(len, names), default=0)
    for start in range(len(words)):
        for end in range(start + 1, min(len(words), start + longest) + 1):
            if codes := names.get(words[start:end]):
                found |= codes
                at |= set(range(start, end))
    return frozenset(found), at


def _relation(medicine: _Known, allergy: _Known, classes: Classes) -> str:
    """The closest that holds between the two, or nothing."""
    if medicine.ingredients & allergy.ingredients:
        return SAME
    of_medicine = medicine.classes.union(*(classes.classes_of[code] for code in medicine.ingredients))
    of_allergy = allergy.classes.union(*(classes.classes_of[code] for code in allergy.ingredients))
    members = frozenset[str]().union(*(classes.members[code] for code in allergy.classes))
    if of_medicine & of_allergy or medicine.ingredients & members:
        return CLASS
    if any(frozenset({one, other}) in classes.cross_reactions for one in of_medicine for other in of_allergy):
        return CROSS
    return NAME if any(_is_telling(word) and word in allergy.words for word in medicine.words) else ""


def _gap(medicine: _Known, allergy: _Known) -> Finding:
    """Two texts of which one is not in the data were compared by their words alone, or not at all."""
    for text in (medicine.text, allergy.text):
        if not allergy_classes.script_of(text):
            return Finding(medicine.text, allergy.text, reason=UNREADABLE)
    if not allergy.is_named:
        return Finding(allergy=allergy.text, reason=UNKNOWN_SUBSTANCE)
    return Finding(medicine=medicine.text, reason=UNKNOWN_MEDICINE)
