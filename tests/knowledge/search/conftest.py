"""A small catalogue of procedures that do not exist, and an index of it made with the simulated encoder."""

from __future__ import annotations

from pathlib import Path

import pytest

from knowledge.model import PortalRecord, Procedure
from knowledge.model.curated import Words
from knowledge.search import SearchEngine, build_index
from tests.simulators.encoder import ToyEncoder

STANDARD = "TTHC tiêu chuẩn (do bộ, ngành công bố)"
INTERNAL = "TTHC nội bộ"
PROVINCIAL = "TTHC đặc thù (do địa phương công bố)"

BIRTH, MARRIAGE, LICENCE, WELL = "9.000001", "9.000002", "9.000003", "9.000004"
BETWEEN_OFFICES, GIA_LAI_KNOWN, GIA_LAI_UNKNOWN, HA_NOI = "9.000005", "9.000006", "9.000007", "9.000008"


def procedure(
    code: str, name: str, *, kind: str = STANDARD, agency: str = "Bộ Tư pháp", words: Words | None = None
) -> Procedure:
    """A procedure with a portal record, and people's words if there are any."""
    record = PortalRecord.model_validate(
        {
            "code": code,
            "name": name,
            "field": "Thử nghiệm",
            "agency": agency,
            "kind": kind,
            "level": ["Cấp xã"],
            "subjects": ["Công dân Việt Nam"],
            "documents": [{"name": f"Tờ khai {name.lower()}", "originals": 1}],
            "steps": [{"name": "Bước 1", "text": f"Nộp hồ sơ {name.lower()} tại bộ phận một cửa."}],
            "result": f"Giấy xác nhận {name.lower()}",
        }
    )
    return Procedure(code=code, portal=record, vocabulary=words)


def words(code: str, *common_names: str, questions: tuple[str, ...] = (), popularity: int = 3) -> Words:
    """People's words for a procedure."""
    return Words(code=code, common_names=common_names, sample_questions=questions, popularity=popularity)


def procedures() -> list[Procedure]:
    """The small catalogue, in the order of codes."""
    return [
        procedure(
            BIRTH,
            "Thủ tục đăng ký khai sinh",
            words=words(
                BIRTH,
                "làm giấy khai sinh",
                "khai sinh cho con",
                questions=("Em mới sanh bé, làm khai sinh ở đâu?",),
                popularity=5,
            ),
        ),
        procedure(
            MARRIAGE,
            "Thủ tục đăng ký kết hôn",
            words=words(MARRIAGE, "làm giấy kết hôn", questions=("Hai đứa cưới nhau thì lên xã làm gì?",)),
        ),
        procedure(
            LICENCE,
            "Đổi giấy phép lái xe",
            agency="Bộ Công an",
            words=words(LICENCE, "đổi bằng lái xe", questions=("Bằng lái sắp hết hạn thì đổi ở đâu?",)),
        ),
        procedure(WELL, "Cấp giấy phép khai thác nước dưới đất", agency="Bộ Nông nghiệp và Môi trường"),
        procedure(BETWEEN_OFFICES, "Thẩm định kế hoạch khai thác nội bộ giữa các cơ quan", kind=INTERNAL),
        procedure(
            GIA_LAI_KNOWN,
            "Hỗ trợ trồng cây mắc ca",
            kind=PROVINCIAL,
            agency="UBND tỉnh Gia Lai",
            words=words(GIA_LAI_KNOWN, "xin tiền trồng mắc ca"),
        ),
        procedure(GIA_LAI_UNKNOWN, "Hỗ trợ nuôi ong lấy mật", kind=PROVINCIAL, agency="Uỷ ban nhân dân tỉnh Gia Lai"),
        procedure(HA_NOI, "Hỗ trợ đổi xe máy cũ lấy xe điện", kind=PROVINCIAL, agency="UBND thành phố Hà Nội"),
    ]


def build(
    root: Path,
    catalogue: list[Procedure] | None = None,
    *,
    digest: str = "first",
    encoder: ToyEncoder | None = None,
    cache: Path | None = None,
    force: bool = False,
) -> str:
    """Builds an index of the small catalogue, or of another."""
    return build_index(
        procedures() if catalogue is None else catalogue,
        encoder or ToyEncoder(),
        root,
        catalogue_digest=digest,
        catalogue_version=1,
        cache=cache,
        force=force,
    )


@pytest.fixture(scope="session")
def small_index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an index of the small catalogue; not to be written to."""
    root = tmp_path_factory.mktemp("index")
    build(root)
    return root


@pytest.fixture(scope="session")
def small_engine(small_index: Path) -> SearchEngine:
    """Search on the small catalogue, no province set."""
    return SearchEngine(small_index, ToyEncoder(), follow=False)
