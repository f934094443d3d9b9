"""A command that needs the configuration of an installation: the Jupyter server's files, then options."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from copy import deepcopy
from dataclasses import fields
from functools import cached_property
from pathlib import Path
from typing import Any

from traitlets import TraitError

from ..server.app import PlantTogether
from ..server.storage import StorageSettings
from .arguments import Arguments, UsageError


class Command(Arguments):
    """A command with the traits of :class:`PlantTogether`."""

    config_file_name = "jupyter_server_config"
    classes = [PlantTogether]  # noqa: RUF012 - as traitlets has it
    aliases = {  # noqa: RUF012
        "mode": "PlantTogether.mode",
        "database-path": "PlantTogether.database_path",
        **Arguments.aliases,
    }

    def check_arguments(self) -> None:
        """Raise UsageError for options that cannot be, too."""
        super().check_arguments()
        if self.config_file and not Path(self.config_file).is_file():
            raise UsageError(f"There is no configuration file {self.config_file}.")
        if "PlantTogether" in self.cli_config:
            try:
                PlantTogether(config=deepcopy(self.cli_config))
            except TraitError as error:
                raise UsageError(str(error)) from None

    @cached_property
    def configured(self) -> PlantTogether:
        """The traits as files and options set them; whoever names a SQLite file means the embedded mode."""
        config = deepcopy(self.config)
        given = self.cli_config.get("PlantTogether", {})
        if "database_path" in given and "mode" not in given:
            config.PlantTogether.mode = "embedded"
        return PlantTogether(config=config)

    @property
    def database(self) -> Path:
        """The SQLite file of the embedded mode."""
        return Path(self.configured.database_path).expanduser().absolute()

    @property
    def settings(self) -> StorageSettings:
        """Where rooms are."""
        traits = {field.name: getattr(self.configured, field.name) for field in fields(StorageSettings)}
        return StorageSettings(**{**traits, "database_path": str(self.database)})

    def start(self) -> None:
        """Run, and end with the status."""
        super().start()
        done = self.run()
        self.exit(asyncio.run(done) if asyncio.iscoroutine(done) else done)

    def run(self) -> int | Coroutine[Any, Any, int]:
        """Do what the command is for and return the exit status."""
        raise NotImplementedError
