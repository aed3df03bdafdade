"""The computed answers of the datasheet. They use what the repository holds, never a withheld text, so that every
machine computes the same."""

import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import groupby
from statistics import median

from toolkit.corpus import agreement_pages
from toolkit.corpus.agreement import agreement
from toolkit.corpus.article import Article
from toolkit.corpus.assemble import Assembled, check
from toolkit.corpus.readings import compared_articles
from toolkit.corpus.statistics import Counts, count
from toolkit.corpus.store import annotation_files
from toolkit.files import file_sha256
from toolkit.markdown import markdown_table
from toolkit.project import SPLITS, Project
from toolkit.release.tables.rows import flat_losses
from toolkit.tokens import TOKENIZER, words
from toolkit.version import __version__


def regions(project: Project, made: Assembled) -> Mapping[str, Callable[[], str]]:
    """The renderer of each region, by name. `made` must come from the annotation files alone, without articles."""
    articles, schema = made.articles, project.schema
    return {
        "overview": lambda: _overview(articles, project),
        "splits": lambda: _splits(articles, project),
        "entity-labels": lambda: _by_label(articles, project, lambda counts: counts.by_label),
        "relation-labels": lambda: _by_label(articles, project, lambda counts: counts.by_relation),
        "fields": _fields(project),
        "flat-losses": lambda: _losses(articles, project),
        "sources": lambda: markdown_table(
            ("file", "sha256", "code points"),
            ((f"`{a.id}.txt`", f"`{a.sha256}`", a.length) for a in articles if a.meta.withheld),
        ),
        "annotators": lambda: _annotators(articles, project),
        "agreement": lambda: _agreement(project),
        "copies": lambda: _copies(made, project),
        "lengths": lambda: _lengths(articles),
        "software": lambda: markdown_table(
            ("what", "version"),
            (("tawsim", __version__), ("word tokenizer", f"`{TOKENIZER}`"), ("label schema", schema.version)),
        ),
        "guideline": lambda: f"`annotations/GUIDELINES.md`, sha256 `{file_sha256(project.guidelines)}`",
    }


def _slices(articles: Sequence[Article], project: Project) -> dict[str, Counts]:
    present = [split for split in SPLITS if any(article.split == split for article in articles)]
    return {s: count((a for a in articles if a.split == s), project.schema) for s in present}


def _overview(articles: Sequence[Article], project: Project) -> str:
    collections = sorted({article.meta.collection for article in articles})
    slices = {c: count((a for a in articles if a.meta.collection == c), project.schema) for c in collections}
    slices["all"] = count(articles, project.schema)
    head = ("collection", "articles", "events", "code points", "mentions", "of these nested", "relations")
    rows = ((n, c.articles, c.events, c.code_points, c.mentions, c.nested, c.relations) for n, c in slices.items())
    return markdown_table(head, rows)


def _splits(articles: Sequence[Article], project: Project) -> str:
    ordered = sorted(articles, key=lambda a: (SPLITS.index(a.split), a.meta.collection))
    rows = []
    for (split, collection), members in groupby(ordered, key=lambda a: (a.split, a.meta.collection)):
        counts = count(members, project.schema)
        rows.append((split, collection, counts.articles, counts.mentions, counts.relations))
    return markdown_table(("split", "collection", "articles", "mentions", "relations"), rows)


def _by_label(articles: Sequence[Article], project: Project, which: Callable[[Counts], Mapping[str, int]]) -> str:
    slices = {split: which(counts) for split, counts in _slices(articles, project).items()}
    total = which(count(articles, project.schema))
    rows = ((label, *(counts[label] for counts in slices.values()), n) for label, n in total.items())
    return markdown_table(("label", *slices, "all"), rows)


def _fields(project: Project) -> Callable[[], str]:
    def render() -> str:
        from toolkit.release.tables.records import column_types  # loads datasets, so only when a page is rendered

        rows = [
            (f"`{config}`", f"`{name}`", kind)
            for config, columns in column_types(project.schema).items()
            for name, kind in columns.items()
        ]
        return markdown_table(("config", "column", "type"), rows)

    return render


def _losses(articles: Sequence[Article], project: Project) -> str:
    losses = flat_losses(articles, project.schema)
    here = sum(len(article.entities) for article in articles if article.text is not None)
    rows = [
        (reason, sum(by_label.values()), ", ".join(f"{label} {n}" for label, n in by_label.items()))
        for reason, by_label in losses.items()
    ]
    lost = sum(sum(by_label.values()) for by_label in losses.values())
    head = f"Of {here} mentions in texts that the repository holds, the `ner` config leaves out {lost}."
    return f"{head}\n\n{markdown_table(('reason', 'mentions', 'of these'), rows)}"


def _annotators(articles: Sequence[Article], project: Project) -> str:
    rows = [
        (f"`{name}`", annotator.kind, annotator.description, sum(name in a.meta.annotators for a in articles))
        for name, annotator in project.labelstudio.annotators.items()
    ]
    return markdown_table(("annotator", "kind", "what it is", "articles"), rows)


def _agreement(project: Project) -> str:
    files = annotation_files(project.annotations, list(project.dataset.collections))
    stored, _ = check(project, files, [])
    compared, _ = compared_articles(stored, project.schema)
    head = f"Articles with annotations by two or more annotators: {len(compared)} of {len(stored)}."
    if not compared:
        return f"{head} So there is no figure of agreement."
    found = agreement(compared, project.schema)
    notes = "".join(f" {note}" for note in agreement_pages.notes(found))
    tables = (agreement_pages.figure_table(found), agreement_pages.label_table(found))
    return "\n\n".join([head + notes, *(markdown_table(*table) for table in tables)])


def _copies(made: Assembled, project: Project) -> str:
    rule = project.dataset.near_duplicates
    pairs: dict[tuple[str, str], list[float]] = {}
    for copy in made.copies:
        pairs.setdefault((copy.document, copy.other), []).append(copy.containment)
    split = {article.id: article.split for article in made.articles} | dict.fromkeys(
        made.assignment.held_back, "held back"
    )
    rows = [
        (f"`{one}`", f"`{two}`", len(found), f"{max(found):.2f}", split[one] if split[one] == split[two] else "differ")
        for (one, two), found in pairs.items()
    ]
    head = (
        f"Rule: paragraphs of at least {rule.min_words} words whose word {rule.ngram}-grams, on normalised text, have "
        f"a containment of at least {rule.containment}. Pairs among the texts that the repository holds: {len(pairs)}."
    )
    return f"{head}\n\n{markdown_table(('article', 'other', 'paragraph pairs', 'highest containment', 'split'), rows)}"


def _lengths(articles: Sequence[Article]) -> str:
    texts = [article.text for article in articles if article.text is not None]
    found = [text[start:end] for text in texts for start, end in words(text)]
    spelled = [word for word in found if any(char.isalpha() for char in word)]
    sizes = [len(text) for text in texts]
    counts = [len(words(text)) for text in texts]

    def share(matching: Iterable[str]) -> str:
        n = sum(1 for _ in matching)
        return f"{n} of {len(spelled)} ({n / len(spelled):.1%})" if spelled else "0 of 0"

    rows: list[Sequence[object]] = []
    for name, values in (("code points in an article", sizes), ("words in an article", counts)):
        rows.append((name, f"{min(values)} / {median(values):g} / {max(values)}" if values else "-"))
    rows.append(("words ending in ى", share(word for word in spelled if word.endswith("ى"))))
    rows.append(("words with diacritics", share(w for w in spelled if any(unicodedata.combining(char) for char in w))))
    rows.append(("words in Latin letters", share(w for w in spelled if w.isascii())))
    return markdown_table(("in texts that the repository holds", "minimum / median / maximum, or share"), rows)
