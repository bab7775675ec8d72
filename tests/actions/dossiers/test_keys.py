"""Second keys: hashed, kept, compared."""

from __future__ import annotations

import pytest

from actions.dossiers.errors import BadKey
from actions.dossiers.keys import KeyBook, SecondKey
from tests.actions.dossiers.conftest import CODE, KEY, KEYS, WRONG, dossier


@pytest.mark.parametrize("digits", ["", "456", "45678", "456a", "４５６７", " 4567"])
def test_a_second_key_is_four_digits(digits: str) -> None:
    with pytest.raises(BadKey):
        SecondKey(digits)


@pytest.mark.parametrize(
    ("number", "digits"),
    [
        ("0912344567", "4567"),
        ("0912 344 567", "4567"),
        ("******4567", "4567"),
        ("4567", "4567"),
        ("0912.34.45.67", "4567"),
    ],
)
def test_the_key_of_a_number_is_its_end(number: str, digits: str) -> None:
    assert SecondKey.of_number(number) == SecondKey(digits)


@pytest.mark.parametrize("number", ["", "456", "456*", "0912******"])
def test_a_number_whose_end_is_hidden_has_no_key(number: str) -> None:
    assert SecondKey.of_number(number) is None


def test_the_same_digits_on_two_dossiers_do_not_look_the_same() -> None:
    assert KEYS.hash_of("0001", KEY) != KEYS.hash_of("0002", KEY)
    assert KEYS.hash_of("0001", KEY) != KeyBook(b"another secret of 16").hash_of("0001", KEY)


def test_a_dossier_opens_to_its_phone_and_its_identity_number_alone() -> None:
    both = dossier(identity_key=KEYS.hash_of(CODE.number, SecondKey("9876")))
    assert both.opens_to(KEY, KEYS) and both.opens_to(SecondKey("9876"), KEYS)
    assert not both.opens_to(WRONG, KEYS)
    assert not dossier(phone_key="").opens_to(KEY, KEYS)


def test_no_representation_shows_who_it_is() -> None:
    shown = f"{dossier()!r} {KEY!r}"
    assert not any(part in shown for part in ("4567", "Nguyễn", "261105", KEYS.hash_of(CODE.number, KEY)))


def test_a_short_secret_is_refused() -> None:
    with pytest.raises(BadKey):
        KeyBook(b"short")
