"""TEMPORARY"""
from prp_pack.evidence.weakening.change import Change, Effect
def compare_goalposts(a, b, c, d): return ()
def compare_trees(a, b): return ()
__all__ = ["Change", "Effect", "compare_goalposts", "compare_trees"]
