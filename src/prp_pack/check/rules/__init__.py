"""Every rule, in the order in which they run: a rule comes after those that it requires."""

from prp_pack.check.registry import Rule
from prp_pack.check.rules.prp101_missing_section import missing_section
from prp_pack.check.rules.prp201_context_mismatch import context_mismatch
from prp_pack.check.rules.prp202_context_malformed import context_malformed
from prp_pack.check.rules.prp203_unknown_value import unknown_value
from prp_pack.check.rules.prp204_context_stale import context_stale
from prp_pack.check.rules.prp301_leftover_placeholder import leftover_placeholder
from prp_pack.check.rules.prp302_template_residue import template_residue
from prp_pack.check.rules.prp303_unparsable_fence import unparsable_fence
from prp_pack.check.rules.prp306_bad_shape import bad_shape
from prp_pack.check.rules.prp603_bad_phase_graph import bad_phase_graph

RULES: tuple[Rule, ...] = (
    missing_section,
    context_malformed,
    unknown_value,
    context_mismatch,
    context_stale,
    leftover_placeholder,
    template_residue,
    unparsable_fence,
    bad_shape,
    bad_phase_graph,
)
