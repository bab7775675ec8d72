"""Zalo, simulated on a loopback port: Official Account, OAuth, template messages, Bot Platform, and webhooks.

It checks the client's requests as strictly as the real services are known to, and more; what is not known of them is
a switch (`modes`). It does not forgive: a second use of a refresh token ends the consent, a text of 2,001 characters
is refused, a slow answer to a webhook is followed by a copy.
"""

from tests.simulators.zalo.faults import Fault
from tests.simulators.zalo.modes import Modes, documented, observed
from tests.simulators.zalo.simulator import Board, ZaloSimulator

__all__ = ["Board", "Fault", "Modes", "ZaloSimulator", "documented", "observed"]
