"""What `score` and `predict` ask a model: the same of both, so that `score` finds what `predict` has kept."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from toolkit.evaluation.scoring.label_maps import NamedMap
    from toolkit.models.predictor import Training
    from toolkit.project import Project
    from toolkit.release.tables.reading import Dataset
    from toolkit.schema import Schema


def asked_labels(schema: "Schema", label_map: "NamedMap | None") -> dict[str, str]:
    """The labels that a prompted model is asked for, each with its meaning; with a map its own, by their names."""
    if label_map is not None:
        return {label: label for label in label_map.map.model}
    return {label: kind.en or kind.ar or label for label, kind in schema.entities.items()}


def training_of(dataset: "Dataset", project: "Project") -> "Training":
    """What a model that is trained on demand gets of a dataset."""
    from toolkit.models.predictor import Training

    digest = str(dataset.manifest["content_digest"])
    return Training(lambda: dataset.documents("train"), dataset.schema, project.evaluation.crf, project.cache, digest)
