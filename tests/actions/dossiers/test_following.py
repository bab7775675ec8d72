"""Who follows what: entered once, ended at any time, never readable without the secret."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine

from actions.dossiers.codes import DossierCode
from actions.dossiers.errors import BadCode
from actions.dossiers.following import MOST, Followers
from actions.dossiers.following_codes import CodeSeal
from actions.dossiers.following_tables import DossierNotice, DossierWatch, Follower
from actions.dossiers.keys import KeyBook
from actions.dossiers.model import DossierState
from motcua.database import Base
from tests.actions.dossiers.conftest import CODE, KEYS, OTHER, dossier

OURS = {table.__tablename__ for table in (Follower, DossierNotice, DossierWatch)}
ANN, BOB = "a" * 32, "b" * 32
SEAL = CodeSeal(KEYS)


@pytest.fixture
def followers(engine: Engine) -> Followers:
    return Followers(engine, KEYS)


def test_a_dossier_is_followed_once_however_often_it_is_asked_for(followers: Followers) -> None:
    assert followers.follow(ANN, dossier()) and followers.follow(ANN, dossier())
    assert followers.follow(ANN, dossier(OTHER))
    assert (followers.following(ANN), followers.following(BOB)) == (2, 0)


def test_the_same_wish_at_the_same_moment_is_one(engine: Engine) -> None:
    followers = Followers(engine, KEYS)
    with ThreadPoolExecutor(8) as threads:
        assert all(threads.map(lambda _: followers.follow(ANN, dossier()), range(8)))
    assert followers.following(ANN) == 1


@pytest.mark.parametrize("state", [state for state in DossierState if state.is_over])
def test_what_is_over_cannot_be_followed(followers: Followers, state: DossierState) -> None:
    assert not followers.follow(ANN, dossier(state=state))
    assert followers.following(ANN) == 0


def test_stopping_ends_everything_of_one_person_and_may_be_taken_back(followers: Followers) -> None:
    for person in (ANN, BOB):
        followers.follow(person, dossier())
    followers.tell_when_back(ANN, OTHER)
    assert (followers.stop(ANN), followers.stop(ANN)) == (2, 0)
    assert (followers.following(ANN), followers.following(BOB)) == (0, 1)
    assert followers.follow(ANN, dossier()) and followers.following(ANN) == 1


def test_a_person_follows_a_limited_number(followers: Followers) -> None:
    codes = [DossierCode(f"H49.18-261105-{n:04}") for n in range(MOST + 1)]
    assert [followers.follow(ANN, dossier(code)) for code in codes] == [True] * MOST + [False]
    assert followers.follow(BOB, dossier(codes[-1]))


def test_another_channel_is_another_person(followers: Followers) -> None:
    followers.follow(ANN, dossier())
    assert followers.following(ANN, channel="zalo") == 0 == followers.stop(ANN, channel="zalo")


def test_the_consent_is_on_record_and_the_code_is_not_readable(followers: Followers, engine: Engine) -> None:
    followers.follow(ANN, dossier(), said=f"báo tôi khi hồ sơ {CODE} xong, số tôi 0912344567")
    with engine.connect() as connection:
        kept = repr(connection.exec_driver_sql("SELECT * FROM dossier_follower").all())
        when = connection.exec_driver_sql("SELECT followed_at FROM dossier_follower").scalar()
    assert "báo tôi khi hồ sơ" in kept and when
    assert not any(part in kept for part in (CODE.value, "261105", "0912344567", "4567", "Nguyễn"))


def test_a_stopped_wish_keeps_the_consent_and_no_code(followers: Followers, engine: Engine) -> None:
    followers.follow(ANN, dossier(), said="báo tôi")
    followers.stop(ANN)
    with engine.connect() as connection:
        sealed, said, ended = connection.exec_driver_sql(
            "SELECT code_sealed, said, ended_at FROM dossier_follower"
        ).one()
    assert (sealed, said) == ("", "báo tôi") and ended


codes = st.from_regex(
    r"\A([0-9]{3}\.[0-9]{2}\.[0-9]{2}\.)?H[0-9]{2}(\.[0-9]{1,3}){0,3}-2611[0-2][1-8]-[0-9]{3,6}\Z"
).map(DossierCode)


@given(codes, codes)
def test_a_sealed_code_opens_to_itself_and_tells_nothing(one: DossierCode, other: DossierCode) -> None:
    sealed = SEAL.seal(one)
    assert SEAL.open(SEAL.hash_of(one), sealed) == one
    assert len(sealed) == len(SEAL.seal(other))
    assert one.value.encode().hex() not in sealed
    if one != other:
        with pytest.raises(BadCode):
            SEAL.open(SEAL.hash_of(other), sealed)


def test_another_secret_opens_nothing() -> None:
    other = CodeSeal(KeyBook(b"another secret of the tests"))
    with pytest.raises(BadCode):
        other.open(SEAL.hash_of(CODE), SEAL.seal(CODE))
    assert other.hash_of(CODE) != SEAL.hash_of(CODE)


def test_tables_and_migrations_agree(engine: Engine) -> None:
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={
                "compare_type": True,
                "include_name": lambda name, kind, parents: kind != "table" or name in OURS,
                "include_object": lambda thing, name, kind, *_: kind != "table" or name in OURS,
            },
        )
        assert compare_metadata(context, Base.metadata) == []
