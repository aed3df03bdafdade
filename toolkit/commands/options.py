"""Options that several commands have, worded once."""

from pathlib import Path
from typing import Annotated

import typer

ProjectOption = Annotated[
    Path | None,
    typer.Option(
        "--project",
        metavar="DIR",
        help="Project folder. Default: the nearest parent with configs/dataset.yaml.",
    ),
]
ArticlesOption = Annotated[
    list[Path] | None,
    typer.Option("--articles", metavar="DIR", help="Folder with the articles, ID.txt. Default: TAWSIM_ARTICLES."),
]
DataOption = Annotated[
    str | None,
    typer.Option(
        "--data", metavar="DIR|NS/NAME@vX.Y.Z", help="Dataset folder, or a version on the Hub. Default: build."
    ),
]
ModelOption = Annotated[
    list[str] | None,
    typer.Option("--option", metavar="KEY=VALUE", help="A setting of the model; may be given several times."),
]
