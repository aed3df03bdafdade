"""The repository's own articles that have their text, to be exported."""

from pathlib import Path

import pytest

from toolkit.corpus.article import Article
from toolkit.corpus.assemble import assemble
from toolkit.project import find_project


@pytest.fixture(scope="session")
def sample(repository: Path) -> list[Article]:
    """The gold articles of annotations/sample."""
    made = assemble(find_project(repository), [])
    found = [article for article in made.articles if article.text is not None]
    assert len(found) > 50
    return found
