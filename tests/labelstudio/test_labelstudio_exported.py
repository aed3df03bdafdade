"""What `export labelstudio` writes is taken by a real Label Studio server, and comes back as the same articles."""

import json
from pathlib import Path

import pytest
from studio_server import Studio

from toolkit.corpus.adjudicate import gold_of
from toolkit.corpus.article import Article
from toolkit.corpus.assemble import assemble
from toolkit.exports.labelstudio import render
from toolkit.labelstudio.reading.importing import import_exports
from toolkit.labelstudio.reading.template import labelling_config
from toolkit.project import Annotator, LabelStudioSettings, Tags, find_project
from toolkit.schema import Schema

pytestmark = [pytest.mark.labelstudio, pytest.mark.xdist_group("labelstudio")]


@pytest.fixture(scope="module")
def sample(repository: Path) -> list[Article]:
    """The gold articles of annotations/sample."""
    found = [article for article in assemble(find_project(repository), []).articles if article.text is not None]
    assert len(found) > 50
    return found


def test_a_server_takes_the_export_and_gives_the_same_articles(
    studio: Studio, sample: list[Article], schema: Schema, tmp_path: Path
) -> None:
    project = studio.project("exported", labelling_config(schema, Tags()))
    content = render(sample, schema).content
    assert isinstance(content, bytes)
    assert len(studio.import_tasks(project, json.loads(content))) == len(sample)
    (tmp_path / "back.json").write_bytes(studio.export(project))
    person = Annotator(kind="person", description="composed for a test")
    settings = LabelStudioSettings(title="test", annotators={"sara": person}, accounts={studio.lead: "sara"})
    imported = import_exports([tmp_path / "back.json"], schema, settings)
    assert imported.held_back == imported.repaired == 0, [str(finding) for finding in imported.findings]
    back = {}
    for task in imported.tasks:
        (annotation,) = task.annotations
        assert (annotation.annotator, annotation.ground_truth) == ("sara", True)
        gold = gold_of(annotation, "ground_truth", schema)
        back[task.article_id] = (task.text, task.sha256, gold.entities, gold.relations)
    assert back == {a.id: (a.text, a.sha256, a.entities, a.relations) for a in sample}
