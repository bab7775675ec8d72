"""Records of procedures that do not exist, in the shapes of the portal, traps included."""

from __future__ import annotations

from typing import Any

from knowledge.model import CuratedRecord, PortalRecord

CODE = "9.000101"
NAME = "Thủ tục cấp thẻ bạn đọc thư viện"


def interchange(code: str = CODE, **changes: Any) -> dict[str, Any]:
    """One line of the interchange format."""
    return {
        "code": code,
        "name": NAME,
        "field": "Thư viện",
        "agency": "Bộ Văn hóa, Thể thao và Du lịch",
        "level": ["Cấp xã"],
        "kind": "TTHC tiêu chuẩn (do bộ, ngành công bố)",
        "steps": [{"name": "Bước 1", "text": "Bạn đọc nộp hồ sơ tại thư viện cấp xã."}],
        "methods": [
            {
                "channel": "Trực tiếp",
                "duration": "3 ngày làm việc",
                "duration_unit_raw": "WORKING_DAY",
                "fee": "20000 VNĐ (20.000 đồng/thẻ)",
                "fees": [{"type": "Lệ phí", "value": 20000, "description": "20.000 đồng/thẻ"}],
                "description": "Nộp tại quầy.",
            },
            {
                "channel": "Trực tuyến",
                "duration": "1",
                "duration_unit_raw": "OTHER",
                "fee": "0 VNĐ (Mức thu do Hội đồng nhân dân tỉnh quyết định)",
                "fees": [
                    {"type": "Phí", "value": 0, "description": "Mức thu do Hội đồng nhân dân tỉnh quyết định"}
                ],
                "description": "",
            },
        ],
        "cases": [{"code": f"{code}.01", "name": "Cấp lần đầu", "duration": "3 ngày làm việc"}],
        "documents": [
            {
                "group": "Giấy tờ phải nộp:",
                "name": "- Đơn xin cấp thẻ bạn đọc theo mẫu",
                "originals": 1,
                "copies": 0,
                "component_code": "000.00.00.H99-KQ000001",
                "forms": ["don_cap_the.docx"],
            },
            {
                "group": "Giấy tờ phải nộp:",
                "name": "- Ảnh chân dung cỡ 3x4",
                "originals": 0,
                "copies": 2,
                "forms": [],
            },
            {
                "group": "Lưu ý:",
                "name": "- Trẻ em dưới 14 tuổi có cha mẹ ký thay.",
                "originals": 0,
                "copies": 0,
                "forms": [],
            },
        ],
        "subjects": ["Công dân Việt Nam"],
        "executing_agency": "Thư viện cấp xã",
        "receiving_address": "",
        "result": "Thẻ bạn đọc",
        "legal_basis": [
            {"number": "46/2019/QH14", "title": "Luật Thư viện", "date": "", "issuer": "Quốc hội"}
        ],
        "conditions": "Có nơi cư trú tại địa phương; thẻ dùng trong 02 năm, gia hạn thêm 50% thời gian.",
        "portal_id": "00000000-0000-7000-8000-000000000101",
        "portal_url": "https://dichvucong.gov.vn/thu-tuc-hanh-chinh/00000000-0000-7000-8000-000000000101",
        "crawled_at": "2026-07-18",
        "flags": ["zero_fee_with_text", "duration_without_unit"],
        "something_new": {"kept": [1, None, "có"]},
    } | changes


def portal_record(code: str = CODE, **changes: Any) -> PortalRecord:
    """The same as a portal record."""
    return PortalRecord.model_validate(interchange(code, **changes))


def detail(code: str = CODE, **changes: Any) -> dict[str, Any]:
    """The portal's own answer about the same procedure, not wrapped."""
    return {
        "id": "00000000-0000-7000-8000-000000000101",
        "code": code,
        "name": "Thủ tục cấp thẻ bạn \u200eđọc thư viện ",
        "type": "STANDARD",
        "formalityType": "ASSIGNED_REGULATION",
        "isInternal": False,
        "isWard": True,
        "isProvince": False,
        "isMinistry": False,
        "isFullProcess": True,
        "category": {"id": "1", "name": "Thư viện", "code": "G09-TV"},
        "departmentPromulgateName": "Bộ Văn hóa, Thể thao và Du lịch",
        "executionSteps": [
            {"name": "Bước 1", "description": "Bạn đọc nộp hồ sơ tại thư viện cấp xã. \r\nXong."}
        ],
        "executionMethods": [
            {
                "submissionMethod": "DIRECT",
                "processingTime": 3,
                "processingTimeUnit": "WORKING_DAY",
                "description": "Nộp tại quầy.",
                "fees": [
                    {
                        "type": "FEE",
                        "value": 20000,
                        "currencyName": "Việt Nam Đồng",
                        "description": "20.000 đồng/thẻ",
                    }
                ],
            },
            {
                "submissionMethod": "ONLINE",
                "processingTime": 1,
                "processingTimeUnit": "OTHER",
                "description": None,
                "fees": [
                    {
                        "type": "SERVICE_FEE",
                        "value": 0,
                        "description": "Mức thu do Hội đồng nhân dân tỉnh quyết định",
                    },
                    {
                        "type": "SERVICE_FEE",
                        "value": 10,
                        "currencyName": "USD",
                        "description": "Người nước ngoài",
                    },
                ],
            },
            {
                "submissionMethod": "POSTAL",
                "processingTime": 4.5,
                "processingTimeUnit": "DAY",
                "description": "",
                "fees": None,
            },
        ],
        "cases": [
            {"code": f"{code}.01", "name": "Cấp lần đầu", "processingDay": {"qty": 3, "type": "WORKING_DAY"}}
        ],
        "executionCases": [
            {
                "name": "Giấy tờ phải nộp:",
                "profileComponents": [
                    {
                        "name": "- Đơn xin cấp thẻ bạn đọc theo mẫu",
                        "originalQty": 1,
                        "copyQty": 0,
                        "code": "KQ1",
                        "attachments": [{"fileName": "don_cap_the.docx"}],
                    },
                    {
                        "name": "- Ảnh chân dung cỡ 3x4",
                        "originalQty": None,
                        "copyQty": 2,
                        "code": None,
                        "attachments": None,
                    },
                    {"name": "", "originalQty": 0, "copyQty": 0},
                ],
            },
            {
                "name": "Lưu ý:",
                "profileComponents": [
                    {"name": "- Trẻ em dưới 14 tuổi có cha mẹ ký thay.", "originalQty": 0, "copyQty": 0}
                ],
            },
        ],
        "subjectTypesDetails": [{"name": "Công dân Việt Nam"}],
        "resultsDetails": [{"name": "Thẻ bạn đọc"}],
        "legalBasisesDetails": [
            {"code": "Luật số 46/2019/QH14", "name": "Luật Thư viện"},
            {"code": "35 /2025/NQ-HĐND", "name": "Nghị quyết về mức thu"},
        ],
        "unitGroupsExecuting": [{"name": "Thư viện cấp xã"}],
        "departmentsExecuting": [{"name": "Thư viện tỉnh"}],
        "delegatedAgencies": "Thư viện tỉnh",
        "requirementsAndConditions": "Có nơi cư trú tại địa phương.",
        "dossierReceivingAddresses": None,
        "procedureProposal": {"proposalNumber": "12/QĐ-BVHTTDL", "decisionDate": 1767200400000},
        "createdAt": 1767196800000,
        "updatedAt": 1767286800000,
        "state": "UPDATED",
    } | changes


def curated(code: str = CODE, **changes: Any) -> CuratedRecord:
    """A curated record that the portal record bears out."""
    return CuratedRecord.model_validate(
        {
            "code": code,
            "name": "Làm thẻ thư viện",
            "official_name": NAME,
            "field": "Thư viện",
            "data_date": "2026-07-18",
            "summary": "Làm thẻ để mượn sách ở thư viện xã, dùng 2 năm.",
            "common_names": ["làm thẻ mượn sách", "thẻ thư viện"],
            "sample_questions": [
                "Làm thẻ mượn sách ở đâu?",
                "Thẻ thư viện mấy tiền?",
                "Bao lâu có thẻ?",
                "Cần gì?",
            ],
            "documents": [
                {"name": "Đơn xin cấp thẻ bạn đọc", "role": "fill", "originals": 1, "copies": 0},
                {"name": "Ảnh chân dung", "originals": 0, "copies": 2},
            ],
            "steps": ["Điền đơn rồi đưa cho thủ thư, sau 03 (ba) ngày làm việc quay lại lấy thẻ."],
            "fees": [{"state": "amount", "amount": 20000, "channel": "direct", "label": "Nộp tại quầy"}],
            "durations": [{"number": 3, "unit": "working_day"}],
            "office": {"name": "Thư viện xã", "level": "commune"},
            "online": {"available": True},
            "legal_basis": [{"number": "46/2019/QH14", "title": "Luật Thư viện"}],
        }
        | changes
    )
