"""Puts an index of the rules into the wheel, so that a commit hook need not read eighty YAML headers at each start."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class Index(BuildHookInterface):
    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "editable":  # there the pages themselves are read: they are being written
            return
        sys.path.insert(0, self.root)
        from opslint.model import bundled

        self._folder = tempfile.TemporaryDirectory()
        made = Path(self._folder.name) / bundled.INDEX
        made.write_text(bundled.index(), "utf-8")
        build_data["force_include"][str(made)] = f"opslint/rules/{bundled.INDEX}"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        if version != "editable":
            self._folder.cleanup()
