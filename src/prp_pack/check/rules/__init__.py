"""Every rule, in the order in which they run: a rule comes after those that it requires."""

from prp_pack.check.registry import Rule
from prp_pack.check.rules.prp100_unknown_template import unknown_template
from prp_pack.check.rules.prp101_missing_section import missing_section
from prp_pack.check.rules.prp102_misplaced_section import misplaced_section
from prp_pack.check.rules.prp103_duplicate_section import duplicate_section
from prp_pack.check.rules.prp104_empty_section import empty_section
from prp_pack.check.rules.prp105_unexpected_section import unexpected_section
from prp_pack.check.rules.prp106_renamed_section import renamed_section
from prp_pack.check.rules.prp107_unclosed_fence import unclosed_fence
from prp_pack.check.rules.prp108_legacy_header import legacy_header
from prp_pack.check.rules.prp109_bad_front_matter import bad_front_matter
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
    unknown_template,
    unclosed_fence,
    missing_section,
    misplaced_section,
    duplicate_section,
    empty_section,
    unexpected_section,
    renamed_section,
    legacy_header,
    bad_front_matter,
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
