"""The projects in which the docs' commands run, each as a page says that it is."""

from __future__ import annotations

import os
import re
import shutil
import sys
from pathlib import Path

from prp_pack import assets, install
from prp_pack.evidence.record import Kind, Measurement
from prp_pack.repository import Repository
from tests.docs.blocks import block
from tests.e2e import test_execute_prp as label
from tests.gate import phases
from tests.probes import shops
from tests.probes import test_error_scenarios as faults
from tests.probes import test_production_simulation as simulation
from tests.probes.site import begin, free_port
from tests.test_cli import EXAMPLE, PRP, prp

PHASE = "PRPs/phase3.md"
# The older document that a page shows.
MIGRATED = ("docs/migrate.md", 'name: "Search for parcels"')
_SKIPPED = shutil.ignore_patterns("__pycache__", ".*_cache", "*.db", ".coverage", ".prp", ".venv")


def replace(root: Path, path: str, old: str, new: str) -> None:
    """Replace the one place of a file where `old` stands."""
    text = (root / path).read_text(encoding="utf-8")
    assert text.count(old) == 1, (path, old, text.count(old))
    (root / path).write_text(text.replace(old, new), encoding="utf-8")


def empty(root: Path) -> None:
    root.mkdir()
    phases.git(root, "init", "-q", "-b", "main")


def tracker(root: Path) -> None:
    """Make the example, committed."""
    shutil.copytree(EXAMPLE, root, ignore=_SKIPPED)
    phases.git(root, "init", "-q", "-b", "main")
    phases.commit(root, "Begin")


def four_phases(root: Path) -> None:
    tracker(root)
    replace(root, PHASE, "  total_phases: 3", "  total_phases: 4")


def left_over(root: Path) -> None:
    tracker(root)
    box = "- [ ] Unit tests pass: `pytest tests/unit/ -v`"
    replace(root, PHASE, box, f"- [ ] [Criterion with a number and its unit]\n{box}")


def old_repository(root: Path) -> None:
    """Make the example with a PRP of somebody who had no check."""
    tracker(root)
    text = (root / PHASE).read_text(encoding="utf-8")
    (root / PHASE).write_text(re.sub(r"^## .*\n", "", text, flags=re.MULTILINE), "utf-8")


def before_phase_2(root: Path) -> None:
    tracker(root)
    (root / "PRPs/phase2.md").unlink()
    repository = Repository(root)
    install.apply(repository, install.plan_install(repository))


def almost_complete(root: Path) -> None:
    """Make the example with two things of phase 1 open: a failed gate, and a word."""
    tracker(root)
    (root / "PRPs/PHASE1_COMPLETION_SUMMARY.md").unlink()
    phases.write(root, "src/parcel_tracker/__init__.py", "x  =  1\n")
    phases.commit(root, "In no format")
    phases.settle(phases.contract(root), without=("L1.2", "C.Component.7"))
    path = f"{PRP.parent}{os.pathsep}{os.environ['PATH']}"
    prp(root, "gate", "run", "PRPs/phase1.md", "--item", "L1.2", PATH=path)


def anti_patterns(root: Path) -> None:
    """Make the example with two of the template's anti-patterns that came after the seal."""
    tracker(root)
    phases.seal(phases.contract(root))
    caught = (
        "def printed(code: str) -> bool:\n    try:\n        send(code)\n    except Exception:\n"
    )
    phases.write(root, "src/parcel_tracker/labels.py", f"\n\n\n{caught}        return False\n")
    slept = "import time\n\n\nasync def pause() -> None:\n    time.sleep(1)\n"
    phases.write(root, "src/parcel_tracker/live.py", slept)


def orphan(root: Path) -> None:
    tracker(root)
    phases.write(root, "PRPs/ai_docs/stripe_webhooks.md", "# Webhooks\n")


def level_one(root: Path) -> None:
    """Make the example with the first level of phase 3 proven."""
    tracker(root)
    contract = phases.contract(root, PHASE)
    for item in contract.target().proof.items:
        if item.id.startswith("L1") or item.id.startswith("C.Component"):
            kind = Kind.RUN if item.is_runnable else Kind.ATTESTATION
            phases.record(contract, item.id, kind, said="read it")


def older_install(root: Path) -> None:
    """Make a project with an install of an older version, two of its templates edited."""
    empty(root)
    older = root.parent / "older"
    for name in ("commands", "hooks", "scripts", "templates"):
        shutil.copytree(assets.folder(name), older / name)
    for path in ("commands/generate-prp.md", "templates/prp_base.md"):
        with (older / path).open("a", encoding="utf-8") as file:
            file.write("\nAn older line.\n")
    what = "[What it does, for whom, and what one sees]"
    replace(older, "templates/initial.md", what, "[What it does]")
    repository = Repository(root)
    install.apply(repository, install.plan_install(repository, older.joinpath))
    replace(root, "PRPs/templates/initial.md", "[What it does]", "[What it does, in our words]")
    text = (root / "PRPs/templates/prp_base.md").read_text(encoding="utf-8")
    (root / "PRPs/templates/prp_base.md").write_text(
        text.replace("## Goal\n", "## Goal\nOur own line.\n"), encoding="utf-8"
    )


def plain(root: Path) -> None:
    """Make a project with the older document that the page shows."""
    empty(root)
    phases.write(root, "PRPs/search.md", block(*MIGRATED).text)
    phases.commit(root, "All")


def labels(root: Path) -> None:
    """Make the example with a PRP whose twelve gates are quick."""
    tracker(root)
    prp = (root / label.PATH).read_text(encoding="utf-8")
    start, end = prp.index("## Validation Loop"), prp.index("## Anti-Patterns")
    prp = prp[:start] + label.LOOP + prp[end:]
    prp = prp.replace("`pytest tests/unit/ tests/integration/ tests/e2e/`", "`ruff check .`")
    phases.write(root, label.PATH, prp)
    phases.commit(root, "The PRP")


# --- Projects whose service the scripts look at ---------------------------------------------------

_CALLS = """
[[examples.calls]]
method = "POST"
path = "/parcels"
body = { code = "AB123", recipient = "Ada" }
save = { code = "/code" }
[[examples.calls]]
method = "POST"
path = "/parcels/{code}/scans"
parameters = { code = "{{code}}" }
body = { place = "Bern", status = "in_transit" }
[[examples.calls]]
path = "/parcels/{code}"
parameters = { code = "{{code}}" }
[[examples.calls]]
path = "/parcels/{code}/scans"
parameters = { code = "{{code}}" }
"""


def served(root: Path) -> None:
    """Make the example, with the table that says how its service is started."""
    tracker(root)
    port = free_port()
    environment = f'PYTHONPATH = "src", PARCEL_PORT = "{port}", PARCEL_DATABASE_URL = "sqlite://"'
    phases.write(
        root,
        "PRPs/prp.toml",
        f'[service]\nbase_url = "http://127.0.0.1:{port}"\n'
        f'start = ["{sys.executable}", "-m", "parcel_tracker"]\n'
        f'ready = "http://127.0.0.1:{port}/health"\nenvironment = {{ {environment} }}\n{_CALLS}',
    )
    phases.commit(root, "The service")


def measured(root: Path) -> None:
    phases.project(root)
    phases.work(root)
    phases.commit(root, "Work")
    numbers = (
        Measurement("list p95", 3.41, "ms", "lower", (3.02, 4.16), 200),
        Measurement("throughput", 412.0, "req/s", "higher"),
    )
    phases.record(phases.contract(root), "L2.1", metrics=numbers)


def unindexed(root: Path) -> None:
    """Make a shop whose database has lost an index."""
    site = begin(root)
    shops.migrate(root, "sqlite:///shop.db")
    (root / "data").mkdir()
    (root / "shop.db").rename(root / "data/shop.db")
    shop = shops.SqliteShop(site)
    shop.execute("PRAGMA synchronous = OFF", *shops.FILLED, "DROP INDEX ix_orders_customer_id")
    shop.configure(
        'name = "orders of one customer"\nsql = "SELECT * FROM orders WHERE customer_id = :customer"'
        "\nparams = { customer = 7 }\nmax_ms = 500"
    )


def composed(root: Path) -> None:
    site = begin(root)
    site.put("docker-compose.test.yml", simulation.COMPOSE)
    simulation.configure(site)


def impatient(root: Path) -> None:
    """Make a shop that waits for its warehouse without end."""
    faults.configure(begin(root))
