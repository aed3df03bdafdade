"""CITATION.cff and BibTeX hold what the settings say, and nothing that they do not."""

import re

import pytest
import yaml
from pydantic import ValidationError
from small_corpus import build_project, write_project

from toolkit.configuration import parse_settings
from toolkit.errors import ConfigError
from toolkit.project import Author, DatasetSettings, Project
from toolkit.release.pages.citation import CITATION, bibtex, cff

TOLD = {
    "authors": [
        {"family": "الراوي", "given": "سلمى", "orcid": "0000-0002-1825-0097", "affiliation": "Desk"},
        {"name": "Bureau & Sons"},
    ],
    "released": "2026-01-31",
    "doi": "10.1234/x_y",
    "repo": "someone/news",
    "homepage": "https://example.org/news",
    "version": "1.2.0",
}


@pytest.fixture(scope="module")
def settings(repository):
    """The settings of this repository with others in their place."""
    own = Project(repository).dataset.model_dump(mode="json")

    def changed(**more):
        return DatasetSettings.model_validate({**own, **more})

    return changed


def test_the_citation_file_holds_the_settings_under_the_keys_of_the_format(settings):
    found = yaml.safe_load(cff(settings(**TOLD)))
    assert found == {
        "cff-version": "1.2.0",
        "message": "If you use this dataset, please cite it as below.",
        "type": "dataset",
        "title": settings().title,
        "version": "1.2.0",
        "abstract": settings().summary,
        "authors": [
            {
                "family-names": "الراوي",
                "given-names": "سلمى",
                "affiliation": "Desk",
                "orcid": "https://orcid.org/0000-0002-1825-0097",
            },
            {"name": "Bureau & Sons"},
        ],
        "date-released": "2026-01-31",
        "doi": "10.1234/x_y",
        "license": "CC-BY-4.0",
        "url": "https://example.org/news",
        "repository": "https://huggingface.co/datasets/someone/news",
    }


def test_a_licence_without_an_identifier_is_told_by_its_address(settings):
    link = "https://example.org/licence"
    found = yaml.safe_load(cff(settings(license="other", license_name="house", license_link=link)))
    assert "license" not in found and found["license-url"] == link


def test_the_bibtex_entry_escapes_what_tex_would_read(settings):
    entry = bibtex(settings(**TOLD, title="50 % of {news} & more_here"))
    fields = dict(re.findall(r"^  (\w+) = \{(.*)\},$", entry, re.MULTILINE))
    assert entry.startswith("@misc{tawsim-news-1.2.0,\n") and entry.endswith("\n}")
    assert fields == {
        "title": r"{50 \% of \{news\} \& more\_here}",
        "author": r"الراوي, سلمى and {Bureau \& Sons}",
        "year": "2026",
        "version": "1.2.0",
        "doi": "10.1234/x_y",
        "url": "https://huggingface.co/datasets/someone/news",
    }


def test_without_authors_there_is_no_citation(settings, small, repository, tmp_path):
    assert cff(settings(authors=[])) == bibtex(settings(authors=[])) == ""
    project = write_project(tmp_path / "project", repository, dataset={"authors": []})
    assert not (build_project(project, tmp_path / "dataset").folder / CITATION).exists()
    assert (small.folder / CITATION).read_text("utf-8") == cff(small.project.dataset) != ""
    assert CITATION in small.manifest["files"]


@pytest.mark.parametrize("wrong", [{}, {"name": "a", "family": "b"}, {"given": "a"}, {"name": "a", "given": "b"}])
def test_an_author_has_one_name(wrong):
    with pytest.raises(ValidationError, match="either a name, or family and given"):
        Author.model_validate(wrong)


def test_an_orcid_that_is_none_is_told_with_its_line():
    with pytest.raises(ConfigError, match=r"authors\.yaml:2: .*orcid"):
        parse_settings("name: a\norcid: '12'\n", Author, "authors.yaml")
