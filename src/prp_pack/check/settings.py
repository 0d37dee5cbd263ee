"""What a project has settled about its check: its configuration and its baseline."""

from __future__ import annotations

from prp_pack.check import baseline, config
from prp_pack.check.baseline import Baseline
from prp_pack.check.config import Config
from prp_pack.repository import Repository, UnreadableError
from prp_pack.values import dataclass, field


@dataclass(frozen=True, slots=True)
class Settings:
    """`problems` are the files that could not be read, whose defaults hold instead."""

    config: Config = field(default_factory=Config)
    baseline: Baseline = field(default_factory=Baseline)
    problems: tuple[UnreadableError, ...] = ()

    @property
    def told(self) -> str:
        """What a user must hear of; empty when everything was read."""
        said = "; ".join(f"{p}{f' ({p.help})' if p.help else ''}" for p in self.problems)
        return f"{said}; checked as if it weren't there" if said else ""


def load(repository: Repository) -> Settings:
    """Return the project's settings; raises `UnreadableError` with the line."""
    return Settings(config.load(repository), baseline.load(repository))


def load_what_can_be(repository: Repository) -> Settings:
    """Return the project's settings; what can't be read has its default and is a problem."""
    problems: list[UnreadableError] = []
    found_config, found_baseline = Config(), Baseline()
    try:
        found_config = config.load(repository)
    except UnreadableError as error:
        problems.append(error)
    try:
        found_baseline = baseline.load(repository)
    except UnreadableError as error:
        problems.append(error)
    return Settings(found_config, found_baseline, tuple(problems))
