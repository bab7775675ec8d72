"""A dossier as this project sees it, whatever the province's system calls its parts."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import IntEnum

from actions.dossiers.codes import DossierCode
from actions.dossiers.keys import KeyBook, SecondKey


class DossierState(IntEnum):
    """The ten states as the National Public Service Portal numbers them; `UNKNOWN` is any other, never a guess."""

    UNKNOWN = 0
    REGISTERED = 1
    ACCEPTED = 2
    REFUSED = 3
    PROCESSING = 4
    SUPPLEMENT_NEEDED = 5
    PAYMENT_NEEDED = 6
    WITHDRAWN = 7
    STOPPED = 8
    FINISHED = 9
    RETURNED = 10

    @property
    def is_over(self) -> bool:
        """Whether nothing more is done on the dossier: an appointment can no longer be late."""
        return self in _OVER


_OVER = frozenset(
    {
        DossierState.REFUSED,
        DossierState.WITHDRAWN,
        DossierState.STOPPED,
        DossierState.FINISHED,
        DossierState.RETURNED,
    }
)


@dataclass(frozen=True, slots=True)
class Dossier:
    """What a source knows of one dossier. Empty texts and None mean that the source does not say.

    Attributes:
        code: its code.
        state: where it stands; `state_text` is how the source says it.
        as_of: when the source last knew it, with its zone, like all times here.
        procedure_code: national code of the procedure, such as "1.001193".
        procedure_name: its name as the receiving unit writes it.
        unit: the receiving unit.
        applicant: full name of the applicant; only ever shown masked.
        phone_key: keyed hash of the last four digits of the phone number, or "".
        identity_key: the same of the identity number.
        received_at: when it was received.
        appointment_on: the day the result is promised for (a day and no time: the countdown is in days).
        state_changed_at: when the state last changed.
        in_charge_unit: who holds it now.
        in_charge_step: the step it is in, in the unit's words.
        missing: what is to be supplemented, an entry a paper.
        amount_due: đồng still to be paid.
        pay_at: where, or how, to pay.
        result_ready_at: when the result was ready.
        collect_at: where to collect it.
    """

    code: DossierCode = field(repr=False)
    state: DossierState
    as_of: datetime
    state_text: str = field(default="", repr=False)
    procedure_code: str = ""
    procedure_name: str = field(default="", repr=False)
    unit: str = field(default="", repr=False)
    applicant: str = field(default="", repr=False)
    phone_key: str = field(default="", repr=False)
    identity_key: str = field(default="", repr=False)
    received_at: datetime | None = None
    appointment_on: date | None = None
    state_changed_at: datetime | None = None
    in_charge_unit: str = field(default="", repr=False)
    in_charge_step: str = field(default="", repr=False)
    missing: tuple[str, ...] = field(default=(), repr=False)
    amount_due: int | None = None
    pay_at: str = field(default="", repr=False)
    result_ready_at: datetime | None = None
    collect_at: str = field(default="", repr=False)

    def opens_to(self, key: SecondKey, book: KeyBook) -> bool:
        """Says whether a second key is that of this dossier, in the same time whichever part fits.

        A dossier of which no key is known opens to nobody.
        """
        asked = book.hash_of(self.code.number, key)
        by_phone = book.equal(asked, self.phone_key)
        by_identity = book.equal(asked, self.identity_key)
        return by_phone or by_identity
