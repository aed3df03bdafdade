"""Stand-off: articles stored without their text, and the text joined again from the reader's own folder.

A withheld article keeps its sha256, its length, and a short digest of each mention. `strip` makes it so; `join` puts a
text of the same bytes back. A copy that differs is re-anchored, mention by mention, in `corpus.reanchor`.
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from toolkit.annotation import Annotation, Prediction, Region, Task
from toolkit.errors import DataError
from toolkit.files import friendly, read_bytes, sha256
from toolkit.native import mention_digest

Part = TypeVar("Part", Annotation, Prediction)


def strip(task: Task) -> Task:
    """The task without its text and mention strings; every region gets a digest of its mention instead.

    Free-text attributes and notes on regions go too, since people quote in them. A task without text stays as it is.
    """
    if task.text is None:
        return task
    text = task.text

    def bare(region: Region) -> Region:
        extra = {key: value for key, value in region.extra.items() if key != "meta"}
        return replace(region, text=None, digest=mention_digest(text[region.start : region.end]), extra=extra)

    def stripped(part: Part) -> Part:
        kept = tuple(attribute for attribute in part.attributes if attribute.kind != "textarea")
        return replace(part, regions=tuple(map(bare, part.regions)), attributes=kept)

    return replace(
        task,
        text=None,
        annotations=tuple(map(stripped, task.annotations)),
        predictions=tuple(map(stripped, task.predictions)),
    )


def join(task: Task, text: str) -> Task:
    """The task with its text and mentions back.

    DataError where the text is not the annotated one, or a digest disagrees with the mention at its place.
    """
    if sha256(text.encode("utf-8", "surrogatepass")) != task.sha256:
        raise DataError("the text is not the one that was annotated", where=task.article_id)
    for _, region in placed_regions(task):
        if is_disproved(region, text):
            what = f"the mention at {region.start}-{region.end} (region {region.id}) is not the one that was annotated"
            raise DataError(what, where=task.article_id)

    def whole(region: Region) -> Region:
        return replace(region, text=text[region.start : region.end], digest=None)

    return replace(
        task,
        text=text,
        annotations=tuple(replace(a, regions=tuple(map(whole, a.regions))) for a in task.annotations),
        predictions=tuple(replace(p, regions=tuple(map(whole, p.regions))) for p in task.predictions),
    )


def placed_regions(task: Task) -> list[tuple[str, Region]]:
    """Every region of a task, predicted ones too, with the id of its annotation."""
    parts = [(part.id, part.regions) for part in task.annotations]
    parts += [(f"prediction {part.model}", part.regions) for part in task.predictions]
    return [(id_, region) for id_, regions in parts for region in regions]


def is_disproved(region: Region, text: str) -> bool:
    """Whether a region has a digest, and the mention at its place another one."""
    return region.digest not in (None, mention_digest(text[region.start : region.end]))


def find_article(article_id: str, folders: Sequence[Path]) -> Path | None:
    """The reader's copy of an article: `<article_id>.txt` in the first folder that has it.

    FileError where a folder may not be entered.
    """
    for folder in folders:
        path = folder / f"{article_id}.txt"
        with friendly(path):
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
