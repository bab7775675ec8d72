"""Procedures that do not exist, in the shapes of the portal and of staff, the portal's traps included."""

from __future__ import annotations

from typing import Any

from knowledge.model import CuratedRecord, PortalRecord, Procedure, Words

BOAT, BOAT_LOST, KITE, LANTERN, SHOUTING = "9.100001", "9.100002", "9.100003", "9.100004", "9.100005"
OWN_PROVINCE, DISTRICT, DOLLARS, BARE, MANY = "9.100006", "9.100007", "9.100008", "9.100009", "9.100010"
CURATED, NAME_ONLY = "9.100011", "9.100012"


def method(
    channel: str = "Trực tiếp", duration: str = "3 ngày làm việc", *fees: dict[str, Any]
) -> dict[str, Any]:
    """One way of filing."""
    return {"channel": channel, "duration": duration, "fees": list(fees), "description": ""}


def fee(value: float, text: str = "", kind: str = "Lệ phí") -> dict[str, Any]:
    """One fee line."""
    return {"type": kind, "value": value, "description": text}


def paper(name: str, originals: int = 1, copies: int = 0, group: str = "", *forms: str) -> dict[str, Any]:
    """One row of the documents."""
    return {"group": group, "name": name, "originals": originals, "copies": copies, "forms": list(forms)}


def portal(code: str, name: str, **changes: Any) -> PortalRecord:
    """A portal record with plain contents, changed as told."""
    return PortalRecord.model_validate(
        {
            "code": code,
            "name": name,
            "field": "Thuyền và đèn",
            "agency": "Bộ Sông nước",
            "level": ["Cấp xã"],
            "kind": "TTHC tiêu chuẩn (do bộ, ngành công bố)",
            "subjects": ["Công dân Việt Nam"],
            "steps": [
                {
                    "name": "",
                    "text": "- Bước 1: Chủ thuyền nộp hồ sơ.\n- Bước 2: Xã xem xét trong 02 ngày làm việc.\n"
                    "- Bước 3: Chủ thuyền nhận kết quả.",
                }
            ],
            "methods": [method("Trực tiếp", "3 ngày làm việc", fee(25000, "25.000 đồng/thuyền"))],
            "documents": [paper("- Tờ khai theo mẫu;"), paper("- Ảnh chụp thuyền;", 0, 2)],
            "executing_agency": "Ủy ban nhân dân cấp xã",
            "result": "Giấy chứng nhận",
            "legal_basis": [{"number": "12/2024/NĐ-CP", "title": "Nghị định về thuyền"}],
            "conditions": "",
            "portal_url": f"https://dichvucong.gov.vn/{code}",
            "crawled_at": "2026-07-18",
            **changes,
        }
    )


def of_portal(code: str = BOAT, name: str = "Thủ tục đăng ký thuyền nan", **changes: Any) -> Procedure:
    """A procedure that has a portal record alone."""
    return Procedure(code=code, portal=portal(code, name, **changes))


def curated(code: str = CURATED, **changes: Any) -> CuratedRecord:
    """A curated record."""
    return CuratedRecord.model_validate(
        {
            "code": code,
            "name": "Mở bến đò",
            "official_name": "Thủ tục cấp phép hoạt động bến đò ngang",
            "field": "Thuyền và đèn",
            "data_date": "2026-07-18",
            "summary": "Xin phép mở bến đò ngang chở khách qua sông.",
            "common_names": ["mở bến đò", "xin phép bến đò"],
            "sample_questions": [
                "Mở bến đò cần gì?",
                "Bến đò xin ở đâu?",
                "Phí mở bến đò?",
                "Mấy ngày có phép?",
            ],
            "documents": [
                {"name": "Đơn xin mở bến", "role": "fill", "originals": 1, "copies": 0},
                {"name": "Giấy tờ đất", "originals": 1, "copies": 1, "where_to_get": "Văn phòng đất đai"},
                {"name": "Giấy đồng ý của chủ đất", "originals": 1, "when": "khi thuê đất"},
            ],
            "steps": ["Nộp đơn.", "Chờ 10 ngày làm việc.", "Nhận giấy phép."],
            "fees": [{"state": "amount", "amount": 50000, "text": "một lần"}],
            "durations": [{"number": 10, "unit": "working_day"}],
            "office": {"name": "Trung tâm Phục vụ hành chính công cấp xã", "level": "commune"},
            "online": {"available": True, "full": True},
            "conditions": ["Bến cách cầu ít nhất 100 m."],
            "result": "Giấy phép mở bến",
            "legal_basis": [{"number": "15/2025/NĐ-CP", "title": "Nghị định về bến đò"}],
            **changes,
        }
    )


def words(code: str, name: str, *common: str) -> Words:
    """People's words for a procedure."""
    questions = tuple(f"{one} cần giấy tờ gì" for one in common)
    return Words(
        code=code,
        name=name,
        field="Thuyền và đèn",
        popularity=3,
        common_names=common,
        sample_questions=questions,
    )


def catalogue_of_samples() -> list[PortalRecord | CuratedRecord | Words]:
    """A small catalogue, one trap a record."""
    return [
        portal(BOAT, "Thủ tục đăng ký thuyền nan lần đầu"),
        portal(BOAT_LOST, "Thủ tục cấp lại giấy đăng ký thuyền nan bị mất"),
        portal(KITE, "Thủ tục xin phép thả diều sáo", field="Lễ hội"),
        portal(LANTERN, "Thủ tục thông báo tổ chức hội đèn lồng", field="Lễ hội"),
        portal(SHOUTING, "THỦ TỤC CÔNG NHẬN LÀNG NGHỀ ĐAN LƯỚI (CẤP XÃ)"),
        portal(
            OWN_PROVINCE,
            "Thủ tục hỗ trợ mua phao cứu sinh",
            kind="TTHC đặc thù (do địa phương công bố)",
            agency="UBND tỉnh Gia Lai",
        ),
        portal(
            DISTRICT,
            "Thủ tục xác nhận tay nghề đan chài",
            executing_agency="Ủy ban nhân dân huyện; Phòng Văn hóa cấp huyện",
        ),
        portal(
            DOLLARS, "Thủ tục cấp thẻ thủy thủ tàu khách", methods=[method("Trực tuyến", "1", fee(10, "Phí"))]
        ),
        portal(
            BARE, "Thủ tục báo tin nước lớn", methods=[], documents=[], steps=[], legal_basis=[], result=""
        ),
        portal(
            MANY,
            "Thủ tục lập bến cá",
            documents=[paper(f"Giấy số {n} của bến cá") for n in range(1, 41)],
        ),
        portal(CURATED, "Thủ tục cấp phép hoạt động bến đò ngang"),
        curated(),
        words(BOAT, "Thủ tục đăng ký thuyền nan lần đầu", "đăng ký thuyền nan", "làm giấy cho thuyền mới"),
        words(
            BOAT_LOST,
            "Thủ tục cấp lại giấy đăng ký thuyền nan bị mất",
            "mất giấy thuyền",
            "làm lại giấy thuyền",
        ),
        words(KITE, "Thủ tục xin phép thả diều sáo", "thả diều", "xin phép thả diều"),
        words(NAME_ONLY, "Thủ tục chỉ có tên", "thủ tục chỉ có tên thôi"),
    ]
