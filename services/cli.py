"""The command `tricolor`. Each of its commands is loaded when it is asked for: none has to wait for all the others."""

from importlib import import_module

import typer
from typer.core import TyperCommand, TyperGroup

# Where a command is: a module of `services.commands`, whose `app` is the command's group or has it by its name.
_MODULES = {
    "serve": "serve",
    "demo": "demo",
    "simulate": "demo",
    "migrate": "migrate",
    "token": "token",
    "rules": "rules",
    "deadline": "deadline",
    "calendar": "calendar",
    "dead-letters": "dead_letters",
    "brakes": "brakes",
    "proposals": "proposals",
    "draw": "draw",
    "replay": "replay",
    "reconcile": "reconcile",
    "backup": "backup",
    "restore": "backup",
}


class _Commands(TyperGroup):
    def list_commands(self, ctx: object) -> list[str]:
        del ctx
        return list(_MODULES)

    def get_command(self, ctx: object, cmd_name: str) -> TyperCommand | TyperGroup | None:
        del ctx
        if cmd_name not in _MODULES:
            return None
        group = typer.main.get_group(import_module(f"services.commands.{_MODULES[cmd_name]}").app)
        group.name = cmd_name
        command = group.commands.get(cmd_name)
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
    app()
