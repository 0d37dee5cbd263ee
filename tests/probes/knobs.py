"""Each defect that can be switched on, which script must fail on it, and what others make of it.

A script that isn't named here keeps the verdict that it has while the knob is off.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

Others = Mapping[str, tuple[int, str]]
"""By script: the exit status, and why it is another one."""

API, WS, DB = "validate_api_contracts", "test_websocket_integration", "test_database_integration"
BENCH, LOAD, MEMORY = "performance_benchmark", "load_test", "memory_profile"
TIMES, SYSTEM, ERRORS = "response_time_test", "production_simulation", "test_error_scenarios"
NEXT, DOCS = "validate_next_phase_interfaces", "generate_api_docs"
EXAMPLES, BASELINES = "create_integration_examples", "document_performance_baselines"


@dataclass(frozen=True)
class Knob:
    """`owner` is the script whose defect it is, and ends with `status`; `why` if that isn't 1.

    `shown` knobs are those that stand for their owner in every run of the tests.
    """

    stand: str
    name: str
    owner: str
    status: int = 1
    why: str = ""
    others: Others = field(default_factory=dict)
    shown: bool = False


def same(reason: str, *scripts: str, status: int = 1) -> Others:
    return dict.fromkeys(scripts, (status, reason))


_ERROR = "an answer 500 is no answer that was promised, however it is looked at"
_CALLERS = "a caller who keeps to the frozen contract is refused"
_BODY = "the body breaks the contract's schema, and they hold it against that"
_RENAMED = "the page and the frozen file would be written anew"
_UNREAD = "without a contract that can be read there is nothing to compare"


def of(stand: str, owner: str, *names: str) -> tuple[Knob, ...]:
    """Return knobs that nobody but their owner makes anything of; the first is shown."""
    return tuple(Knob(stand, name, owner, shown=at == 0) for at, name in enumerate(names))


KNOBS = (
    Knob("items", "slow_path", TIMES, shown=True),
    Knob("items", "alternating", TIMES, 4, "the median may be either, so nothing is claimed"),
    Knob("items", "fast_error", TIMES, others=same(_ERROR, API, LOAD, EXAMPLES, NEXT)),
    Knob("items", "breaking_change", API, shown=True,
         others={**same(_CALLERS, LOAD, TIMES, EXAMPLES, NEXT), **same(_RENAMED, DOCS)}),
    Knob("items", "lying_schema", API, others=same(_BODY, EXAMPLES, NEXT)),
    Knob("items", "stall", LOAD, shown=True),
    Knob("items", "narrow", LOAD,
         others=same("it answers too rarely for a trend of memory", MEMORY, status=3)),
    Knob("items", "failing", LOAD,
         others=same("a service that answers 500 keeps nothing, and proves nothing", MEMORY)),
    Knob("items", "falling", LOAD,
         others=same("a service that dies under requests has failed", MEMORY)),
    Knob("items", "leak", MEMORY, shown=True),
    Knob("items", "step", MEMORY, 4, "one step is no growth, and no proof of none"),
    Knob("letters", "renamed", DOCS, shown=True,
         others=same("callers of the old path lose it in the published contract", API)),
    Knob("letters", "undocumented", DOCS),
    Knob("letters", "one_letter", DOCS,
         others=same("the published answer has lost its body, which breaks callers", API)),
    Knob("letters", "invalid", DOCS,
         others=same("an invalid contract is none that a caller can rely on", API)),
    Knob("letters", "outside", DOCS, others=same(_UNREAD, API, status=3)),
    Knob("letters", "restless", DOCS),
    Knob("letters", "shuffled", DOCS, 0, "an order that means nothing changes nothing"),
    Knob("letters", "no_contract", DOCS, 3, _UNREAD, same(_UNREAD, API, status=3)),
    Knob("letters", "not_json", DOCS, 3, _UNREAD, same(_UNREAD, API, status=3)),
    Knob("letters", "guarded", EXAMPLES,
         others=same("nobody gets in without a token, not even to a 404", API, TIMES, ERRORS, NEXT)),
    Knob("letters", "forgetful", EXAMPLES, shown=True),
    Knob("letters", "lying", EXAMPLES, others=same(_BODY, API)),
    Knob("letters", "other_status", EXAMPLES,
         others=same("the status isn't among those of the contract", API, NEXT)),
    Knob("letters", "broken_list", NEXT, shown=True, others=same(_ERROR, API, TIMES, EXAMPLES)),
    Knob("letters", "broken_json", ERRORS),
    *of("chat", WS, "dropped_socket", "wrong_order", "wrong_schema", "silent", "wrong_code",
        "open_door", "any_path", "crash", "exit", "any_length", "few", "no_return", "stall"),
    *of("warehouse shop", ERRORS, "no_404", "no_timeout", "no_recovery", "unhandled",
        "blocks,no_timeout", "dies", "kept_answer", "abrupt", "deaf", "broken_json", "any_length"),
    *of("two versions", BENCH, "slower"),
    Knob("two versions", "fickle", BENCH, 4, "the same version differs from itself"),
    *of("database", DB, "missing_index", "orphans", "drift", "behind", "scan", "slow_query"),
    *of("composed system", SYSTEM, "failing_test", "failing_migration"),
    *of("measured phase", BASELINES, "nothing_measured", "uncommitted", "failed_gate"),
)  # fmt: skip

ELSEWHERE = {
    "closed_socket": "seen only where the next phase consumes a WebSocket, as in the tests of validate_next_phase_interfaces",
}
"""Knobs of the targets that no stand shows."""
