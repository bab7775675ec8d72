"""What is said around a case: hours, queue and consent, in the words of the file."""

from __future__ import annotations

import string
from datetime import datetime

import pytest

from channels import wording
from channels.handover import telling
from channels.handover.hours import Timetable
from motcua.reply import PAYLOAD
from motcua.working_days import WorkingDays
from tests.channels.handover.test_hours import USUAL, at


def out_of_hours(moment: datetime, table: Timetable = USUAL, *, has_number: bool = False) -> str:
    reply = telling.opened_out_of_hours("asked", table, moment, 30, is_new=True, has_number=has_number)
    assert all(PAYLOAD.fullmatch(choice.payload) for choice in reply.choices)
    return reply.text


@pytest.mark.parametrize(
    ("moment", "opens"),
    [
        ("2026-11-23 12:00", "13:00 hôm nay"),
        ("2026-11-25 18:00", "07:30 ngày mai, thứ Năm 26/11/2026"),
        ("2026-11-20 18:00", "07:30 thứ Hai, ngày 23/11/2026"),
        ("2027-02-03 18:00", "07:30 thứ Năm, ngày 11/02/2027"),
    ],
)
def test_out_of_hours_it_is_said_when_officers_are_back(moment: str, opens: str) -> None:
    assert f"từ {opens}." in out_of_hours(at(moment))


def test_at_tet_it_is_said_that_it_is_tet() -> None:
    said = out_of_hours(at("2027-02-05 09:00"))
    assert "Hôm nay cán bộ nghỉ: " in said and "Tết" in said and "thứ Năm, ngày 11/02/2027" in said


def test_without_hours_no_time_is_promised() -> None:
    assert "làm việc lại" not in out_of_hours(at("2026-11-23 12:00"), Timetable({}, WorkingDays()))


def test_consent_and_deletion_are_said_with_the_question_for_a_number() -> None:
    said = out_of_hours(at("2026-11-23 12:00"))
    assert "đồng ý" in said and "30 ngày" in said and "“không”" in said
    assert "đồng ý" not in out_of_hours(at("2026-11-23 12:00"), has_number=True)


def test_every_place_in_a_sentence_is_filled() -> None:
    known = {"count", "when", "why", "days", "minutes", "text", "time", "weekday", "date", "ending"}
    says = wording.handover().model_dump()
    sentences = [one for one in says.values() if isinstance(one, str)] + list(says["opened"].values())
    places = {name for sentence in sentences for _, name, _, _ in string.Formatter().parse(sentence) if name}
    assert places <= known


def test_an_officers_braces_stay_as_they_are() -> None:
    assert telling.from_officer("{x} {} 100%").text == "Cán bộ: {x} {} 100%"
