"""Which passwords are taken, and how they are kept."""

from __future__ import annotations

import pytest
from argon2 import extract_parameters
from hypothesis import given
from hypothesis import strategies as st

from channels.console import passwords
from channels.console.errors import AccountRefused
from tests.channels.console.conftest import QUICK

AS_SERVED = passwords._ARGON2


def refusal(password: str, name: str = "lan") -> str:
    try:
        passwords.check(password, name)
    except AccountRefused as refused:
        return refused.words
    return ""


@pytest.mark.parametrize(
    "password",
    [
        "nước chảy đá mòn",
        "correct horse battery",
        "            a b c d e",
        "tôi ăn phở mỗi sáng",
        "ghxkqpwmzvbt",
        "284619375028",
        "🌱🌾🍚🐃🏡🌧🌞🎋🪷🐓🛶🪕",
        "lantern in the dark",
        "x" + "yzabcdefgh" * 12,
    ],
)
def test_any_long_password_is_taken_whatever_signs_it_has(password: str) -> None:
    assert refusal(password, "an") == ""


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("", "password_short"),
        ("mười một chữ"[:11], "password_short"),
        ("x9" * 65, "password_long"),
        ("123456789012", "password_common"),
        ("aaaaaaaaaaaaaa", "password_common"),
        ("abababababab", "password_common"),
        ("matkhau123456", "password_common"),
        ("Mật khẩu 2026!!", "password_common"),
        ("MatKhauMatKhau", "password_common"),
        ("Password2026!", "password_common"),
        ("12345admin67890", "password_common"),
        ("dichvucong2026", "password_common"),
        ("qwertyuiop123", "password_common"),
        ("hoa.nguyen2026", "password_like_name"),
        ("my hoanguyen secret", "password_like_name"),
        ("HoaNguyen!!!!!", "password_like_name"),
    ],
)
def test_what_is_guessed_first_is_refused(password: str, why: str) -> None:
    assert refusal(password, "hoa.nguyen") == why


def test_a_short_name_inside_a_longer_word_is_no_likeness() -> None:
    assert refusal("lantern in the dark", "lan") == ""
    assert refusal("lan123456789", "lan") == "password_like_name"


@given(st.text(max_size=150), st.text(max_size=30))
def test_whatever_is_typed_is_taken_or_refused(password: str, name: str) -> None:
    assert refusal(password, name) in {
        "",
        "password_short",
        "password_long",
        "password_common",
        "password_like_name",
    }


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=40))
def test_the_same_password_is_right_and_another_wrong(password: str) -> None:
    kept = QUICK.hash(passwords._composed(password))
    assert passwords.is_right(kept, password)
    assert not passwords.is_right(kept, password + "x")
    assert not passwords.is_right(None, password)


def test_a_hash_takes_memory_and_is_salted() -> None:
    one, other = AS_SERVED.hash("nước chảy đá mòn"), AS_SERVED.hash("nước chảy đá mòn")
    assert one != other and one.startswith("$argon2id$")
    kept = extract_parameters(one)
    assert kept.memory_cost >= 46 * 1024 and kept.time_cost >= 1 and kept.salt_len >= 16


@pytest.mark.parametrize("broken", ["", "x", "$argon2id$v=19$m=64,t=1,p=1$broken"])
def test_a_broken_hash_is_never_right(broken: str) -> None:
    assert not passwords.is_right(broken, "x")
