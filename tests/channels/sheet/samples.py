"""Answers to print, about a procedure that does not exist."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, insert

from actions.tables import ReceiptRow
from channels.sheet.facts import ProcedureFacts
from channels.sheet.receipts import Kept
from motcua.reply import Aspect, Item, Reply, Section, Source

RECEIPT = "A7K2-M4QX"
CODE = "9.100001"
NAME = "Đăng ký thuyền nan"
TOLD_AT = datetime(2026, 11, 21, 18, 30, tzinfo=UTC)  # the next day in Vietnam
SOURCE = Source(
    url="https://dichvucong.gov.vn/p/thuyen?ma=9.100001", data_date="2026-07-18", legal_basis=("12/2024/NĐ-CP",)
)


def section(title: str, *items: Item | str) -> Section:
    """A section; plain strings become items."""
    return Section(title=title, items=tuple(i if isinstance(i, Item) else Item(text=i) for i in items))


def reply(aspect: Aspect, text: str, *sections: Section, source: Source = SOURCE) -> Reply:
    """An answer about the sample procedure."""
    return Reply(kind="answer", text=text, procedure=CODE, aspect=aspect, sections=sections, source=source)


PAPERS = section(
    "Giấy tờ phải nộp",
    Item(text="Tờ khai đăng ký thuyền theo mẫu", originals=1, note="Lấy ở đâu: nơi tiếp nhận."),
    Item(text="Giấy tờ mua bán hoặc thừa kế thuyền", originals=1, copies=2),
)
SHOWN = section("Mang theo để xuất trình", Item(text="Căn cước của chủ thuyền", originals=1))
CASES = section(
    "Tùy trường hợp, chỉ cần khi", Item(text="Giấy ủy quyền", originals=1, note="Khi: nhờ người khác đi thay.")
)
DOCUMENTS = reply(
    "documents",
    f"{NAME}: giấy tờ cần chuẩn bị\n\nGiấy tờ phải nộp:\n1. Tờ khai đăng ký thuyền theo mẫu (1 bản chính)\n"
    "   Lấy ở đâu: nơi tiếp nhận.\n2. Giấy tờ mua bán hoặc thừa kế thuyền (1 bản chính, 2 bản sao)\n\n"
    "Mang theo để xuất trình:\nCăn cước của chủ thuyền (1 bản chính)\n\nTùy trường hợp, chỉ cần khi:\n"
    "Giấy ủy quyền (1 bản chính)\nKhi: nhờ người khác đi thay.\n\n"
    "Thuyền trên 12 mét phải đăng kiểm trước.\n\n"
    f"Theo Cổng Dịch vụ công Quốc gia, dữ liệu ngày 18/07/2026. Xem tại: {SOURCE.url}",
    PAPERS,
    SHOWN,
    CASES,
)
FEE = reply("fee", f"{NAME}: phí, lệ phí\n\n25.000 đồng/thuyền", section("Phí, lệ phí", "25.000 đồng/thuyền"))
FEE_UNSTATED = reply("fee", f"{NAME}: phí, lệ phí\n\nChưa ghi mức phí: anh/chị hỏi nơi tiếp nhận.")
DURATION = reply("duration", "Thời gian", section("Thời gian giải quyết", "3 ngày làm việc"))
WHERE = reply("where", "Nơi nộp", section("Nơi nhận hồ sơ", "Trung tâm Phục vụ hành chính công cấp xã"))
STEPS = reply("steps", "Các bước", section("Các bước", "Nộp hồ sơ.", "Chờ xã xem xét.", "Nhận giấy chứng nhận."))
FACTS = ProcedureFacts(name=NAME, replies=(DOCUMENTS, FEE, DURATION, WHERE, STEPS))


def kept(answer: Reply = DOCUMENTS) -> Kept:
    """An answer under the sample receipt."""
    return Kept(RECEIPT, TOLD_AT, answer)


def store(database: Path, answer: Reply | str = DOCUMENTS, code: str = RECEIPT) -> None:
    """Puts an answer under a receipt, as the actions server would."""
    shown = answer if isinstance(answer, str) else answer.model_dump_json(exclude={"receipt"})
    row: dict[str, Any] = {
        "code": code,
        "catalogue_version": 3,
        "procedure": CODE,
        "aspect": json.loads(shown).get("aspect", ""),
        "shown": shown,
        "made_at": TOLD_AT,
    }
    engine = create_engine(f"sqlite:///{database}")
    with engine.begin() as connection:
        connection.execute(insert(ReceiptRow).values(row))
    engine.dispose()
