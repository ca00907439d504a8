"""Where the files go when nobody says where: the folder in which this user's programs keep state."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from coordination.errors import ConfigurationError


def state_folder() -> Path:
    """The folder by this system's conventions; `ConfigurationError` if no home is known."""
    if sys.platform == "win32":
        base = _named_by("LOCALAPPDATA") or _home() / "AppData" / "Local"
    elif sys.platform == "darwin":
        base = _home() / "Library" / "Application Support"
    else:
        base = _named_by("XDG_STATE_HOME") or _home() / ".local" / "state"
    return base / "coordination"


def _named_by(variable: str) -> Path | None:
    """The folder that the environment names; a relative one is ignored, as the XDG specification says."""
    path = Path(os.environ.get(variable, ""))
    return path if path.is_absolute() else None


def _home() -> Path:
    try:
        home = Path.home()
    except RuntimeError as error:
        raise ConfigurationError(f"no home folder is known ({error}); set COORDINATION_URL") from error
    if not home.is_absolute():
        raise ConfigurationError(f"the home folder {str(home)!r} is not absolute; set COORDINATION_URL")
    return home
