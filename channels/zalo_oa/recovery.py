"""What people wrote while our webhook was not taken: read from the account's history, as the same events.

Zalo gives up an event after some hours and may switch the address off. What comes back from here has the keys that
the webhook would have given, so that nothing is answered twice. The history holds texts in full; what else people
sent is only named there, and left out.
"""

from __future__ import annotations

from datetime import datetime

from channels.zalo_oa.client import OaClient, PastMessage
from channels.zalo_oa.events import TextSaid
from channels.zalo_oa.webhook import text_event

_PAGE = 10
_MOST_TALKS, _MOST_MESSAGES = 2_000, 200


async def missed_since(client: OaClient, account: str, since: datetime) -> tuple[TextSaid, ...]:
    """Gives the texts of people since a time, in their order, whether known already or not.

    Args:
        client: of the account.
        account: its id.
        since: from when on; the last event that surely arrived.

    Raises:
        CallFailed, ConsentLost: the history cannot be read now; nothing is lost by trying later.
    """
    people: dict[str, None] = {}
    for offset in range(0, _MOST_TALKS, _PAGE):
        newest = await client.recent(offset)
        for one in newest:
            if one.person and _is_recent(one, since):
                people[one.person] = None
        if len(newest) < _PAGE or not any(_is_recent(one, since) for one in newest):
            break
    found: dict[str, TextSaid] = {}
    for person in people:
        for offset in range(0, _MOST_MESSAGES, _PAGE):
            past = await client.conversation(person, offset)
            for one in past:
                if one.from_person and one.kind == "text" and one.message_id and _is_recent(one, since):
                    event = text_event(one.message_id, one.at, one.person, account, one.text)
                    found[event.key] = event
            if len(past) < _PAGE or not all(_is_recent(one, since) for one in past):
                break
    return tuple(sorted(found.values(), key=lambda event: event.at or since))


def _is_recent(one: PastMessage, since: datetime) -> bool:
    return one.at is None or one.at >= since
