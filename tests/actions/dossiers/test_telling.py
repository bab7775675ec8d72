from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from actions.dossiers.chain import Found, Standing
from actions.dossiers.model import DossierState
from actions.dossiers.telling import masked_name, tell
from motcua.working_days import WorkingDays
from tests.actions.dossiers.conftest import CODE, dossier

NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)  # a Friday, ten in the morning in Vietnam
DAYS = WorkingDays()


def told(state: DossierState = DossierState.PROCESSING, found: dict[str, Any] | None = None, **values: Any) -> str:
    values = {"as_of": NOW, **values}
    how = {"standing": Standing.LIVE, **(found or {})}
    reply = tell(Found(dossier=dossier(state=state, **values), **how), DAYS, NOW)
    assert reply.kind == "status_result"
    return reply.text


def test_each_state_has_words_of_its_own_that_say_what_to_do() -> None:
    texts = {state: told(state) for state in DossierState}
    assert len(set(texts.values())) == len(DossierState)
    for text in texts.values():
        assert "Nghĩa là" in text or "không đoán" in text
        assert "Anh/chị" in text


def test_who_holds_it_and_which_step_it_is_in() -> None:
    text = told(in_charge_unit="Phòng Thuyền", in_charge_step="Thẩm định", unit="Bến Mẫu")
    assert "Nơi đang giữ hồ sơ: Phòng Thuyền (bước: Thẩm định)." in text
    assert "Nơi nhận hồ sơ: Bến Mẫu." in text


def test_what_is_to_be_supplemented_is_listed() -> None:
    text = told(DossierState.SUPPLEMENT_NEEDED, missing=("Tờ khai có chữ ký", "Ảnh thuyền"))
    assert "- Tờ khai có chữ ký\n- Ảnh thuyền" in text
    assert "không ghi rõ phải bổ sung" in told(DossierState.SUPPLEMENT_NEEDED)


def test_amount_and_place_come_from_the_record_or_are_said_to_be_missing() -> None:
    text = told(DossierState.PAYMENT_NEEDED, amount_due=1_250_000, pay_at="Quầy số 2")
    assert "1.250.000 đồng" in text and "Nơi nộp tiền: Quầy số 2." in text
    assert not any(sign.isdigit() for sign in told(DossierState.PAYMENT_NEEDED).replace(CODE.number, ""))


def test_where_to_collect() -> None:
    text = told(DossierState.FINISHED, collect_at="Quầy trả kết quả", result_ready_at=NOW, appointment_on=NOW.date())
    assert "Nơi nhận kết quả: Quầy trả kết quả." in text and "từ ngày 20/11/2026" in text
    assert "hẹn" not in text.replace("giấy hẹn", "")


def test_the_countdown_leaves_out_days_off() -> None:
    # 21 and 22 are a weekend, 24 November 2026 is a day off by decree.
    on = date(2026, 11, 27)
    left = DAYS.countdown(on, date(2026, 11, 20)).working_days
    assert left < 7
    assert f"27/11/2026, còn {left} ngày làm việc" in told(appointment_on=on)
    assert "hôm nay, 20/11/2026" in told(appointment_on=date(2026, 11, 20))


def test_an_appointment_on_a_day_off_is_told_with_the_day_that_counts() -> None:
    text = told(appointment_on=date(2026, 11, 21))
    assert "21/11/2026 là ngày nghỉ nên tính sang 23/11/2026" in text


def test_when_late_there_is_an_apology_and_a_letter() -> None:
    text = told(appointment_on=date(2026, 11, 17), unit="Bến Mẫu")
    assert "trễ hẹn 3 ngày làm việc" in text and "xin lỗi" in text
    assert f"“Kính gửi Bến Mẫu. Tôi có hồ sơ mã {CODE.value}" in text


@pytest.mark.parametrize("state", [s for s in DossierState if s.is_over or s.name.endswith("_NEEDED") or not s])
def test_no_lateness_is_claimed_where_the_office_is_not_at_work(state: DossierState) -> None:
    assert "trễ" not in told(state, appointment_on=date(2026, 11, 2))


def test_last_known_says_when_and_claims_no_lateness_it_cannot_know() -> None:
    before = NOW - timedelta(days=5)
    text = told(
        found={"standing": Standing.LAST_KNOWN, "problem": "SourceDown", "is_stale": True},
        as_of=before, appointment_on=date(2026, 11, 17),
    )  # fmt: skip
    assert "10:00 ngày 15/11/2026" in text and "không trả lời" in text and "đã cũ" in text
    assert "trễ" not in text and "có thể hồ sơ đã xong" in text


def test_an_unknown_state_is_never_guessed() -> None:
    text = told(found={"problem": "StateUnknown"}, appointment_on=date(2026, 11, 2))
    assert "chưa rõ tình trạng" in text and "đang xử lý" not in text and "trễ" not in text


def test_a_system_that_is_down_is_said_to_be() -> None:
    reply = tell(Found(Standing.UNAVAILABLE), DAYS, NOW)
    assert "không trả lời" in reply.text and "thử lại" in reply.text
    assert reply.choices[0].payload == "say:check_status"


def test_nothing_is_told_of_nothing() -> None:
    with pytest.raises(ValueError):
        tell(Found(Standing.ABSENT), DAYS, NOW)


@pytest.mark.parametrize(
    ("name", "shown"),
    [("Nguyễn Văn An", "Nguyễn V. A***"), ("Lê Minh", "Lê M***"), ("An", "A***"), ("  ", ""),
     ("Trần Thị Mai Hoa", "Trần T. M. H***")],
)  # fmt: skip
def test_names_are_masked(name: str, shown: str) -> None:
    assert masked_name(name) == shown
    assert "Văn An" not in told(applicant="Nguyễn Văn An")


def test_strange_signs_in_a_record_do_no_harm() -> None:
    text = told(procedure_name="{x} {0}\n" + "dài " * 200, unit="a{b")
    assert "{x} {0} dài" in text and "…" in text and "a{b" in text
