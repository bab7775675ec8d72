"""Places and offices."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """A province or a commune of today.

    Attributes:
        province_code: two digits, such as "79".
        province: "Thành phố Hồ Chí Minh".
        code: five digits of the commune; empty for a province, or when no list of units has been imported.
        commune: "Phường Bến Thành"; empty for a province.
        known_as: the name by which it was found when that is not its name of today, such as
            "Quận 1, Thành phố Hồ Chí Minh" or "Tỉnh Hà Tây"; else empty.
    """

    province_code: str
    province: str
    code: str = ""
    commune: str = ""
    known_as: str = ""

    @property
    def name(self) -> str:
        """The whole name: "Phường Bến Thành, Thành phố Hồ Chí Minh"."""
        return f"{self.commune}, {self.province}" if self.commune else self.province

    @property
    def is_province(self) -> bool:
        """Whether it is a whole province."""
        return not self.commune


@dataclass(frozen=True, slots=True)
class Office:
    """A public administrative service centre.

    Attributes:
        name: as it stands at the door.
        province_code: of its province.
        province: its name.
        commune_code: of the commune it serves; empty for a centre of the whole province.
        commune: its name, or empty.
        address: street and number.
        hours: as people read them, "Thứ Hai đến Thứ Sáu, 7:30 – 17:00".
        phone: as people dial it.
        latitude: degrees north, or None.
        longitude: degrees east, or None.
    """

    name: str
    province_code: str
    province: str
    commune_code: str = ""
    commune: str = ""
    address: str = ""
    hours: str = ""
    phone: str = ""
    latitude: float | None = None
    longitude: float | None = None

    @property
    def point(self) -> tuple[float, float] | None:
        """Latitude and longitude, where both are known."""
        if self.latitude is None or self.longitude is None:
            return None
        return self.latitude, self.longitude


@dataclass(frozen=True, slots=True)
class NearOffice:
    """An office and how far it is in a straight line, in kilometres; None where that cannot be told."""

    office: Office
    kilometres: float | None = None
