"""Probes: what the validation scripts do, one module a script, over one shared runner.

A module of this package that bears a script's name has three things: `OPTIONS`, the flags beside
the common ones; `plan(run)`, which yields what it would do, a line each; and `run(run)`, which does
it and returns an `evidence.result.Result`. One whose result has pictures has `pictures(found,
measured)` as well, which makes them from findings and samples. The module imports no extra at its
top, so that its help can be read without one.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Entry:
    """A script as the catalogue has it. `extra` is what it needs installed, by `modules`."""

    name: str
    summary: str
    extra: str = ""
    modules: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    example: str = ""


CATALOGUE = (
    Entry(
        "validate_api_contracts",
        "Hold the service against the contract that an earlier phase froze.",
        extra="api",
        modules=("openapi_spec_validator", "schemathesis", "specshift"),
        example="--phase=1",
    ),
    Entry(
        "test_websocket_integration",
        "Test WebSockets: scenarios, schemas, refusals, malformed messages, pings.",
        extra="ws",
        modules=("websockets", "jsonschema"),
        aliases=("test_websocket",),
        example="--max-ping=100ms",
    ),
    Entry(
        "test_database_integration",
        "Check a database: schema, migrations, query plans, times of queries.",
        extra="db",
        modules=("sqlalchemy",),
        example="--performance-check --max-avg-ms 50",
    ),
    Entry(
        "performance_benchmark",
        "Tell whether the service of a phase is slower than that of an earlier one.",
        example="--baseline=phase_1 --target-phase=2",
    ),
    Entry(
        "load_test",
        "Send a mix of requests at a rate, and see whether the service keeps up.",
        extra="load",
        modules=("locust",),
        example="--target-rps=100 --duration=60s",
    ),
    Entry(
        "memory_profile",
        "Measure by how much the service's memory grows while it answers.",
        example="--max-growth=10%",
    ),
    Entry(
        "response_time_test",
        "Measure critical paths; the interval of a percentile decides, not its value.",
        example="--target=200ms --critical-paths",
    ),
    Entry(
        "production_simulation",
        "Run the whole system as docker-compose.test.yml has it, by an engine or without one.",
        example="-f docker-compose.test.yml",
    ),
    Entry(
        "test_error_scenarios",
        "Break what the service depends on, and see how it answers and recovers.",
        example="--simulate-failures",
    ),
    Entry(
        "validate_next_phase_interfaces",
        "Hold what the next phase consumes against contract, service and baselines.",
        extra="api",
        modules=("jsonschema",),
        example="--phase=2",
    ),
    Entry(
        "generate_api_docs",
        "Freeze the published contract, and draw it as a page for the next phase.",
        extra="api",
        modules=("jinja2", "openapi_spec_validator"),
        example="--phase=1 --format=next-phase-integration",
    ),
    Entry(
        "create_integration_examples",
        "Write examples of what the next phase consumes, run each, keep its answer.",
        extra="api",
        modules=("jsonschema",),
        example="--target-phase=2",
    ),
    Entry(
        "document_performance_baselines",
        "Write what a phase measured as the baselines of later ones.",
        example="--phase=1",
    ),
)
"""In the order of the template's levels."""


def entry(name: str) -> Entry | None:
    """Return the script that a name or an alias means."""
    return next((each for each in CATALOGUE if name in (each.name, *each.aliases)), None)
