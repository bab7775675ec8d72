"""Who may do what: the one table from roles to permissions."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from types import MappingProxyType


class Permission(StrEnum):
    """One thing that may be done in the console. A route names exactly what it needs."""

    KNOWLEDGE_READ = "knowledge.read"
    KNOWLEDGE_EDIT = "knowledge.edit"
    KNOWLEDGE_PUBLISH = "knowledge.publish"
    CONVERSATIONS_ANSWER = "conversations.answer"
    CONVERSATIONS_REVEAL = "conversations.reveal"
    NUMBERS_READ = "numbers.read"
    STAFF_MANAGE = "staff.manage"
    AUDIT_READ = "audit.read"
    SWITCHES_SET = "switches.set"
    QUEUE_RUN = "queue.run"


class Role(StrEnum):
    """What somebody is at the centre; a person may be several."""

    EDITOR = "editor"
    REVIEWER = "reviewer"
    OFFICER = "officer"
    ANALYST = "analyst"
    ADMINISTRATOR = "administrator"


_P = Permission

ROLES: MappingProxyType[Role, frozenset[Permission]] = MappingProxyType(
    {
        Role.EDITOR: frozenset({_P.KNOWLEDGE_READ, _P.KNOWLEDGE_EDIT}),
        Role.REVIEWER: frozenset({_P.KNOWLEDGE_READ, _P.KNOWLEDGE_EDIT, _P.KNOWLEDGE_PUBLISH}),
        Role.OFFICER: frozenset({_P.KNOWLEDGE_READ, _P.CONVERSATIONS_ANSWER, _P.CONVERSATIONS_REVEAL}),
        Role.ANALYST: frozenset({_P.KNOWLEDGE_READ, _P.NUMBERS_READ}),
        # Keeps accounts and the machine, and sees nothing of what citizens wrote.
        Role.ADMINISTRATOR: frozenset({_P.STAFF_MANAGE, _P.AUDIT_READ, _P.SWITCHES_SET, _P.QUEUE_RUN, _P.NUMBERS_READ}),
    }
)


_BY_NAME = {role.value: role for role in Role}


def roles_of(names: Iterable[str]) -> frozenset[Role]:
    """Reads roles; a name that is none, such as that of a later version, is left out."""
    return frozenset(_BY_NAME[name] for name in names if name in _BY_NAME)


def permissions_of(roles: frozenset[Role]) -> frozenset[Permission]:
    """Gives everything that somebody with these roles may do."""
    return frozenset(permission for role in roles for permission in ROLES[role])
