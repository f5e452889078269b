"""The command `tricolor`. Each of its commands is loaded when it is run: none has to wait for the others."""

import gc
import sys
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from services.spared_imports import build_models_late, spare_imports
from shared.runtime.unsuitable_data import UnsuitableData

# Where a command is, a module of `services.commands` whose `app` is the command's group or has it by its name, and what
# it says of itself: the list of all commands is read often, and the commands need most of the system.
COMMANDS = {
    "serve": ("serve", "Run the services in real time until Ctrl-C."),
    "demo": ("demo", "The main job, live: a sample district under a scaled clock, about three minutes."),
    "simulate": (
        "demo",
        "Push anomalies of the sample district to Kafka, as a monitoring platform does, and print each.",
    ),
    "migrate": ("migrate", "Bring the schemas in TRICOLOR_DATABASE_URL up to date."),
    "token": (
        "token",
        "Print a development token, for services that run without an identity provider on this machine.",
    ),
    "rules": ("rules", "The rule book: check, try, backtest and publish one."),
    "deadline": ("deadline", "Deadlines, explained."),
    "calendar": ("calendar", "The working-day calendar."),
    "api-keys": ("api_keys", "API keys of platforms: create, list, rotate and revoke them."),
    "dead-letters": ("dead_letters", "Dead letters: what was refused and waits for a person."),
    "brakes": ("brakes", "Brakes: partitions that are not read until a person releases them."),
    "proposals": ("proposals", "Proposals: what one person proposed and another confirms."),
    "draw": ("draw", "The verification draw, repeated and proved."),
    "evidence": ("evidence", "Evidence: verify that nothing was changed, and export the file of a case."),
    "console": ("console", "The console's read model."),
    "replay": (
        "replay",
        "Have events published again, in their order, from the outboxes: a lost topic is rebuilt like that.",
    ),
    "reconcile": (
        "reconcile",
        "Prove that every accepted event has its alert, case, clock and outcome, and mend what is missing.",
    ),
    "backup": ("backup", "Back up the database and the files of the cases, while everything runs."),
    "restore": ("backup", "Restore a backup into an empty database."),
}


class _Commands(TyperGroup):
    def list_commands(self, ctx: object) -> list[str]:
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: object, cmd_name: str) -> TyperCommand | None:
        """The command as it stands in a list. What is run or completed is resolved."""
        del ctx
        if cmd_name not in COMMANDS:
            return None
        return TyperCommand(cmd_name, help=COMMANDS[cmd_name][1])

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        name, listed, rest = super().resolve_command(ctx, args)
        build_models_late()
        return name, listed and loaded(str(name)), rest


def loaded(name: str) -> TyperCommand | TyperGroup:
    """The command itself, or a group of commands."""
    gc.disable()  # what is loaded stays: looking through it for garbage, even once, is a tenth of loading it
    try:
        module = import_module(f"services.commands.{COMMANDS[name][0]}")
    finally:
        gc.freeze()
        gc.enable()
    group = typer.main.get_group(module.app)
    group.name = name
    command = group.commands.get(name)
    return command if isinstance(command, TyperCommand) else group


app = typer.Typer(
    cls=_Commands,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="三色预警响应 Tricolor: grades pollution-monitoring anomalies, dispatches officers, keeps the clocks.",
)


@app.callback()
def tricolor() -> None:
    """A group although it has no command of its own."""


def main() -> None:
    spare_imports()
    try:
        app()
    except UnsuitableData as unsuitable:
        sys.exit(f"tricolor: {unsuitable}")
