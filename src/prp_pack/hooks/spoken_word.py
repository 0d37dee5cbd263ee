"""A shell command that records a person's word: the person is asked whether it is theirs."""

from __future__ import annotations

from prp_pack.hooks.event import Event, Reply
from prp_pack.repository import Repository


def spoken_word(event: Event, repository: Repository) -> Reply:  # noqa: ARG001 - as all answers
    """Leave an attestation, a waiver or an acceptance to the user, whatever is allowed otherwise.

    The client calls this for those commands only.
    """
    command = event.argument("command")
    return Reply(ask=f"prp: this records a person's word. Is it yours? {command}")
