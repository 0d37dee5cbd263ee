"""Every rule, in the order in which they run: a rule comes after those that it requires."""

from prp_pack.check.registry import Rule
from prp_pack.check.rules.prp001_unused_ignore import unused_ignore
from prp_pack.check.rules.prp002_bad_ignore import bad_ignore
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
from prp_pack.check.rules.prp304_stale_tree import stale_tree
from prp_pack.check.rules.prp305_unmeasurable_criterion import unmeasurable_criterion
from prp_pack.check.rules.prp306_bad_shape import bad_shape
from prp_pack.check.rules.prp401_missing_reference import missing_reference
from prp_pack.check.rules.prp402_missing_target import missing_target
from prp_pack.check.rules.prp403_existing_target import existing_target
from prp_pack.check.rules.prp404_missing_anchor import missing_anchor
from prp_pack.check.rules.prp405_reference_without_why import reference_without_why
from prp_pack.check.rules.prp406_bad_url import bad_url
from prp_pack.check.rules.prp407_path_outside import path_outside
from prp_pack.check.rules.prp408_missing_responsibility import missing_responsibility
from prp_pack.check.rules.prp501_level_without_command import level_without_command
from prp_pack.check.rules.prp502_command_cannot_run import command_cannot_run
from prp_pack.check.rules.prp503_unsafe_command import unsafe_command
from prp_pack.check.rules.prp504_mutating_gate import mutating_gate
from prp_pack.check.rules.prp505_ticked_without_evidence import ticked_without_evidence
from prp_pack.check.rules.prp506_stale_evidence import stale_evidence
from prp_pack.check.rules.prp507_moved_goalposts import moved_goalposts
from prp_pack.check.rules.prp508_unmeasured_metric import unmeasured_metric
from prp_pack.check.rules.prp509_altered_evidence import altered_evidence
from prp_pack.check.rules.prp510_idle_gate_attribute import idle_gate_attribute
from prp_pack.check.rules.prp511_unproven_completion import unproven_completion
from prp_pack.check.rules.prp601_missing_completion_summary import missing_completion_summary
from prp_pack.check.rules.prp602_disagrees_with_plan import disagrees_with_plan
from prp_pack.check.rules.prp603_bad_phase_graph import bad_phase_graph
from prp_pack.check.rules.prp604_missing_baseline import missing_baseline
from prp_pack.check.rules.prp605_duplicate_phase_document import duplicate_phase_document
from prp_pack.check.rules.prp606_dependency_not_complete import dependency_not_complete
from prp_pack.check.rules.prp607_undeclared_endpoint import undeclared_endpoint
from prp_pack.check.rules.prp608_stale_render import stale_render
from prp_pack.check.rules.prp701_invisible_characters import invisible_characters
from prp_pack.check.rules.prp702_hidden_instruction import hidden_instruction
from prp_pack.check.rules.prp703_secret import secret

RULES: tuple[Rule, ...] = (
    unused_ignore,
    bad_ignore,
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
    stale_tree,
    unmeasurable_criterion,
    bad_shape,
    missing_reference,
    missing_target,
    existing_target,
    missing_anchor,
    reference_without_why,
    bad_url,
    path_outside,
    missing_responsibility,
    level_without_command,
    command_cannot_run,
    unsafe_command,
    mutating_gate,
    ticked_without_evidence,
    stale_evidence,
    moved_goalposts,
    unmeasured_metric,
    altered_evidence,
    idle_gate_attribute,
    unproven_completion,
    missing_completion_summary,
    disagrees_with_plan,
    bad_phase_graph,
    missing_baseline,
    duplicate_phase_document,
    dependency_not_complete,
    undeclared_endpoint,
    stale_render,
    invisible_characters,
    hidden_instruction,
    secret,
)
