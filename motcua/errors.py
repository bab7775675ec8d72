"""What can go wrong on the shared ground, as one tree.

MotcuaError
├── SetUpFailed     an environment cannot be made; the message says what is missing and what to do
├── CannotStart     `motcua run` cannot begin, for a reason that the operator can put right
├── BadDaysOff      the staff's table of days off breaks its rules
├── CannotSeal      the secret that personal data is sealed with cannot be had, or is too short
└── StepFailed      one step of the preparation broke
"""

from __future__ import annotations


class MotcuaError(Exception):
    """Ground of the tree; the message is one line for the operator."""


class SetUpFailed(MotcuaError):
    """An environment cannot be made."""


class CannotStart(MotcuaError):
    """`motcua run` cannot begin."""


class StepFailed(MotcuaError):
    """One step of the preparation broke."""


class BadDaysOff(MotcuaError):
    """The staff's table of days off breaks its rules."""


class CannotSeal(MotcuaError):
    """The secret that personal data is sealed with cannot be had, or is too short to be one."""
