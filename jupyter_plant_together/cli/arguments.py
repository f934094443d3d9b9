"""What every command takes, and how it says so: options are traits, a wrong one is one sentence.

traitlets reads the options; here it becomes strict (an option that nobody has would only be logged), lets
options stand between arguments, and writes a help that fits on a screen.
"""

from __future__ import annotations

import textwrap
from collections.abc import Generator, Iterable, Iterator, Sequence
from copy import deepcopy
from inspect import cleandoc
from typing import NoReturn

from jupyter_core.application import JupyterApp
from traitlets import TraitError
from traitlets.config import Configurable
from traitlets.config.loader import ArgumentError, KVArgParseConfigLoader

_WIDTH = 100
_COLUMN = 26


class UsageError(Exception):
    """A wrong command line; its text is one sentence."""


class _Loader(KVArgParseConfigLoader):
    def _create_parser(self) -> None:
        super()._create_parser()
        setattr(self.parser, "error", _refuse)  # noqa: B010 - else it prints all options and ends the process
        # Options may stand between arguments.
        setattr(self.parser, "parse_args", self.parser.parse_intermixed_args)  # noqa: B010


def _refuse(message: str) -> NoReturn:
    raise UsageError(f"{message[0].upper()}{message[1:]}; --help lists what there is.")


class Arguments(JupyterApp):
    """A strict reader of command lines."""

    usage = ""
    """The arguments as ``--help`` shows them."""
    least: int = 0
    most: int | None = 0
    """How many arguments there are; ``most`` None: any number."""
    examples = ""

    aliases = {  # noqa: RUF012 - as traitlets has it
        "config": "JupyterApp.config_file",
        "log-level": "Application.log_level",
    }
    flags = {}  # noqa: RUF012

    def _find_subcommand(self, name: str) -> str:
        return ""  # an argument is never another program

    def migrate_config(self) -> None:
        """Do nothing: whoever looks after an installation does not change its configuration."""

    def parse_command_line(self, argv: Sequence[str] | None = None) -> None:
        """Read the options and arguments; raises UsageError."""
        argv = list(argv or ())
        if argv and self.subcommands and argv[0] in self.subcommands:
            self._handle_argcomplete_for_subcommand()
            self.initialize_subcommand(argv[0], argv[1:])
            return
        options = argv[: argv.index("--")] if "--" in argv else argv
        if {"-h", "--help", "--help-all"} & set(options):
            self.print_help("--help-all" in options)
            self.exit(0)
        if {"-V", "--version"} & set(options):
            self.print_version()
            self.exit(0)
        flags, aliases = self.flatten_flags()
        for name in (word.partition("=")[0] for word in options if word.startswith("-")):
            if "." not in name and name not in ("-", *map(_dashed, (*flags, *aliases))):
                raise UsageError(f"There is no option {name}; --help lists them.")
        classes = list(self._classes_with_config_traits())
        loader = _Loader(
            argv, aliases, flags, classes=classes, log=self.log, subcommands=dict(self.subcommands)
        )
        try:
            self.cli_config = deepcopy(loader.load_config())
            self._check_names(classes)
            self.update_config(self.cli_config)
        except (ArgumentError, TraitError) as error:
            raise UsageError(str(error)) from None
        self.extra_args = loader.extra_args
        self.check_arguments()

    def _check_names(self, classes: Iterable[type[Configurable]]) -> None:
        known = {cls.__name__: cls for cls in classes}
        for section, traits in self.cli_config.items():
            for name in traits:
                if section not in known or name not in known[section].class_traits(config=True):
                    raise UsageError(f"There is no option --{section}.{name}; --help-all lists them.")

    def check_arguments(self) -> None:
        """Raise UsageError if there are too few or too many arguments, or no such configuration file."""
        count = len(self.extra_args)
        if count < self.least:
            raise UsageError(f"Something is missing: {self.command_line} {self.usage}.")
        if self.most is not None and count > self.most:
            raise UsageError(
                f"“{self.extra_args[self.most]}” is too much: {self.command_line} {self.usage}".rstrip() + "."
            )

    @property
    def command_line(self) -> str:
        """What people type to get here."""
        return self.name.replace("jupyter-plant-together", "jupyter plant-together")

    # --- help ----------------------------------------------------------------------------------------

    def emit_help(self, classes: bool = False) -> Generator[str, None, None]:
        """Yield the lines of ``--help``, and of ``--help-all`` with the traits."""
        yield f"{self.command_line} {self.usage}".rstrip()
        yield ""
        yield from textwrap.wrap(cleandoc(str(self.description)), _WIDTH)
        yield ""
        yield from self.emit_options()
        if self.examples:
            yield ""
            yield "Examples:"
            yield from (f"  {line}" for line in cleandoc(str(self.examples)).splitlines())
        if classes:
            for cls in self.classes:
                yield ""
                yield cls.class_get_help()

    def emit_options(self) -> Iterator[str]:
        """Yield a line or more for each option."""
        traits = {
            f"{owner.__name__}.{name}": trait
            for cls in reversed((type(self), *self.classes))
            for owner in cls.__mro__
            if issubclass(owner, Configurable)
            for name, trait in owner.class_traits(config=True).items()
        }
        names: dict[str, list[str]] = {}
        for name, target in self.aliases.items():
            names.setdefault(target, []).append(name)
        rows = []
        for target, aliases in names.items():
            trait = traits[target]
            value = trait.metadata.get("value") or aliases[-1].split("-")[-1].upper()
            rows.append((f"{', '.join(map(_dashed, aliases))} {value}", str(trait.help)))
        rows += [(_dashed(name), text) for name, (_, text) in self.flags.items()]
        rows.append(("--help, --help-all", "This; and all settings, to be given as --Class.name=value."))
        yield "Options:"
        yield from self.table(rows)

    @staticmethod
    def table(rows: Iterable[tuple[str, str]]) -> Iterator[str]:
        """Yield rows of a name and its text in two columns."""
        for name, text in rows:
            lines = textwrap.wrap(text, _WIDTH - _COLUMN - 4)
            if len(name) > _COLUMN:
                yield f"  {name}"
                name = ""  # noqa: PLW2901 - it is written
            for line in lines:
                yield f"  {name:{_COLUMN}}  {line}"
                name = ""  # noqa: PLW2901


def _dashed(name: str) -> str:
    return f"{'-' if len(name) == 1 else '--'}{name}"
