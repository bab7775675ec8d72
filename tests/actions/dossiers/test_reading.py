"""Values as they are written: read, or refused by the name of their field, never guessed."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actions.dossiers.errors import BadMap, BadRow
from actions.dossiers.model import Dossier, DossierState
from actions.dossiers.reading import FIELDS, VIETNAM, RecordReader
from tests.actions.dossiers.conftest import KEYS

NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
MORNING = datetime(2026, 11, 5, 8, 40, tzinfo=VIETNAM)


def read(reader: RecordReader | None = None, **record: Any) -> Dossier:
    return (reader or RecordReader(KEYS)).read({"code": "H49.18-261105-0001", "state": "4"} | record, as_of=NOW)


@pytest.mark.parametrize(
    ("written", "state"),
    [
        ("Đang xử lý", DossierState.PROCESSING),
        ("ĐANG XỬ LÝ", DossierState.PROCESSING),
        ("dang xu ly", DossierState.PROCESSING),
        ("1", DossierState.REGISTERED),
        (10, DossierState.RETURNED),
        (9.0, DossierState.FINISHED),
        ("Yêu cầu bổ sung giấy tờ", DossierState.SUPPLEMENT_NEEDED),
        ("Yêu cầu thực hiện nghĩa vụ tài chính", DossierState.PAYMENT_NEEDED),
        ("Công dân yêu cầu rút hồ sơ", DossierState.WITHDRAWN),
        ("Không được tiếp nhận", DossierState.REFUSED),
        ("Được tiếp nhận", DossierState.ACCEPTED),
        ("Dừng xử lý", DossierState.STOPPED),
        ("Đã xử lý xong", DossierState.FINISHED),
        ("Đã trả kết quả", DossierState.RETURNED),
        ("Mới đăng ký", DossierState.REGISTERED),
        ("Chờ ký số", DossierState.UNKNOWN),
        ("11", DossierState.UNKNOWN),
        ("0", DossierState.UNKNOWN),
        ("Đang xử lý xong", DossierState.UNKNOWN),
    ],
)
def test_a_state_is_one_of_the_ten_or_unknown(written: object, state: DossierState) -> None:
    assert read(state=written).state is state


def test_a_system_with_its_own_states_is_not_read_in_ours() -> None:
    reader = RecordReader(KEYS, states={"4": 9, "CHO_KY_SO": 4})
    assert read(reader, state=4).state is DossierState.FINISHED
    assert read(reader, state="cho ky so").state is DossierState.PROCESSING
    assert read(reader, state="Đang xử lý").state is DossierState.UNKNOWN


def test_a_map_to_a_state_that_does_not_exist_is_refused() -> None:
    with pytest.raises(BadMap):
        RecordReader(KEYS, states={"x": 11})


@pytest.mark.parametrize(
    "written",
    [
        "05/11/2026 08:40",
        "5/11/2026 8:40:00",
        "05-11-2026 08:40",
        "05.11.2026 08h40",
        "08:40 05/11/2026",
        "2026-11-05T08:40:00+07:00",
        "2026-11-05T01:40:00Z",
        "2026-11-05 08:40",
        datetime(2026, 11, 5, 8, 40),
        MORNING.timestamp(),
        int(MORNING.timestamp() * 1000),
    ],
)
def test_times_are_read_as_vietnams(written: object) -> None:
    assert read(received_at=written).received_at == MORNING


@pytest.mark.parametrize(
    "written", ["27/11/2026", "2026-11-27", "27/11/2026 17:00", date(2026, 11, 27), "2026-11-26T17:30:00Z"]
)
def test_an_appointment_is_a_day_in_vietnam(written: object) -> None:
    assert read(appointment_on=written).appointment_on == date(2026, 11, 27)


def test_formats_of_a_map_are_read_first() -> None:
    american = RecordReader(KEYS, dates=("%m/%d/%Y",))
    assert read(american, appointment_on="11/05/2026").appointment_on == date(2026, 11, 5)


@pytest.mark.parametrize(
    ("written", "amount"),
    [
        ("150.000", 150000),
        ("1,500,000 đ", 1500000),
        ("150000 VNĐ", 150000),
        (150000.0, 150000),
        ("0", 0),
        ("", None),
        ("Không", None),
    ],
)
def test_sums_are_in_dong(written: object, amount: int | None) -> None:
    assert read(amount_due=written).amount_due == amount


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("code", ""),
        ("code", "H49"),
        ("state", ""),
        ("state", None),
        ("state", ["4"]),
        ("received_at", "31/02/2026"),
        ("appointment_on", "sắp tới"),
        ("appointment_on", 12),
        ("amount_due", "1.5"),
        ("amount_due", "10 USD"),
        ("amount_due", -1),
        ("amount_due", float("nan")),
        ("phone", "09****"),
        ("applicant", "x" * 3000),
        ("unit", "a\x00b"),
        ("unit", "a\udc80b"),
        ("applicant", {"name": "x"}),
    ],
)
def test_what_cannot_be_read_refuses_the_record_and_names_the_field(field: str, value: object) -> None:
    with pytest.raises(BadRow, match=f"^{field}: ") as refused:
        read(**{field: value})
    assert not isinstance(value, str) or len(value) < 4 or value not in str(refused.value)


def test_papers_to_supplement_come_apart() -> None:
    lines = read(missing="- Tờ khai\n- Bản sao sổ đỏ; Ảnh 3x4").missing
    assert lines == ("Tờ khai", "Bản sao sổ đỏ", "Ảnh 3x4") == read(missing=list(lines)).missing


def test_a_record_may_say_that_it_is_older_but_not_that_it_is_newer() -> None:
    assert read(as_of="2026-11-20T00:00:00Z").as_of == NOW - timedelta(hours=27)
    assert read(as_of="2027-01-01T00:00:00Z").as_of == NOW


VALUES = st.none() | st.text(max_size=40) | st.integers() | st.floats() | st.booleans() | st.lists(st.text(max_size=5))


@given(st.dictionaries(st.sampled_from(FIELDS), VALUES))
def test_any_record_is_read_or_refused(record: dict[str, Any]) -> None:
    reader = RecordReader(KEYS)
    try:
        assert reader.read({"code": "H49.18-261105-0001", "state": "4"} | record, as_of=NOW).state in DossierState
    except BadRow as refused:
        assert refused.reason.split(":")[0] in FIELDS
