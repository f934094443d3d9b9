# PYTHON_ARGCOMPLETE_OK - argcomplete looks for this word in the module of a console script.
"""``jupyter plant-together``: finds the command, runs it and turns what went wrong into one sentence.

Each command is a module of its own, imported when it is asked for. Exit status 2 is for a wrong command
line, 1 for what could not be done.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence

from jupyter_core.application import JupyterApp, NoStart
from traitlets import TraitError
from traitlets.utils.importstring import import_item

from ..errors import PlantTogetherError
from ..util.version import package_version
from .arguments import Arguments, UsageError

_HERE = __name__.rpartition(".")[0]


class Main(Arguments, JupyterApp):
    """The command line without a command."""

    name = "jupyter-plant-together"
    version = package_version()
    usage = "COMMAND"
    description = "Look after Plant Together on this machine."
    examples = """
        jupyter plant-together doctor
        jupyter plant-together export example -o example.zip
    """
    subcommands = {  # noqa: RUF012 - as traitlets has it
        "doctor": (f"{_HERE}.doctor.command.Doctor", "check each part and say what to fix"),
        "migrate": (f"{_HERE}.migrate.Migrate", "bring the database to the schema of this version"),
        "compact": (f"{_HERE}.compact.Compact", "move what is in Redis to Postgres, and go on doing so"),
        "export": (f"{_HERE}.transfer.Export", "write a room to a zip file"),
        "import": (f"{_HERE}.transfer.Import", "bring zip files and PlantUML files into a room"),
        "import-yredis": (
            f"{_HERE}.import_yredis.ImportYRedis",
            "bring in the rooms and documents of Y-Redis and Plant Together",
        ),
        "gateway": (f"{_HERE}.gateway.GatewayCommand", "serve the rooms of a JupyterHub"),
        "version": (f"{_HERE}.version.Version", "print the version"),
    }

    def initialize(self, argv: Sequence[str] | None = None) -> None:
        """Find the command and initialize it; there is nothing to configure without one."""
        self.parse_command_line(argv)

    def initialize_subcommand(self, subc: str, argv: Sequence[str] | None = None) -> None:
        """Make the command, which is no singleton: ``main`` may be called again."""
        command = import_item(self.subcommands[subc][0])(parent=self)
        self.subapp = command
        command.initialize(argv)

    def check_arguments(self) -> None:
        """Refuse the line: had there been a command, it would have been found."""
        if self.extra_args:
            raise UsageError(f"There is no command “{self.extra_args[0]}”; {self.name} --help lists them.")
        raise UsageError(f"Which command? One of {', '.join(self.subcommands)}; --help says more.")

    def emit_options(self) -> Iterator[str]:
        """List the commands instead."""
        yield "Commands:"
        yield from self.table((name, text) for name, (_, text) in self.subcommands.items())
        yield ""
        yield "COMMAND --help says what a command takes."


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit status."""
    app = Main()
    # Where the shell asks for completions, the words are not in sys.argv.
    given = app._get_sys_argv(check_argcomplete=True)[1:] if arguments is None else list(arguments)
    try:
        app.initialize(given)
        app.start()
    except UsageError as error:
        print(error, file=sys.stderr)
        return 2
    except (PlantTogetherError, TraitError) as error:
        print(error, file=sys.stderr)
        return 1
    except NoStart:
        return 0
    except SystemExit as ended:  # help, or a command that ended with a status
        return ended.code if isinstance(ended.code, int) else 0
    return 0
