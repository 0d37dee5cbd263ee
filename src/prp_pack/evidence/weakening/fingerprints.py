"""What a function does, whatever it is called."""

from __future__ import annotations

import ast

from prp_pack.evidence.weakening.forms import IGNORED, MAX_FORM, FunctionNode, shortened


def fingerprint(node: FunctionNode | ast.ClassDef) -> str:
    """Return a digest of what a function or class does, whatever it and its locals are called.

    Comments, docstrings and annotations don't count; decorators do.
    """
    local = {node.name: "self"}
    for one in ast.walk(node):
        if isinstance(one, ast.arg):
            local.setdefault(one.arg, f"_{len(local)}")
        elif isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store):
            local.setdefault(one.id, f"_{len(local)}")
    return shortened("=" + _shape(node, local) + " " * MAX_FORM)


def _shape(node: ast.AST, local: dict[str, str]) -> str:
    if isinstance(node, ast.Name):
        return local.get(node.id, node.id)
    parts = [type(node).__name__]
    for name, part in ast.iter_fields(node):
        if name in (*IGNORED, "annotation", "returns"):
            continue
        body = part if isinstance(part, list) else [part]
        if name == "body" and body and isinstance(node, FunctionNode | ast.ClassDef):
            body = body[has_docstring(node) :]
        for one in body:
            if isinstance(one, ast.AST):
                parts.append(_shape(one, local))
            elif one is not None:
                parts.append(local.get(one, one) if isinstance(one, str) else repr(one)[:500])
        parts.append(";")
    return shortened(f"({' '.join(parts)})")


def has_docstring(node: FunctionNode | ast.ClassDef | ast.Module) -> bool:
    first = node.body[0] if node.body else None
    return (
        isinstance(first, ast.Expr)
        and isinstance(first.value, ast.Constant)
        and isinstance(first.value.value, str)
    )
