"""The catalogue on SQLite and on PostgreSQL: what writing does and what can be read back."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, text

from knowledge.errors import BadRecord, StoreUnavailable, UnknownProcedure
from knowledge.model import PortalRecord, Words
from knowledge.store import Catalogue, Change, Origin
from knowledge.store.catalogue import Record
from tests.knowledge.samples import CODE, curated, portal_record

OTHER = "9.000102"


def write(
    catalogue: Catalogue, *records: Record, origin: Origin = "portal", withdraw: bool = False
) -> Change:
    return catalogue.write(records, origin=origin, reason="a test", withdraw_missing=withdraw)


def test_an_empty_catalogue_answers(catalogue: Catalogue) -> None:
    assert (catalogue.version(), catalogue.codes(), catalogue.counts()) == (0, [], {})
    assert list(catalogue.procedures()) == []
    with pytest.raises(UnknownProcedure, match=r"9\.000101"):
        catalogue.get(CODE)


def test_new_changed_and_unchanged_records_are_told_apart(catalogue: Catalogue) -> None:
    first = write(catalogue, portal_record(), portal_record(OTHER))
    assert first == Change(version=1, new=2)
    second = write(
        catalogue, portal_record(), portal_record(OTHER, result="Thẻ mới"), portal_record("9.000103")
    )
    assert second == Change(version=2, new=1, changed=1, unchanged=1)
    assert catalogue.version() == 2


def test_writing_twice_changes_nothing(catalogue: Catalogue) -> None:
    write(catalogue, portal_record())
    before = (catalogue.digest(), catalogue.history(CODE))
    assert write(catalogue, portal_record()) == Change(version=1, unchanged=1)
    assert (catalogue.digest(), catalogue.history(CODE)) == before


def test_what_goes_in_comes_out(catalogue: Catalogue) -> None:
    words = Words(code=CODE, common_names=("thẻ sách",))
    write(catalogue, portal_record())
    write(catalogue, curated(), words, origin="starter")
    procedure = catalogue.get(CODE)
    assert procedure.portal == portal_record()
    assert procedure.portal is not None and procedure.portal.interchange() == portal_record().interchange()
    assert (procedure.curated, procedure.vocabulary, procedure.version) == (curated(), words, 2)
    assert catalogue.counts() == {"portal": 1, "curated": 1, "words": 1}


def test_procedures_come_by_code_with_their_parts_together(catalogue: Catalogue) -> None:
    write(catalogue, portal_record(OTHER), portal_record())
    write(catalogue, curated(), origin="starter")
    assert [(p.code, p.curated is not None) for p in catalogue.procedures()] == [(CODE, True), (OTHER, False)]
    assert [record.code for record in catalogue.portal_records()] == [CODE, OTHER]


def test_old_versions_are_kept_and_can_be_asked_for(catalogue: Catalogue) -> None:
    write(catalogue, portal_record(result="cũ"))
    write(catalogue, portal_record(OTHER))
    write(catalogue, portal_record(result="mới"))

    def result_at(version: int) -> str | None:
        part = catalogue.part_at(CODE, "portal", version)
        return part and json.loads(part)["result"]

    assert [result_at(version) for version in range(4)] == [None, "cũ", "cũ", "mới"]
    assert catalogue.part_at(CODE, "curated", 3) is None
    assert [(v.since, v.until, v.is_current) for v in catalogue.history(CODE)] == [
        (1, 3, False),
        (3, None, True),
    ]


def test_what_is_missing_is_withdrawn_only_when_asked(catalogue: Catalogue) -> None:
    write(catalogue, portal_record(), portal_record(OTHER))
    write(catalogue, portal_record())
    assert catalogue.codes() == [CODE, OTHER]
    assert write(catalogue, portal_record(), withdraw=True) == Change(version=2, unchanged=1, withdrawn=1)
    assert catalogue.codes() == [CODE]
    assert catalogue.part_at(OTHER, "portal", 1) is not None
    assert catalogue.part_at(OTHER, "portal", 2) is None


def test_what_was_withdrawn_can_come_back(catalogue: Catalogue) -> None:
    write(catalogue, portal_record(), portal_record(OTHER))
    write(catalogue, portal_record(), withdraw=True)
    assert write(catalogue, portal_record(OTHER)).new == 1
    assert [(v.since, v.until) for v in catalogue.history(OTHER)] == [(1, 2), (3, None)]


def test_withdrawing_leaves_other_kinds_and_other_origins_alone(catalogue: Catalogue) -> None:
    write(catalogue, portal_record(OTHER))
    write(catalogue, curated(OTHER), origin="staff")
    write(catalogue, Words(code=OTHER), origin="starter")
    assert write(catalogue, curated(), origin="starter", withdraw=True).withdrawn == 0
    assert catalogue.counts() == {"portal": 1, "curated": 2, "words": 1}


def test_nothing_at_all_withdraws_nothing(catalogue: Catalogue) -> None:
    write(catalogue, portal_record())
    assert write(catalogue, withdraw=True) == Change(version=1)


def test_the_starter_never_overwrites_staff(catalogue: Catalogue) -> None:
    write(catalogue, curated(summary="Lời của dự án."), origin="starter")
    write(catalogue, curated(summary="Lời của cán bộ."), origin="staff")
    assert write(catalogue, curated(summary="Lời mới của dự án."), origin="starter") == Change(2, unchanged=1)
    record = catalogue.get(CODE).curated
    assert record is not None and record.summary == "Lời của cán bộ."


def test_staff_who_confirm_a_starter_record_make_it_theirs(catalogue: Catalogue) -> None:
    write(catalogue, curated(), origin="starter")
    digest = catalogue.digest()
    assert write(catalogue, curated(), origin="staff").changed == 1
    assert catalogue.digest() == digest
    assert write(catalogue, curated(summary="Lời mới của dự án."), origin="starter").unchanged == 1


def test_the_digest_does_not_remember_the_way(catalogue: Catalogue) -> None:
    write(catalogue, portal_record(), portal_record(OTHER))
    straight = catalogue.digest()
    write(catalogue, portal_record(result="Khác"), portal_record("9.000103"))
    assert catalogue.digest() != straight
    write(catalogue, portal_record(OTHER), portal_record(), withdraw=True)
    assert catalogue.digest() == straight


def test_a_code_twice_in_one_write_is_refused_whole(catalogue: Catalogue) -> None:
    with pytest.raises(BadRecord, match=r"9\.000101 comes twice as portal"):
        write(catalogue, portal_record(OTHER), portal_record(), portal_record(result="Khác"))
    assert catalogue.codes() == []


def test_a_source_that_fails_half_way_leaves_nothing(catalogue: Catalogue) -> None:
    def broken() -> Iterator[PortalRecord]:
        yield portal_record()
        raise RuntimeError("the source is gone")

    with pytest.raises(RuntimeError):
        catalogue.write(broken(), origin="portal", reason="a test")
    assert (catalogue.version(), catalogue.codes()) == (0, [])


def test_many_more_records_than_a_statement_takes(catalogue: Catalogue) -> None:
    many = [Words(code=f"9.{number:06}") for number in range(1234)]
    assert write(catalogue, *many, origin="starter").new == 1234
    assert write(catalogue, many[0], origin="starter", withdraw=True).withdrawn == 1233
    assert len(list(catalogue.procedures())) == 1


def test_a_long_reason_is_cut_and_not_refused(catalogue: Catalogue, engine: Engine) -> None:
    catalogue.write([portal_record()], origin="portal", reason="ă" * 500)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT reason FROM catalogue_version")).scalar() == "ă" * 200


def test_a_stored_record_of_another_shape_is_named(catalogue: Catalogue, engine: Engine) -> None:
    write(catalogue, curated(), origin="starter")
    with engine.begin() as connection:
        connection.execute(text('UPDATE part_version SET payload = \'{"code": "9.000101"}\''))
    with pytest.raises(StoreUnavailable, match=r"9\.000101 does not fit this version of the program"):
        catalogue.get(CODE)
