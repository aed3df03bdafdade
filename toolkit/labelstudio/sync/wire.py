"""An article as the server has it and as our files have it: CRLF becomes LF on the way there, and comes back.

Label Studio counts CRLF as two characters and shows it as two line breaks, so articles are sent with LF alone. The
sha256 in the data of a task is that of the text that was sent.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeVar
from uuid import UUID

from toolkit.annotation import Annotation, Prediction, Region, Task
from toolkit.errors import ConfigError, DataError
from toolkit.files import canonical_json, sha256
from toolkit.native import results, to_native
from toolkit.offsets import lf_to_stored, stored_to_lf
from toolkit.project import LabelStudioSettings

Part = TypeVar("Part", Annotation, Prediction)


def as_sent(task: Task) -> Task:
    """An article with LF for CRLF, every offset moved accordingly. The text must be at hand."""
    text = task.text or ""
    if "\r\n" not in text:
        return task
    return _moved(task, text.replace("\r\n", "\n"), lambda offset: stored_to_lf(text, offset))


def as_kept(task: Task, text: str | None) -> Task:
    """An article from the server with the line ends of `text`, our copy, where that is the only difference."""
    if text is None or task.text is None or text == task.text or text.replace("\r\n", "\n") != task.text:
        return task
    return _moved(task, text, lambda offset: lf_to_stored(text, offset))


def _moved(task: Task, text: str, move: Callable[[int], int]) -> Task:
    def region(old: Region) -> Region:
        start, end = move(old.start), move(old.end)
        return replace(old, start=start, end=end, text=text[start:end] if old.text is not None else None)

    def part(old: Part) -> Part:
        return replace(old, regions=tuple(map(region, old.regions)))

    return replace(
        task,
        text=text,
        sha256=sha256(text.encode("utf-8")),
        length=len(text),
        annotations=tuple(map(part, task.annotations)),
        predictions=tuple(map(part, task.predictions)),
    )


def task_data(task: Task, data_key: str) -> dict[str, Any]:
    """The `data` of a task as it is sent: the text under the key that the labelling configuration shows."""
    data = dict(to_native(replace(task, annotations=(), predictions=()))["data"])
    text = data.pop("text")
    return {**data, data_key: text}


def content_of(part: Annotation) -> bytes:
    """What an annotation says, by whom, in canonical bytes."""
    facts = [part.annotator, part.cancelled, part.ground_truth]
    return canonical_json([*facts, results(part.regions, part.attributes, part.links)])


def native_annotation(task: Task, annotation: Annotation, accounts: Mapping[str, int]) -> dict[str, Any]:
    """An annotation as it is sent, its annotator as a user id, without what only our files keep."""
    sent = replace(annotation, adjudicates=())
    native = dict(to_native(replace(task, annotations=(sent,)))["annotations"][0])
    return {**native, "completed_by": accounts[annotation.annotator]}


def accounts_of(settings: LabelStudioSettings, wanted: set[str], there: set[int]) -> dict[str, int]:
    """The user id of each annotator named. ConfigError lists those without an account on the server."""
    found = {name: account for account, name in sorted(settings.accounts.items(), reverse=True) if account in there}
    missing = sorted(wanted - found.keys())
    if missing:
        what = f"annotators without an account on this server: {', '.join(missing)}"
        fix = f"Map their user ids under accounts; the server has: {', '.join(map(str, sorted(there)))}."
        raise ConfigError(what, where="configs/labelstudio.yaml", fix=fix)
    return found


def check_id(annotation: Annotation, where: str) -> None:
    """DataError where the id is no UUID in its usual form: the server keeps no other."""
    try:
        usual = str(UUID(annotation.id))
    except ValueError:
        usual = ""
    if annotation.id != usual:
        what = f"the unique_id {annotation.id!r} is no UUID in small letters with hyphens; the server keeps no other"
        raise DataError(what, where=where)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A model's prediction on its way: the task that it joins and its native form."""

    article_id: str
    native: Mapping[str, Any]

    @property
    def identity(self) -> bytes:
        """What makes two predictions of one task the same: the model and what it says."""
        return suggestion_identity(self.native)


def suggestion_identity(native: Mapping[str, Any]) -> bytes:
    """The model's name and the results of a native prediction, in canonical bytes."""
    return canonical_json([native.get("model_version"), native.get("result")])


def suggestion(task: Task, prediction: Prediction) -> Suggestion:
    """A prediction of an article, offsets counted in our copy, as it is sent."""
    sent = as_sent(replace(task, annotations=(), predictions=(prediction,)))
    return Suggestion(task.article_id, to_native(sent)["predictions"][0])
