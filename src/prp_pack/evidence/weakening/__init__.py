"""Whether an edit of tests, tool configuration or a PRP lets less be checked than before.

Nothing here runs code, reads files or raises on what a text says. What can't be told counts as
weakened, with a message that says so: a person may accept it (docs/adr/0012-weakening.md).
"""

from prp_pack.evidence.weakening.change import Change, Effect
from prp_pack.evidence.weakening.goalposts import compare_goalposts
from prp_pack.evidence.weakening.roles import Role, role_of
from prp_pack.evidence.weakening.trees import compare, compare_trees

__all__ = ["Change", "Effect", "Role", "compare", "compare_goalposts", "compare_trees", "role_of"]
