"""Projects whose defects can be switched on, and which scripts look at each, with short settings.

A stand is made once in a folder; each look at it happens in a copy, on a port of its own.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from abc import ABC
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import ClassVar

from prp_pack.evidence.record import Measurement, Status
from tests.evidence.conftest import git
from tests.gate import phases
from tests.probes import shops, two_versions
from tests.probes import test_error_scenarios as faults
from tests.probes import test_production_simulation as simulation
from tests.probes import test_websocket_integration as sockets
from tests.probes.hand_off.conftest import CALLS, PLAN
from tests.probes.site import Site, begin, free_port

Words = tuple[str, ...]

NO_DATABASE = "it has no database"
NO_SOCKET = "it has no WebSocket"
NO_COMPOSE = "one process, nothing to be composed"
NO_EVIDENCE = "it reads records, and asks no service"
ONE_VERSION = "it compares two commits, and a knob of the environment would be in both"
NO_CONTRACT = "it publishes no whole contract"
NO_SERVICE = "there is no service"
NO_LOAD = "what it would send is sent to items, with the same knobs of traffic there"

OF_SERVICES = {
    "test_database_integration": NO_DATABASE,
    "production_simulation": NO_COMPOSE,
    "document_performance_baselines": NO_EVIDENCE,
    "performance_benchmark": ONE_VERSION,
}
OF_CONTRACTS = {
    "validate_api_contracts": NO_CONTRACT,
    "validate_next_phase_interfaces": NO_CONTRACT,
    "generate_api_docs": NO_CONTRACT,
    "create_integration_examples": NO_CONTRACT,
}

RESPONSES = """
[performance]
requests = 40
[[performance.critical_paths]]
path = "{path}"
target = "60ms"
percentile = "p50"
"""
# In so short a run one step of the interpreter's own, 3.5 MB of 33, would leave 10 % open.
MEMORY = ("--max-growth=20%", "--duration=6s", "--rate=100")
LOAD = ("--target-rps=40", "--duration=6s")
HAND_OFF: Mapping[str, Words] = {
    "generate_api_docs": ("--phase=1", "--check"),
    "create_integration_examples": ("--target-phase=2",),
    "validate_next_phase_interfaces": ("--phase=2",),
    "validate_api_contracts": ("--phase=1", "--examples=4"),
}


class Stand(ABC):
    """A project to look at. `scripts` has the flags of each that applies, `absent` why not."""

    name: ClassVar[str]
    scripts: ClassVar[Mapping[str, Words]]
    absent: ClassVar[Mapping[str, str]]

    def make(self, root: Path) -> Site:
        """Make the project, once."""
        site = begin(root)
        self.configure(site)
        return site

    def configure(self, site: Site) -> None:  # noqa: B027 - some have nothing to configure
        """Write the configuration for the site's port."""

    def switch(self, site: Site, knob: str) -> Mapping[str, str]:  # noqa: ARG002 - others do
        """Switch a knob on, none if it is empty; returns variables for the script.

        Services find the knob in their environment.
        """
        return {}

    def copied(self, base: Path, folder: Path) -> Site:
        """Return a copy of the project, with a port of its own."""
        shutil.copytree(base, folder, symlinks=True)
        site = Site(folder, free_port())
        self.configure(site)
        return site

    def run(
        self, site: Site, knob: str, script: str, *words: str
    ) -> subprocess.CompletedProcess[str]:
        """Run a script with a knob switched on."""
        variables = self.switch(site, knob)
        return site.run(script, *words, status=None, knobs=knob, **variables)

    def look(self, base: Path, folder: Path, knob: str, script: str) -> tuple[int, str]:
        """Run a script on a copy with a knob; returns its exit status and what it said."""
        done = self.run(self.copied(base, folder), knob, script, *self.scripts[script])
        return done.returncode, done.stdout + done.stderr


def serve(site: Site, module: str, more: str) -> None:
    site.configure(more)
    text = (site.root / "PRPs/prp.toml").read_text(encoding="utf-8")
    site.put("PRPs/prp.toml", text.replace("tests.probes.target", f"tests.probes.{module}"))


def hand_on(site: Site, plan: str, path: str) -> None:
    """Freeze the contract of a sound phase, and write a baseline of its critical path."""
    site.put("PRPs/PROJECT_PHASE_PLAN.md", plan)
    site.run("generate_api_docs", "--phase=1", "--no-evidence", status=0)
    known = {
        "name": f"GET {path} p50",
        "value": 5,
        "unit": "ms",
        "run": "20261123T000000Z-00000001",
    }
    site.put("PRPs/baselines/phase_1.json", json.dumps({"metrics": [known]}))


class Items(Stand):
    name = "items"
    scripts: ClassVar[Mapping[str, Words]] = {
        **HAND_OFF,
        "load_test": LOAD,
        "memory_profile": MEMORY,
        "response_time_test": (),
        "test_error_scenarios": (),
    }
    absent: ClassVar[Mapping[str, str]] = {**OF_SERVICES, "test_websocket_integration": NO_SOCKET}

    def make(self, root: Path) -> Site:
        site = super().make(root)
        hand_on(site, PLAN.replace("/v1/letters", "/items").replace("letters", "items"), "/items")
        return site

    def configure(self, site: Site) -> None:
        site.configure(
            RESPONSES.format(path="/items")
            + '\n[load]\np95 = "900ms"\n[[load.requests]]\npath = "/busy"\nweight = 3\n'
            '[[load.requests]]\npath = "/items"\n'
            '[[memory.requests]]\npath = "/busy"\n'
            '[[examples.calls]]\nmethod = "POST"\npath = "/items"\n'
            'body = { name = "chair", price = 4 }\nsave = { id = "/id" }\n'
            '[[examples.calls]]\npath = "/items/{id}"\nparameters = { id = "{{id}}" }\n'
        )


class Letters(Stand):
    name = "letters"
    scripts: ClassVar[Mapping[str, Words]] = {
        **HAND_OFF, "response_time_test": (), "test_error_scenarios": (),
    }  # fmt: skip
    absent: ClassVar[Mapping[str, str]] = {
        **OF_SERVICES,
        "test_websocket_integration": NO_SOCKET,
        "load_test": NO_LOAD,
        "memory_profile": NO_LOAD,
    }

    def make(self, root: Path) -> Site:
        site = super().make(root)
        hand_on(site, PLAN, "/v1/letters")
        return site

    def configure(self, site: Site) -> None:
        serve(site, "handoff_target", RESPONSES.format(path="/v1/letters") + CALLS)


class Chat(Stand):
    name = "chat"
    scripts: ClassVar[Mapping[str, Words]] = {
        "test_websocket_integration": (),
        "memory_profile": MEMORY,
        "response_time_test": (),
        "test_error_scenarios": (),
    }
    absent: ClassVar[Mapping[str, str]] = {**OF_SERVICES, **OF_CONTRACTS, "load_test": NO_LOAD}

    def configure(self, site: Site) -> None:
        sockets.configure(site, sockets.TABLES + RESPONSES.format(path="/health"))


class WarehouseShop(Stand):
    name = "warehouse shop"
    scripts: ClassVar[Mapping[str, Words]] = {
        "test_error_scenarios": ("--simulate-failures",),
        "load_test": LOAD,
        "memory_profile": MEMORY,
        "response_time_test": (),
    }
    absent: ClassVar[Mapping[str, str]] = {
        **OF_SERVICES, **OF_CONTRACTS, "test_websocket_integration": NO_SOCKET,
    }  # fmt: skip

    def configure(self, site: Site) -> None:
        modes = 'modes = ["refuse", "black_hole", "cut", "garbage"]\nlatency ='
        more = RESPONSES.format(path="/health").replace("{", "{{")
        faults.configure(site, faults.TABLES.replace("latency =", modes) + more)


class TwoVersions(Stand):
    name = "two versions"
    scripts: ClassVar[Mapping[str, Words]] = {
        "performance_benchmark": ("--baseline=phase_1", "--target-phase=2"),
        "memory_profile": MEMORY,
        "response_time_test": ("--target=60ms",),
    }
    absent: ClassVar[Mapping[str, str]] = {
        **{name: why for name, why in OF_SERVICES.items() if name != "performance_benchmark"},
        **OF_CONTRACTS,
        "test_websocket_integration": NO_SOCKET,
        "load_test": "it answers one connection at a time",
        "test_error_scenarios": "it refuses nothing, as it knows GET alone",
    }

    def make(self, root: Path) -> Site:
        site = Site(root, free_port())
        self.configure(site)
        site.put("service.py", two_versions.service())
        git(root.parent, "init", "-q", str(root))
        git(root, "add", "-A")
        git(root, "commit", "-qm", "phase 1")
        git(root, "tag", "phase-1")
        return site

    def configure(self, site: Site) -> None:
        revisions = 'revisions = { phase_1 = "phase-1" }'
        said = two_versions.CONFIG.format(python=sys.executable, performance=revisions, paths="")
        site.put("PRPs/prp.toml", said)

    def switch(self, site: Site, knob: str) -> Mapping[str, str]:
        if knob == "slower":
            site.put("service.py", two_versions.service(two_versions.SLOW))
        fickle = {"FICKLE": "1"} if knob == "fickle" else {}
        return {"PORT": str(site.port), **fickle}


class Database(Stand):
    name = "database"
    scripts: ClassVar[Mapping[str, Words]] = {
        "test_database_integration": ("--performance-check", "--max-avg-ms=300")
    }
    absent: ClassVar[Mapping[str, str]] = {
        "performance_benchmark": NO_SERVICE, "load_test": NO_SERVICE, "memory_profile": NO_SERVICE,
        "response_time_test": NO_SERVICE, "test_error_scenarios": NO_SERVICE,
        "production_simulation": NO_SERVICE, "test_websocket_integration": NO_SERVICE,
        "document_performance_baselines": NO_EVIDENCE,
        **dict.fromkeys(OF_CONTRACTS, NO_SERVICE),
    }  # fmt: skip
    _changes: ClassVar[Mapping[str, str]] = {
        "missing_index": "DROP INDEX ix_orders_customer_id",
        "orphans": "DELETE FROM customers WHERE id = 7",
        "drift": "ALTER TABLE orders ADD COLUMN colour TEXT",
        "behind": "UPDATE alembic_version SET version_num = 'a1'",
    }

    def make(self, root: Path) -> Site:
        site = begin(root)
        shops.migrate(root, "sqlite:///shop.db")
        (root / "data").mkdir()
        (root / "shop.db").rename(root / "data/shop.db")
        shops.SqliteShop(site).execute("PRAGMA synchronous = OFF", *shops.FILLED)
        return site

    def switch(self, site: Site, knob: str) -> Mapping[str, str]:
        shop = shops.SqliteShop(site)
        sql, parameters = (shops.BY_CENTS, "cents = 5") if knob == "scan" else (
            shops.BY_CUSTOMER, "customer = 7",
        )  # fmt: skip
        if knob == "slow_query":
            sql, parameters = shop.slow.replace("100000", "4000000"), ""
        shop.configure(f'name = "orders"\nsql = "{sql}"\nparams = {{ {parameters} }}')
        if change := self._changes.get(knob):
            shop.execute(change)
        return {}


class Composed(Stand):
    name = "composed system"
    scripts: ClassVar[Mapping[str, Words]] = {"production_simulation": ("--engine=none",)}
    absent: ClassVar[Mapping[str, str]] = {
        "test_database_integration": NO_DATABASE,
        "document_performance_baselines": NO_EVIDENCE,
        **dict.fromkeys(
            (*OF_CONTRACTS, "performance_benchmark", "load_test", "memory_profile",
             "response_time_test", "test_error_scenarios", "test_websocket_integration"),
            "its service runs only within the simulation",
        ),
    }  # fmt: skip

    def make(self, root: Path) -> Site:
        site = super().make(root)
        site.put("docker-compose.test.yml", simulation.COMPOSE)
        return site

    def switch(self, site: Site, knob: str) -> Mapping[str, str]:
        simulation.configure(
            site,
            "raise SystemExit(1)" if knob == "failing_test" else simulation.PASSING,
            "raise SystemExit(4)" if knob == "failing_migration" else "pass",
        )
        return {}


class Measured(Stand):
    name = "measured phase"
    scripts: ClassVar[Mapping[str, Words]] = {"document_performance_baselines": ("--phase=1",)}
    absent: ClassVar[Mapping[str, str]] = {
        name: why for name, why in Database.absent.items() if why == NO_SERVICE
    } | {"test_database_integration": NO_DATABASE}

    def make(self, root: Path) -> Site:
        phases.project(root)
        phases.work(root)
        phases.commit(root, "Work")
        return Site(root, 0)

    def switch(self, site: Site, knob: str) -> Mapping[str, str]:
        if knob == "uncommitted":
            phases.write(site.root, "src/store.py", "s = 2\n")
        if knob != "nothing_measured":
            status = Status.FAIL if knob == "failed_gate" else Status.PASS
            metric = Measurement("response_time", 12.5, "ms", "lower", (11.0, 14.0), 200)
            phases.record(phases.contract(site.root), "L2.1", status=status, metrics=[metric])
        return {}


STANDS: Mapping[str, Stand] = {
    each.name: each
    for each in (Items(), Letters(), Chat(), WarehouseShop(), TwoVersions(), Database(),
                 Composed(), Measured())
}  # fmt: skip


@cache
def made(name: str, folder: Path) -> Path:
    """Return a stand's project, made when it is first asked for."""
    root = folder / name.replace(" ", "_")
    STANDS[name].make(root)
    return root
