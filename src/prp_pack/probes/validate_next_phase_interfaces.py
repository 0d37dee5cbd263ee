"""Hold what the next phase consumes against contract, service and baselines.

What it consumes says `consumes:` in its requirements or in its entry of the plan; while nobody says
so, it is everything that the phases before hand over. Each endpoint must be in the frozen contract,
be described, have a schema and an example, and answer as the contract has it; a critical path must
have a baseline. A WebSocket must be in the AsyncAPI document and open. Everything else must be
named in a completion summary under `provides`.

What a later step of the phase writes is asked for when that step has been made: until then a
contract that isn't frozen, examples that nobody created and baselines that are measured and not yet
documented are warnings. With --strict they fail.
"""

from __future__ import annotations

from collections.abc import Iterator

from prp_pack.evidence.record import Check, Findings, Status
from prp_pack.evidence.result import Result
from prp_pack.probes import quantities, service
from prp_pack.probes.hand_off import consumed
from prp_pack.probes.hand_off.consumed import Needs
from prp_pack.probes.probe import Option, Run

NAME = "validate_next_phase_interfaces"
_HOW = (
    'say it in PRPs/PHASE{0}_REQUIREMENTS.md (consumes: ["GET /path"]), or write what phase {1} '
    "hands over into the plan (delivers) or its completion summary (endpoints)"
)

OPTIONS = (
    Option("--phase", "The phase that consumes: N+1.", quantities.phase, "N+1", required=True),
    Option("--strict", "What a later step of the phase writes must be there already."),
)  # fmt: skip


def plan(run: Run) -> Iterator[str]:
    """Yield what is consumed, and who says so."""
    yield from service.described(run)
    needs = consumed.read(run.repository, run.options["phase"], run.prp)
    for need in needs.needs:
        yield f"{need.words} ({need.place})"


def run(run: Run) -> Result:
    """Hold it; raises `CannotRunError` when there is no service to be asked."""
    needs = consumed.read(run.repository, run.options["phase"], run.prp)
    checks = tuple(_checks(run, needs))
    before = needs.providers[0] if needs.providers else None
    found = Findings(checks=checks)
    return Result(NAME, found, subject_phase=before, target_phase=needs.number)


def _checks(run: Run, needs: Needs) -> Iterator[Check]:
    if not needs.needs or not needs.providers:
        how = _HOW.format(needs.number, max(needs.number - 1, 1))
        said = f"nothing says what phase {needs.number} consumes; {how}"
        yield Check("consumes", Status.FAIL, said)
        return
    from prp_pack.probes.hand_off.interfaces import Interfaces  # noqa: PLC0415 - needs the extra

    with service.target(run) as target:
        yield from Interfaces(run, needs, target).checks()
