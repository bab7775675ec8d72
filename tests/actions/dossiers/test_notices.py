"""What a follower is told."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from actions.dossiers.model import DossierState
from actions.dossiers.notices import tell_back, tell_change
from motcua.reply import PAYLOAD
from tests.actions.dossiers.conftest import CODE, dossier

KNOWN = [state for state in DossierState if state is not DossierState.UNKNOWN]


@pytest.mark.parametrize("state", KNOWN)
def test_every_state_is_told_without_name_or_whole_code(state: DossierState) -> None:
    told = tell_change(dossier(state=state, as_of=datetime(2026, 11, 21, 18, 5, tzinfo=UTC)))
    assert told.reply.kind == "status_result"
    assert "0001" in told.reply.text and "01:05 ngày 22/11/2026" in told.reply.text
    everything = told.reply.model_dump_json() + str(told.fields)
    assert not any(part in everything for part in (CODE.value, "261105", "H49", "Nguyễn", "Văn", "4567"))
    assert "{" not in told.reply.text
    assert all(PAYLOAD.fullmatch(choice.payload) for choice in told.reply.choices)
    assert ("dừng báo" in told.reply.text) != state.is_over


def test_no_two_states_sound_the_same() -> None:
    assert len({tell_change(dossier(state=state)).fields["state"] for state in KNOWN}) == len(KNOWN)


def test_the_procedure_stands_beside_the_number_where_it_is_known() -> None:
    assert "số cuối 0001 (Cấp phép) nay ở" in tell_change(dossier(procedure_name="Cấp phép")).reply.text
    assert "số cuối 0001 nay ở" in tell_change(dossier()).reply.text


def test_a_state_that_is_not_known_is_never_told() -> None:
    with pytest.raises(KeyError):
        tell_change(dossier(state=DossierState.UNKNOWN))


def test_papers_sums_and_places_are_those_of_the_record() -> None:
    papers = tell_change(dossier(state=DossierState.SUPPLEMENT_NEEDED, missing=("Đơn có chữ ký", "Bản vẽ"))).reply.text
    assert "Giấy tờ phải bổ sung: Đơn có chữ ký; Bản vẽ." in papers
    money = tell_change(dossier(state=DossierState.PAYMENT_NEEDED, amount_due=1500000, pay_at="Quầy 3.")).reply.text
    assert "1.500.000 đồng" in money and "Nơi nộp tiền: Quầy 3." in money
    ready = tell_change(dossier(state=DossierState.FINISHED, collect_at="Quầy 5")).reply.text
    assert "Nơi nhận kết quả: Quầy 5." in ready
    assert "Giấy tờ" not in tell_change(dossier(state=DossierState.PROCESSING, missing=("Bản vẽ",))).reply.text


def test_that_the_source_is_back_says_nothing_of_a_dossier() -> None:
    told = tell_back()
    assert not any(character.isdigit() for character in told.reply.text) and told.fields == {}
