"""Make a Product Requirements Prompt a contract that a machine can hold an agent to.

As a library:

```python
from pathlib import Path
from prp_pack import Checker, Repository, resolve_context

repository = Repository.containing(Path("."))
for finding in Checker(repository).check("PRPs/phase2.md"):
    print(finding.line, finding.rule, finding.message)
print(resolve_context(repository, "PRPs/PHASE2_REQUIREMENTS.md").context)
```
"""

from __future__ import annotations

from importlib import import_module

# As in `prp_pack.typed`, which is a part: importing the package imports none.
TYPE_CHECKING = False

__version__ = "0.1.0"

# Imported when they are asked for: a hook that looks at one event needs none of them.
_PUBLIC = {
    "Checker": "prp_pack.check.engine",
    "Finding": "prp_pack.model",
    "Repository": "prp_pack.repository",
    "UnreadableError": "prp_pack.repository",
    "outline": "prp_pack.markdown",
    "resolve_context": "prp_pack.context",
    "shipped_matrix": "prp_pack.schema.matrix",
}
_NAMES = {"resolve_context": "resolve", "shipped_matrix": "shipped"}

__all__ = (
    "Checker",
    "Finding",
    "Repository",
    "UnreadableError",
    "outline",
    "resolve_context",
    "shipped_matrix",
)

if TYPE_CHECKING:
    from prp_pack.check.engine import Checker
    from prp_pack.context import resolve as resolve_context
    from prp_pack.markdown import outline
    from prp_pack.model import Finding
    from prp_pack.repository import Repository, UnreadableError
    from prp_pack.schema.matrix import shipped as shipped_matrix


def __getattr__(name: str) -> object:
    if name not in _PUBLIC:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_PUBLIC[name]), _NAMES.get(name, name))
