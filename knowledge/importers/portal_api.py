"""The portal's own JSON: detail answers, one file or a folder of them, turned into portal records.

The shape is that of `POST /api/v1/configuring/formality/get-formality-by-citizen` of the National Public
Service Portal: the record itself, or wrapped as `{"code": "OK", "data": {…}}`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from knowledge.errors import BadRecord
from knowledge.importers.json_text import parse_json
from knowledge.model import PortalRecord

_VIETNAM = timezone(timedelta(hours=7))
_PAGE = "https://dichvucong.gov.vn/thu-tuc-hanh-chinh/"
_KINDS = {
    "STANDARD": "TTHC tiêu chuẩn (do bộ, ngành công bố)",
    "SPECIFIC": "TTHC đặc thù (do tỉnh/thành phố công bố)",
}
_REGULATION = {"ASSIGNED_REGULATION": "TTHC được luật giao quy định chi tiết"}
_CHANNELS = {"ONLINE": "Trực tuyến", "DIRECT": "Trực tiếp", "POSTAL": "Dịch vụ bưu chính"}
_UNITS = {
    "WORKING_DAY": "ngày làm việc",
    "DAY": "ngày",
    "HOUR": "giờ",
    "MINUTE": "phút",
    "MONTH": "tháng",
    "YEAR": "năm",
}
# How the portal names our currency, or leaves it open.
_DONG = {"", "Việt Nam Đồng", "VND", "VNĐ"}
_FEE_TYPES = {"FEE": "Lệ phí", "SERVICE_FEE": "Phí"}
_LEVELS = (
    ("isMinistry", "Cấp bộ"),
    ("isProvince", "Cấp tỉnh"),
    ("isWard", "Cấp xã"),
    ("isOtherAgency", "Cơ quan khác"),
)
# Direction marks and zero-width characters stand in the middle of the portal's words.
_UNSEEN = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")
_LINE_END = re.compile(r"[ \t\r]*\n")
# "35 /2025/NQ-HĐND" has a stray blank; "2025/NQ-HĐND" alone would be another text.
_LAW_NUMBER = re.compile(r"\d[\w.]*\s*/\s*(?:\d{4}\s*/\s*)?[A-ZĐ][A-ZĐ0-9\-]*")


def from_detail(answer: Mapping[str, Any], crawled_at: str = "") -> PortalRecord:
    """Turns one detail answer into a portal record.

    Args:
        answer: the parsed JSON, wrapped in `data` or not.
        crawled_at: ISO date the answer was fetched on; without it the record's own last change stands.

    Raises:
        BadRecord: it is no detail answer, or says nothing that a record needs.
    """
    detail = answer.get("data", answer)
    if not isinstance(detail, Mapping) or "code" not in detail or "executionMethods" not in detail:
        raise BadRecord("is no detail answer of the portal")
    try:
        return PortalRecord.model_validate(_interchange(detail, crawled_at))
    except ValidationError as cause:
        first = cause.errors()[0]
        raise BadRecord(f"{'.'.join(str(p) for p in first['loc'])}: {first['msg']}") from cause
    except (AttributeError, TypeError, ValueError, OverflowError, OSError) as cause:
        raise BadRecord(f"has a field of the wrong shape ({cause})") from cause


def _interchange(detail: Mapping[str, Any], crawled_at: str) -> dict[str, Any]:
    proposal = detail.get("procedureProposal") or {}
    updated = _day(detail.get("updatedAt"))
    regulation = _text(detail.get("formalityType"))
    return {
        "code": detail["code"],
        "name": _text(detail.get("name")),
        "field": _text((detail.get("category") or {}).get("name"))
        or "; ".join(_names(detail.get("categoriesDetails"))[:1]),
        "agency": _text(detail.get("departmentPromulgateName")),
        "level": [name for flag, name in _LEVELS if detail.get(flag)],
        "kind": "TTHC nội bộ" if detail.get("isInternal") else _KINDS.get(detail.get("type") or "", ""),
        "regulation_type": _REGULATION.get(regulation, regulation),
        "decision_no": _text(proposal.get("proposalNumber")),
        "decision_date": _day(proposal.get("decisionDate")),
        "steps": [
            {"name": _text(step.get("name")), "text": _text(step.get("description"))}
            for step in detail.get("executionSteps") or []
        ],
        "methods": [_method(method) for method in detail.get("executionMethods") or []],
        "cases": [
            {
                "code": _text(case.get("code")),
                "name": _text(case.get("name")),
                "duration": _duration(
                    (case.get("processingDay") or {}).get("qty"),
                    (case.get("processingDay") or {}).get("type"),
                ),
            }
            for case in detail.get("cases") or []
        ],
        "documents": [
            {
                "group": _text(group.get("name")),
                "name": _text(paper.get("name")),
                "originals": paper.get("originalQty") or 0,
                "copies": paper.get("copyQty") or 0,
                "component_code": _text(paper.get("code")),
                "forms": [_text(file.get("fileName")) for file in paper.get("attachments") or []],
            }
            for group in detail.get("executionCases") or []
            for paper in group.get("profileComponents") or []
            if _text(paper.get("name"))
        ],
        "subjects": _names(detail.get("subjectTypesDetails")),
        "executing_agency": _agencies(detail, "Executing") or _text(detail.get("executingAgencies")),
        "authority_agency": _agencies(detail, "Authority"),
        "coordinating_agency": _agencies(detail, "Coordinating") or _text(detail.get("coordinatingAgencies")),
        # The portal's `delegatedAgencies` repeats who has the authority; those authorised stand here.
        "delegated_agency": _agencies(detail, "Authorized") or _text(detail.get("authorizedAgencies")),
        "receiving_address": _text(detail.get("dossierReceivingAddresses")),
        "result": "; ".join(_names(detail.get("resultsDetails"))),
        "legal_basis": [
            {"number": _law_number(law), "title": _text(law.get("name"))}
            for law in detail.get("legalBasisesDetails") or []
        ],
        "conditions": _text(detail.get("requirementsAndConditions")),
        "keywords": _text(detail.get("keywords")),
        "description": _text(detail.get("description")),
        "portal_id": _text(detail.get("id")),
        "portal_url": _PAGE + _text(detail.get("id")) if detail.get("id") else "",
        "portal_state": _text(detail.get("state")),
        "portal_createdAt": _day(detail.get("createdAt")),
        "portal_updatedAt": updated,
        "crawled_at": crawled_at or updated,
        "full_process": bool(detail.get("isFullProcess")),
        "non_territorial": bool(detail.get("isNonTerritorial")),
        "offline_only": bool(detail.get("isOfflineOnly")),
    }


def _method(method: Mapping[str, Any]) -> dict[str, Any]:
    unit = method.get("processingTimeUnit") or "OTHER"
    fees = [_fee(fee) for fee in method.get("fees") or []]
    return {
        "channel": _CHANNELS.get(method.get("submissionMethod") or "", _text(method.get("submissionMethod"))),
        "duration": _duration(method.get("processingTime"), unit),
        "duration_unit_raw": unit,
        "fee": "; ".join(filter(None, map(_fee_in_words, fees))),
        "fees": fees,
        "description": _text(method.get("description")),
    }


def _fee(fee: Mapping[str, Any]) -> dict[str, Any]:
    currency = _text(fee.get("currencyName"))
    return {
        "type": _FEE_TYPES.get(fee.get("type") or "", fee.get("type")),
        "value": fee.get("value"),
        "description": _text(fee.get("description")),
        **({} if currency in _DONG else {"currency": currency}),
    }


def _fee_in_words(fee: Mapping[str, Any]) -> str:
    value = "" if fee["value"] is None else f"{fee['value']} {fee.get('currency', 'VNĐ')}"
    return " ".join(filter(None, (value, f"({fee['description']})" if fee["description"] else "")))


def _duration(number: float | str | None, unit: str | None) -> str:
    if isinstance(number, bool) or number is None or isinstance(number, str):
        return _text(number)
    figure = str(int(number)) if number == int(number) else str(number)
    # A unit that the portal calls OTHER stays unknown: the bare number must not look like days.
    return f"{figure} {_UNITS[unit]}" if unit in _UNITS else figure


def _agencies(detail: Mapping[str, Any], role: str) -> str:
    return "; ".join(_names(detail.get(f"unitGroups{role}")) + _names(detail.get(f"departments{role}")))


def _law_number(law: Mapping[str, Any]) -> str:
    found = _LAW_NUMBER.search(f"{law.get('code') or ''} {law.get('name') or ''}")
    return "".join(found.group(0).split()) if found else _text(law.get("code"))


def _names(things: object) -> list[str]:
    return [_text(thing.get("name")) for thing in things or [] if _text(thing.get("name"))]  # type: ignore[attr-defined]


def _text(value: object) -> str:
    if value is None:
        return ""
    return unicodedata.normalize("NFC", _LINE_END.sub("\n", _UNSEEN.sub("", str(value))).strip())


def _day(milliseconds: object) -> str:
    if not isinstance(milliseconds, int | float):
        return ""
    return datetime.fromtimestamp(milliseconds / 1000, UTC).astimezone(_VIETNAM).date().isoformat()


def read_portal_json(
    path: Path, progress: Callable[[int, int], None] | None = None
) -> Iterator[PortalRecord | BadRecord]:
    """Reads one file of the portal's JSON, or every `*.json` of a folder, in order of name.

    A file that is not JSON (the portal's firewall answers with a web page) or no detail answer comes out
    as a `BadRecord` that names it; catalogue pages and names starting with "_" are passed over in a folder.

    Raises:
        BadRecord: there is nothing at that path.
    """
    if not path.exists():
        raise BadRecord(f"{path.name} does not exist")
    files = sorted(path.glob("*.json")) if path.is_dir() else [path]
    if path.is_dir():
        files = [file for file in files if not file.name.startswith("_")]
    if not files:
        raise BadRecord(f"{path.name} holds no *.json file")
    first_file: dict[str, str] = {}
    for number, file in enumerate(files, 1):
        for record in _read_file(file):
            if isinstance(record, BadRecord):
                yield BadRecord(f"{file.name} {record.reason}")
            elif record.code in first_file:
                yield BadRecord(f"{file.name} holds {record.code}, as {first_file[record.code]} does already")
            else:
                first_file[record.code] = file.name
                yield record
        if progress:
            progress(number, len(files))


def _read_file(file: Path) -> Iterator[PortalRecord | BadRecord]:
    try:
        document = parse_json(file.read_bytes())
    except OSError as cause:
        yield BadRecord(f"cannot be read: {cause.strerror}")
        return
    except BadRecord as cause:
        yield cause
        return
    for answer in document if isinstance(document, list) else [document]:
        try:
            if not isinstance(answer, dict):
                raise BadRecord("is no detail answer of the portal")
            yield from_detail(answer)
        except BadRecord as cause:
            yield cause
