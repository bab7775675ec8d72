"""Service centres from a file that staff keep: all of it, or nothing and every fault by its row."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import yaml

from knowledge.places.errors import BadOffices
from knowledge.places.gazetteer import Gazetteer
from knowledge.places.model import Office, Place
from knowledge.places.reading import syllables
from knowledge.places.table_file import Row, read_rows
from nlu.text import fold

_COLUMNS = Path(__file__).with_name("office_columns.yaml")
_REQUIRED = ("name", "province", "address")
_LENGTHS = {"name": 200, "address": 300, "hours": 300, "phone": 80}
_HEADER_WITHIN = 20
_MOST_FAULTS = 100
_NAMED = 3
# A box around the country, its islands included.
_LATITUDES, _LONGITUDES = (6.0, 24.0), (102.0, 118.0)
_PHONE = re.compile(r"[+(]?\d[\d\s().\-/,;+–]{1,78}", re.ASCII)

_SAMPLE = {
    "name": "Trung tâm Phục vụ hành chính công phường Bến Thành",
    "province": "Thành phố Hồ Chí Minh",
    "commune": "Phường Bến Thành",
    "address": "Số 1 đường Ví Dụ (dòng mẫu: xóa trước khi nhập)",
    "hours": "Thứ Hai đến Thứ Sáu, 7:30 – 11:30 và 13:00 – 17:00",
    "phone": "028 0000 0000",
    "latitude": "10.7721",
    "longitude": "106.6983",
}


@cache
def _titles() -> dict[str, list[str]]:
    titles: dict[str, list[str]] = yaml.safe_load(_COLUMNS.read_text(encoding="utf-8"))
    return titles


def _title(text: str) -> str:
    return " ".join(syllables(fold(text)))


def write_template(target: Path) -> None:
    """Writes a CSV with the titles of the columns and a line to show them; opens in Excel as it is."""
    with target.open("w", encoding="utf-8-sig", newline="") as out:
        writer = csv.writer(out)
        writer.writerow([names[0] for names in _titles().values()])
        writer.writerow([_SAMPLE[column] for column in _titles()])


def read_offices(path: Path, gazetteer: Gazetteer) -> list[Office]:
    """Reads service centres.

    Args:
        path: CSV or XLSX; the header is the first row that names the columns.
        gazetteer: knows the provinces and communes.

    Raises:
        BadOffices: the file cannot be read, or some rows cannot be taken; `faults` tells each.
    """
    rows = read_rows(path)
    columns = _header(rows, path.name)
    found: list[Office] = []
    faults: list[str] = []
    first_row: dict[tuple[str, str, str], int] = {}
    for number, cells in rows:
        told = {name: cells[at] if at < len(cells) else "" for name, at in columns.items()}
        try:
            office = _office(told, gazetteer)
        except ValueError as fault:
            faults.append(f"row {number}: {fault}")
            continue
        same = (fold(office.name), office.province_code, office.commune)
        if same in first_row:
            faults.append(f"row {number}: the same centre stands in row {first_row[same]}")
        first_row.setdefault(same, number)
        found.append(office)
    if faults:
        rows_said = "1 row" if len(faults) == 1 else f"{len(faults)} rows"
        shown = faults[:_MOST_FAULTS]
        raise BadOffices(f"{path.name}: {rows_said} cannot be taken, so nothing has gone in", shown)
    if not found:
        raise BadOffices(f"{path.name} lists no service centre")
    return found


def _header(rows: Iterator[Row], name: str) -> dict[str, int]:
    for number, cells in rows:
        titles = [_title(cell) for cell in cells]
        places = {
            column: next(titles.index(title) for title in map(_title, names) if title in titles)
            for column, names in _titles().items()
            if any(_title(one) in titles for one in names)
        }
        if set(_REQUIRED) <= places.keys():
            return places
        if number >= _HEADER_WITHIN:
            break
    wanted = ", ".join(f"“{_titles()[column][0]}”" for column in _REQUIRED)
    raise BadOffices(f"{name} has no row with the titles {wanted} ('motcua places offices template' writes one)")


def _office(told: dict[str, str], gazetteer: Gazetteer) -> Office:
    for column in _REQUIRED:
        if not told[column]:
            raise ValueError(f"{column} is empty")
    if told["address"] == _SAMPLE["address"]:
        raise ValueError("this is the sample line of the template: delete it")
    for column, most in _LENGTHS.items():
        if len(told.get(column, "")) > most:
            raise ValueError(f"{column} is longer than {most} characters")
    phone = told.get("phone", "")
    if phone and not _PHONE.fullmatch(phone):
        raise ValueError(f"phone: {phone!r} is no telephone number")
    province = _province(told["province"], gazetteer)
    commune = _commune(told.get("commune", ""), province, gazetteer)
    latitude, longitude = _point(told.get("latitude", ""), told.get("longitude", ""))
    return Office(
        name=told["name"],
        province_code=province.province_code,
        province=province.province,
        commune_code=commune.code if commune else "",
        commune=commune.commune if commune else "",
        address=told["address"],
        hours=told.get("hours", ""),
        phone=phone,
        latitude=latitude,
        longitude=longitude,
    )


def _province(said: str, gazetteer: Gazetteer) -> Place:
    found = [place for place in gazetteer.find_places(said) if place.is_province]
    if len(found) != 1:
        raise ValueError(f"province: {said!r} is none of the 34")
    return found[0]


def _commune(said: str, province: Place, gazetteer: Gazetteer) -> Place | None:
    if not said:
        return None
    found = [
        place
        for place in gazetteer.find_places(f"{said}, {province.province}")
        if place.commune and place.province_code == province.province_code
    ]
    today = [place for place in found if not place.known_as]
    if len(today) == 1 or len(found) == 1:
        return (today or found)[0]
    if not found:
        raise ValueError(f"commune: {said!r} is no commune of {province.province}")
    named = ", ".join(place.commune for place in found[:_NAMED])
    raise ValueError(f"commune: {said!r} is several communes today ({named}{', …' if len(found) > _NAMED else ''})")


def _point(latitude: str, longitude: str) -> tuple[float | None, float | None]:
    if not latitude and not longitude:
        return None, None
    try:
        north, east = (float(text.replace(",", ".")) for text in (latitude, longitude))
    except ValueError:
        raise ValueError("latitude and longitude: both, as decimal degrees such as 10.7721, or neither") from None
    if _inside(east, north):
        raise ValueError("latitude and longitude stand in each other's place")
    if not _inside(north, east):
        raise ValueError("latitude and longitude do not lie in Vietnam")
    return north, east


def _inside(north: float, east: float) -> bool:
    return _LATITUDES[0] <= north <= _LATITUDES[1] and _LONGITUDES[0] <= east <= _LONGITUDES[1]
