"""Stand-off: articles stored without their text, and the text joined again from the reader's own folder.

A withheld article keeps its sha256, its length, and a short digest of each mention. `strip` makes it so; `join` puts a
text of the same bytes back. A copy that differs is re-anchored, mention by mention, in `corpus.reanchor`.
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from toolkit.annotation import Annotation, Prediction, Region, Task
from toolkit.errors import DataError
from toolkit.files import read_bytes, sha256
from toolkit.native import mention_digest


def strip(task: Task) -> Task:
    """The task without its text and mention strings; every region gets a digest of its mention instead.

    Free-text attributes go too, since people quote in them. DataError where the task has no text to take digests of.
    """
    if task.text is None:
        return task
    text = task.text

    def bare(region: Region) -> Region:
        return replace(region, text=None, digest=mention_digest(text[region.start : region.end]))

    def stripped(part: Annotation) -> Annotation:
        kept = tuple(attribute for attribute in part.attributes if attribute.kind != "textarea")
        return replace(part, regions=tuple(bare(region) for region in part.regions), attributes=kept)

    def stripped_prediction(part: Prediction) -> Prediction:
        return replace(part, regions=tuple(bare(region) for region in part.regions))

    return replace(
        task,
        text=None,
        annotations=tuple(stripped(annotation) for annotation in task.annotations),
        predictions=tuple(stripped_prediction(prediction) for prediction in task.predictions),
    )


def join(task: Task, text: str) -> Task:
    """The task with its text and mentions back. DataError where a digest disagrees with the mention at its place."""

    def whole(region: Region) -> Region:
        mention = text[region.start : region.end]
        if region.digest is not None and mention_digest(mention) != region.digest:
            raise DataError(
                f"the mention at {region.start}-{region.end} (region {region.id}) is not the one that was annotated",
                where=task.article_id,
            )
        return replace(region, text=mention, digest=None)

    return replace(
        task,
        text=text,
        annotations=tuple(replace(a, regions=tuple(map(whole, a.regions))) for a in task.annotations),
        predictions=tuple(replace(p, regions=tuple(map(whole, p.regions))) for p in task.predictions),
    )


def find_article(article_id: str, folders: Sequence[Path]) -> Path | None:
    """The reader's copy of an article: `<article_id>.txt` in the first folder that has it."""
    for folder in folders:
        path = folder / f"{article_id}.txt"
        if path.is_file():
            return path
    return None


def read_article(path: Path) -> tuple[str, str]:
    """Text and sha256 of the raw bytes of an article file. DataError where it is not UTF-8."""
    data = read_bytes(path)
    try:
        return data.decode("utf-8"), sha256(data)
    except UnicodeDecodeError as error:
        raise DataError(f"byte {error.start} is not UTF-8", where=str(path), fix="Save the file as UTF-8.") from error
