"""The papers of a dossier, read out of portal rows.

The portal's traps: notes and headings stand among the papers, some of them with counts; papers without a
count have 0 originals and 0 copies, and may tell their count in the text ("01 bản chính").
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from pydantic import BaseModel, ConfigDict

from knowledge.model.portal import PortalDocument


class Document(BaseModel):
    """One paper of the dossier, or a note that stands among them.

    `originals` and `copies` are None where the record gives no count, neither in its columns nor in words.
    """

    model_config = ConfigDict(frozen=True)

    name: str
    group: str = ""
    originals: int | None = None
    copies: int | None = None
    forms: tuple[str, ...] = ()
    is_note: bool = False


_BULLET = re.compile(r"^[\s\-+*•·…=.,]+")

_NOTE_WORDS = ("lưu ý", "ghi chú", "chú ý")
# Rows that no counts make a paper of.
_NEVER_A_PAPER = (
    *_NOTE_WORDS,
    r"số lượng(?: hồ sơ)?\s*:",
    "số bộ hồ sơ",
    r"(?:không|không có|không quy định(?: cụ thể)?)\W*$",
    r"thành phần hồ sơ(?:,? (?:bao )?gồm)?\s*:?\s*$",
)
_NOTE_STARTS = (
    "số lượng",
    "trường hợp",
    "trong trường hợp",
    "đối với",
    r"giấy tờ phải (?:nộp|xuất trình)",
    "thành phần hồ sơ",
    r"hồ sơ (?:gồm|bao gồm|thứ)",
    "cá nhân có quyền",
    "cơ quan",
    "khi làm thủ tục",
    "từ lần",
    "các thông tin",
    "nếu ",
    "do ",
    "theo quy định",
    "trong đó",
    "thời hạn",
    "việc nộp",
    "chi phí",
    r"người (?:tiếp nhận|yêu cầu|có yêu cầu|nước ngoài nộp|học|chưa|được|ủy quyền)",
    r"các (?:bản sao|tài liệu|giấy tờ) .{0,20}\bphải\b",
    "các tài liệu nêu trên",
    r"(?:tài liệu|giấy tờ) (?:được|do|bằng|quy định tại)\b.*\b(?:phải|không áp dụng|chỉ áp dụng)",
)
# What papers begin with, for rows that are as long as a note or stand in a group of notes.
_PAPER_STARTS = (
    "đơn",
    r"giấy(?! tờ do)",
    r"tờ (?:khai|trình)",
    "bản",
    "bảng",
    "biên bản",
    "phiếu",
    "văn bản",
    "công văn",
    "hợp đồng",
    "quyết định",
    "hộ chiếu",
    "thẻ",
    "căn cước",
    "danh sách",
    "hóa đơn",
    "hoá đơn",
    "chứng từ",
    "chứng chỉ",
    "báo cáo",
    "đề án",
    "dự án",
    "dự thảo",
    "kế hoạch",
    "phương án",
    "sơ đồ",
    "thiết kế",
    "ảnh",
    "hình ảnh",
    r"hồ sơ (?!gồm|bao)",
    "lý lịch",
    "sổ",
    "sao y",
    "vận đơn",
    "thuyết minh",
    "thông báo",
    "nghị quyết",
    "điều lệ",
    r"tài liệu(?! quy định| được| nêu)",
    r"(?:một\s+)?\(?\d{1,2}\)?\s*(?:\([^)]{1,20}\)\s*)?(?:bản|bộ|ảnh)",
)


def _starts(*words: str) -> re.Pattern[str]:
    # Before its first word a row may have bullets, "a)", "2/", "(6)" or "1.3.1.".
    before = r"^\W*(?:(?:\d{1,2}(?:\.\d{1,2})*|[a-zđ]|[ivx]{1,4})\s*[).:/]\W*)?"
    return re.compile(f"{before}(?:{'|'.join(words)})", re.IGNORECASE | re.DOTALL)


_IS_NEVER_A_PAPER = _starts(*_NEVER_A_PAPER)
_STARTS_LIKE_A_NOTE = _starts(*_NOTE_STARTS)
_STARTS_LIKE_A_PAPER = _starts(*_PAPER_STARTS)
_NOTE_GROUP = _starts(*_NOTE_WORDS, "quy định về", "nội dung ủy quyền")
_HEADING = re.compile(r"(?::|\b(?:bao )?gồm)\s*$", re.IGNORECASE)
_A_NOTE_IS_LONG = 260

_COPY = r"bản (?:chính|gốc|sao|chụp|photo)"
_COUNTED = re.compile(rf"(?<![\d./])\(?(\d{{1,2}})\)?\s*(?:\([^)\d]{{1,20}}\)\s*)?({_COPY})", re.IGNORECASE)
_ANY_COPY = re.compile(_COPY, re.IGNORECASE)
_AN_ALTERNATIVE = re.compile(r"\bhoặc\b|\bhay\b|/\s*bản", re.IGNORECASE)
_SENTENCE_END = re.compile(r"[.;]\s")


def _is_note(row: PortalDocument, name: str) -> bool:
    in_notes = bool(_NOTE_GROUP.match(row.group))
    if _IS_NEVER_A_PAPER.match(name):
        return True
    if row.originals or row.copies:
        # Spliced groups put real papers under "Lưu ý"; a counted row there is one if it begins like one.
        return in_notes and not _STARTS_LIKE_A_PAPER.match(name)
    if in_notes or _STARTS_LIKE_A_NOTE.match(name) or _HEADING.search(name):
        return True
    return len(name) > _A_NOTE_IS_LONG and not _STARTS_LIKE_A_PAPER.match(name)


def _counts(row: PortalDocument, name: str) -> tuple[int | None, int | None]:
    if row.originals or row.copies:
        return row.originals, row.copies
    said = _COUNTED.search(name)
    # Only a single, unconditional count can be taken from words.
    if not said or len(_ANY_COPY.findall(name)) > 1 or _AN_ALTERNATIVE.search(name):
        return None, None
    count = int(said.group(1))
    if not count or _SENTENCE_END.search(name[: said.start()]):
        return None, None
    return (count, 0) if said.group(2).lower() in ("bản chính", "bản gốc") else (0, count)


def read_documents(documents: Iterable[PortalDocument]) -> tuple[Document, ...]:
    """Reads the papers of a record; rows with both counts 0 are notes or papers without a stated count."""
    read: list[Document] = []
    for row in documents:
        name = _BULLET.sub("", row.name).strip()
        if not name:
            continue
        plain = " ".join(row.name.split())
        is_note = _is_note(row, plain)
        originals, copies = (None, None) if is_note else _counts(row, plain)
        read.append(
            Document(
                name=name,
                group=_BULLET.sub("", row.group).strip(" :"),
                originals=originals,
                copies=copies,
                forms=row.forms,
                is_note=is_note,
            )
        )
    return tuple(dict.fromkeys(read))
