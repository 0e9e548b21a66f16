"""The demo's people: believable, reachable by nobody, and the same on every machine."""

import phonenumbers

from medivoy.demo import casting, sources


def cast_of(country: str, count: int, room: str = "a room") -> list[casting.Person]:
    cast = casting.Cast(casting.dice(room), "some.example.com")
    return [cast.person(country) for _ in range(count)]


def test_the_same_people_are_cast_again() -> None:
    assert cast_of("IN", 30) == cast_of("IN", 30)
    assert cast_of("IN", 30) != cast_of("IN", 30, room="another room")


def test_no_name_address_or_number_is_cast_twice() -> None:
    people = cast_of("SN", 100)
    for values in ([p.full_name for p in people], [p.email for p in people], [p.phone for p in people]):
        assert len(set(values)) == len(people)


def test_addresses_are_plain_and_under_the_domain_asked_for() -> None:
    people = [person for country in sources.countries() for person in cast_of(country, 20)]
    for person in people:
        name, _at, host = person.email.partition("@")
        assert host == "some.example.com"
        assert name.isascii()
        assert name.strip(".-") == name.lower() != ""


def test_a_letter_that_unicode_does_not_take_apart_is_written_plainly() -> None:
    assert casting._in_ascii("Pınar Çelik-Öztürk") == "pinar.celik.ozturk"


def test_a_number_is_valid_in_the_country_of_its_person() -> None:
    for country in sources.countries():
        for person in cast_of(country, 20):
            number = phonenumbers.parse(person.phone)
            assert phonenumbers.is_valid_number(number)
            assert phonenumbers.region_code_for_number(number) == country


def test_given_and_family_name_are_of_one_community() -> None:
    pools = sources.countries()["NG"]["pools"]
    for person in cast_of("NG", 60):
        assert any(
            person.first_name in pool["male"] + pool["female"] and person.last_name in pool["family"] for pool in pools
        )


def test_spaniards_have_two_surnames_and_russian_women_their_own_form() -> None:
    assert all(len(person.last_name.split()) == 2 for person in cast_of("ES", 20))
    russian = cast_of("RU", 40)
    assert all(person.last_name.endswith("a") == (person.gender == "female") for person in russian)


def test_a_name_is_read_in_its_own_script_where_there_is_one() -> None:
    person = cast_of("JO", 1)[0]
    assert person.name_in("ar") != person.full_name == person.name_in("fr")
