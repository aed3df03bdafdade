"""How a release is cited: CITATION.cff (Citation File Format 1.2.0) and BibTeX, both from configs/dataset.yaml."""

import re
from importlib.resources import files
from typing import Any

import yaml

from toolkit.project import Author, DatasetSettings

CITATION = "CITATION.cff"
_HUB = "https://huggingface.co/datasets/"
_TEX = {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
_TEX |= {sign: f"\\{sign}" for sign in "&%$#_{}"}


def cff(dataset: DatasetSettings) -> str:
    """CITATION.cff; empty where the settings name no author, whom the format demands."""
    if not dataset.authors:
        return ""
    licences = yaml.safe_load(files("toolkit.release.pages").joinpath("spdx.yaml").read_text("utf-8"))
    fields: dict[str, Any] = {
        "cff-version": "1.2.0",
        "message": "If you use this dataset, please cite it as below.",
        "type": "dataset",
        "title": dataset.title,
        "version": dataset.version,
        "abstract": dataset.summary,
        "authors": [_cff_author(author) for author in dataset.authors],
        "date-released": dataset.released and dataset.released.isoformat(),
        "doi": dataset.doi,
        "license": licences.get(dataset.license),
        "license-url": dataset.license_link,
        "url": dataset.homepage,
        "repository": dataset.repo and f"{_HUB}{dataset.repo}",
    }
    told = {key: value for key, value in fields.items() if value}
    text: str = yaml.safe_dump(told, allow_unicode=True, sort_keys=False, width=1000)
    return text


def bibtex(dataset: DatasetSettings) -> str:
    """One @misc entry, which every style knows; empty where the settings name no author."""
    if not dataset.authors:
        return ""
    address = f"{_HUB}{dataset.repo}" if dataset.repo else dataset.homepage
    fields = {
        "title": f"{{{_tex(dataset.title)}}}",
        "author": " and ".join(_bibtex_author(author) for author in dataset.authors),
        "year": dataset.released and str(dataset.released.year),
        "version": dataset.version,
        "doi": dataset.doi,
        "url": address,
    }
    lines = [f"  {name} = {{{value}}}," for name, value in fields.items() if value]
    key = re.sub(r"[^\w.-]", "-", f"{dataset.name}-{dataset.version}", flags=re.ASCII)
    return "\n".join([f"@misc{{{key},", *lines, "}"])


def _cff_author(author: Author) -> dict[str, str]:
    named = {"family-names": author.family, "given-names": author.given} if author.family else {"name": author.name}
    orcid = author.orcid and f"https://orcid.org/{author.orcid}"
    fields = {**named, "affiliation": author.affiliation, "orcid": orcid}
    return {key: value for key, value in fields.items() if value}


def _bibtex_author(author: Author) -> str:
    """Family and given names apart; the name of a body in braces, so that it is not taken apart."""
    if not author.family:
        return f"{{{_tex(author.name or '')}}}"
    return f"{_tex(author.family)}, {_tex(author.given)}" if author.given else _tex(author.family)


def _tex(text: str) -> str:
    return "".join(_TEX.get(sign, sign) for sign in text)
