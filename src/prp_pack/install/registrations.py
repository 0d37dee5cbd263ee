"""Merging our registrations in the client's settings, key by key.

Three sides again: as they were merged in last, as they stand in the settings now, and as this
version has them. What the user set, a longer time-out say, stays.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from prp_pack.settings_json import OWNED, Hooks

Group = dict[str, Any]


def three_way(found: Hooks, base: Hooks | None, new: Hooks, *, restore: bool) -> Hooks:
    """Return the registrations that the settings should have, one hook in a group.

    `base` is None when it isn't known what was merged in last; then ours are as in `new`. What the
    user took out comes back only with `restore`.
    """
    if base is None:
        return new
    events = {**new, **found}
    merged = {
        event: _event(found.get(event, []), base.get(event, []), new.get(event, []), restore)
        for event in events
    }
    return {event: groups for event, groups in merged.items() if groups}


def _event(found: list[Group], base: list[Group], new: list[Group], restore: bool) -> list[Group]:
    left = list(found)
    bases = {_key(group): group for group in base}
    exact: dict[object, Group] = {}
    for ours in new:
        same = next((group for group in left if _key(group) == _key(ours)), None)
        if same:
            left.remove(same)
            exact[_key(ours)] = same
    result = []
    for ours in new:
        before = bases.pop(_key(ours), None)
        there = exact.get(_key(ours)) or _edited(before, left)
        if there:
            result.append(_merged(before, there, ours))
        elif restore or before is None:
            result.append(ours)
    known = {_key(group) for group in result}
    for group in left:
        retired = bases.get(_key(group))
        unedited = retired is not None and _values(retired) == _values(group)
        if not unedited and _key(group) not in known:
            known.add(_key(group))
            result.append(_group(_values(group)))
    return result


def _edited(before: Group | None, left: list[Group]) -> Group | None:
    """Take the registration whose matcher or condition the user has changed, if there is one."""
    if before is None:
        return None
    was = _values(before)
    for group in left:
        now = _values(group)
        alike = now.get("matcher") == was.get("matcher") or now.get("if") == was.get("if")
        if alike and now.get("args") == was.get("args"):
            left.remove(group)
            return group
    return None


def _merged(before: Group | None, there: Group, ours: Group) -> Group:
    if before is None:
        return ours
    was, now, new = _values(before), _values(there), _values(ours)
    keys = {**new, **now}
    chosen = {key: (new if now.get(key) == was.get(key) else now).get(key) for key in keys}
    return _group({key: value for key, value in chosen.items() if value is not None})


def _key(group: Group) -> tuple[object, object]:
    return group.get("matcher"), group["hooks"][0].get("if")


def _values(group: Group) -> dict[str, Any]:
    """Return what we decide on, in one object."""
    hook = {key: value for key, value in group["hooks"][0].items() if key in OWNED}
    return ({"matcher": group["matcher"]} if "matcher" in group else {}) | hook


def _group(values: Mapping[str, Any]) -> Group:
    hook = {key: value for key, value in values.items() if key != "matcher"}
    return ({"matcher": values["matcher"]} if "matcher" in values else {}) | {"hooks": [hook]}
