"""Every rule, in the order in which they run: a rule comes after those that it requires."""

from prp_pack.check.registry import Rule
from prp_pack.check.rules.prp101_missing_section import missing_section

RULES: tuple[Rule, ...] = (missing_section,)
