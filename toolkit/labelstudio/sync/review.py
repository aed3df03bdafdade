"""What a task of the review project holds: every annotator's version of an article, and which ones these are.

The versions are predictions. One more has what all agree on; Label Studio starts a reviewer's annotation from it,
because the project prefers it, and lists the others in tabs beside it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID, uuid5

from toolkit.annotation import MANUAL, Annotation, Prediction, Task
from toolkit.files import canonical_json, sha256
from toolkit.labelstudio.sync.wire import Suggestion, suggestion
from toolkit.native import results

PURPOSE = "review"
# With blanks in it, since no annotator's name has any.
AGREED = "agreed by all"
# The key of a review task's data that says what was weighed: a digest of each annotation by its id.
WEIGHED = "weighed_annotations"
_TITLE = 50
_SUFFIX = " – review"


@dataclass(frozen=True, slots=True)
class Review:
    """An article to review with one annotation of each annotator, and what all of them have."""

    article: Task
    agreed: Annotation

    @property
    def task(self) -> Task:
        """The article as a task of the review project."""
        data = {**self.article.data, WEIGHED: digests(self.article.annotations)}
        return replace(self.article, data=data, annotations=(), predictions=())

    @property
    def versions(self) -> list[Suggestion]:
        """All versions as predictions, the agreed one last. Choices and comments are not in them."""
        named = [(annotation.annotator, annotation) for annotation in self.article.annotations]
        return [
            suggestion(self.article, Prediction(name, None, version.regions, (), version.links))
            for name, version in (*named, (AGREED, self.agreed))
        ]


def review_title(title: str) -> str:
    """The title of the review project, cut to the length that the server takes."""
    return title[: _TITLE - len(_SUFFIX)] + _SUFFIX


def digests(annotations: Iterable[Annotation]) -> dict[str, str]:
    """A digest of the mentions and relations of each annotation, by its id; the same with and without the text."""
    return {annotation.id: _digest(annotation) for annotation in annotations}


def _digest(annotation: Annotation) -> str:
    bare = [replace(r, text=None, digest=None, origin=MANUAL, extra={}) for r in annotation.regions]
    return sha256(canonical_json(results(bare, (), annotation.links)))[:12]


def weighed(data: Mapping[str, Any]) -> dict[str, str] | None:
    """The digests that a task's data hold; None where it is no task of a review."""
    found = data.get(WEIGHED)
    if not isinstance(found, dict) or not found:
        return None
    return {str(id_): str(digest) for id_, digest in found.items()}


def truth_id(review: str) -> str:
    """The id of the ground truth made of a review: another one, since the server keeps an id once over all projects."""
    return str(uuid5(UUID(review), "ground truth"))


def changes(sent: Mapping[str, str], ours: Task, truth: str) -> list[str]:
    """In words what happened to the annotations since they were sent for review; `truth` is what came of it."""
    submitted = {a.id: a for a in ours.annotations if not a.cancelled and not a.adjudicates and a.id != truth}
    now = digests(submitted.values())
    told = [f"{id_} is gone" for id_ in sent if id_ not in now]
    told += [f"{submitted[id_].annotator}'s ({id_}) differs" for id_ in sent if now.get(id_, sent[id_]) != sent[id_]]
    known = {submitted[id_].annotator for id_ in sent if id_ in submitted}
    return told + [f"{a.annotator}'s ({a.id}) is new" for a in submitted.values() if a.annotator not in known]
