from __future__ import annotations

import pytest

from channels.errors import CannotStart, TooMany
from channels.rates import Proxies, Rates


@pytest.mark.anyio
async def test_a_used_up_limit_says_when_to_come_back() -> None:
    rates = Rates("memory://", "2/minute", "100/minute")
    await rates.session.count("a")
    await rates.session.count("a")
    await rates.session.count("b")
    with pytest.raises(TooMany) as told:
        await rates.session.count("a")
    assert 1 <= told.value.retry_after <= 60


@pytest.mark.parametrize(
    ("storage", "rate", "named"),
    [
        ("memory://", "often", "MOTCUA_RATE_PER_SESSION"),
        ("nowhere://", "2/minute", "MOTCUA_RATE_STORAGE"),
    ],
)
def test_a_setting_that_cannot_be_read_is_named(storage: str, rate: str, named: str) -> None:
    with pytest.raises(CannotStart, match=named):
        Rates(storage, rate, "2/minute")


@pytest.mark.parametrize(
    ("peer", "forwarded", "caller"),
    [
        ("203.0.113.9", "", "203.0.113.9"),
        # A stranger's header is not believed.
        ("203.0.113.9", "198.51.100.7", "203.0.113.9"),
        ("10.0.0.2", "198.51.100.7", "198.51.100.7"),
        # What the caller put in front does not count.
        ("10.0.0.2", "1.2.3.4, 198.51.100.7", "198.51.100.7"),
        ("10.0.0.2", "198.51.100.7, 10.0.0.3", "198.51.100.7"),
        ("10.0.0.2", "rubbish", "10.0.0.2"),
        ("::ffff:10.0.0.2", "198.51.100.7", "198.51.100.7"),
        ("10.0.0.2", "2001:db8:1:2:3::4", "2001:db8:1:2::/64"),
        ("10.0.0.2", "", "10.0.0.2"),
        ("", "198.51.100.7", ""),
    ],
)
def test_the_caller_is_the_last_address_our_proxies_vouch_for(peer: str, forwarded: str, caller: str) -> None:
    assert Proxies("10.0.0.0/8, 192.0.2.1").caller(peer, forwarded) == caller


def test_without_proxies_no_header_is_believed() -> None:
    assert Proxies("").caller("127.0.0.1", "198.51.100.7") == "127.0.0.1"


def test_a_proxy_that_is_no_address_is_named() -> None:
    with pytest.raises(CannotStart, match="MOTCUA_TRUSTED_PROXIES"):
        Proxies("10.0.0.1, proxy.local")
