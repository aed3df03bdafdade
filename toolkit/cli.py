"""The `tawsim` command: finds the command asked for, loads only that one, and turns errors into exit codes."""

import importlib
import os
import sys
from typing import Any

import typer
from typer.core import TyperGroup

from toolkit.errors import ToolkitError
from toolkit.version import __version__

# Name: module, and what the list of commands says. A module is imported when its command runs or shows its help.
COMMANDS = {
    "import": ("toolkit.commands.import_", "Read Label Studio exports, brat and CoNLL as annotation files."),
    "studio": ("toolkit.commands.studio", "Run a local Label Studio with this project in it."),
    "push": ("toolkit.commands.push", "Send articles, annotations and predictions to Label Studio."),
    "pull": ("toolkit.commands.pull", "Fetch annotations from Label Studio into annotation files."),
    "status": ("toolkit.commands.status", "Show how annotation files and Label Studio stand to each other."),
    "validate": ("toolkit.commands.validate", "Check annotation files and tell every finding at once."),
    "agreement": ("toolkit.commands.agreement", "Tell how far annotators agree, and where they do not."),
    "build": ("toolkit.commands.build", "Make the dataset folder from the annotations."),
    "diff": ("toolkit.commands.diff", "Tell what changed between two datasets, and the next version."),
    "publish": ("toolkit.commands.publish", "Publish the dataset folder as a version on the Hub."),
    "hydrate": ("toolkit.commands.hydrate", "Join a stand-off dataset with your own copies of the articles."),
    "datasheet": ("toolkit.commands.datasheet", "Write the computed parts of DATASHEET.md, or check them."),
    "export": ("toolkit.commands.export", "Write a dataset for another tool, and tell what it lost."),
    "predict": ("toolkit.commands.predict", "Run a model over a split, and go on where a run was stopped."),
    "score": ("toolkit.commands.score", "Score a model or a predictions file with seqeval."),
    "compare": ("toolkit.commands.compare", "Compare results, paired by document, and how sure that is."),
    "leaderboard": ("toolkit.commands.leaderboard", "Rank the results in a folder, with intervals and groups."),
    "models": ("toolkit.commands.models", "List the kinds of models, and what they need."),
}


class LazyGroup(TyperGroup):
    """A group whose commands are modules, each with a function `command` that typer turns into one."""

    def list_commands(self, ctx: Any) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(COMMANDS[cmd_name][0])
        app = typer.Typer(add_completion=False, rich_markup_mode=None)
        app.command(name=cmd_name)(module.command)
        return typer.main.get_command(app)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            import difflib

            close = difflib.get_close_matches(args[0], COMMANDS, 1)
            hint = f"Did you mean {close[0]}?" if close else f"There are: {', '.join(COMMANDS)}."
            ctx.fail(f"no command {args[0]!r}. {hint}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, short) for name, (_, short) in COMMANDS.items()])


def _version(value: bool) -> None:
    if value:
        typer.echo(f"tawsim {__version__}")
        raise typer.Exit


app = typer.Typer(
    cls=LazyGroup,
    name="tawsim",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=True,
)


@app.callback(epilog="`tawsim COMMAND --help` shows a command's options and examples.")
def root(
    version: bool = typer.Option(False, "--version", callback=_version, is_eager=True, help="Show the version."),
) -> None:
    """Label Studio annotations to a versioned Hugging Face dataset, and NER models scored against it.

    Exit codes: 0 done; 1 findings, or a gate failed; 2 usage or configuration; 3 incomplete or not comparable.
    """


def main() -> None:
    """Runs the command line. Every error of ours ends in one clear line on stderr and its exit code."""
    try:
        app()
    except ToolkitError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        sys.exit(130)
    except BrokenPipeError:  # the reader of our output went away, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
