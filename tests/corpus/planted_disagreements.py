"""Ten composed articles that two annotators read, with every disagreement planted by hand."""

from collections.abc import Iterable
from dataclasses import replace

from corpus_texts import annotated, stored

from toolkit.annotation import Task
from toolkit.corpus.readings import Compared, compared_articles
from toolkit.schema import Schema

LINA, OMAR = NAMES = ("lina", "omar")
Markup = tuple[str, ...]

# Article: what lina marked, what omar marked; each a markup and its links.
PLANTED: dict[str, tuple[Markup, Markup]] = {
    "same": (
        ("زارت {PER#p سلمى الراوي} {GPE#g ريفاد} {DATE أمس}", "p VISITED g"),
        ("زارت {PER#p سلمى الراوي} {GPE#g ريفاد} {DATE أمس}", "g VISITED p left"),
    ),
    "boundary": (("قال {PER رامي عوسج} كلمته",), ("قال {PER رامي} عوسج كلمته",)),
    "clitic": (("رحبت {GPE بورينا} و{GPE لمارة}",), ("رحبت {GPE بورينا} {GPE ولمارة}",)),
    "clitics": (("شكرا لوفود {GPE بورينا} ول{GPE كالدونا}",), ("شكرا لوفود {GPE بورينا} و{GPE لكالدونا}",)),
    "label": (("اشترت {ORG المنوال} {FAC برج الريح}",), ("اشترت {GPE المنوال} {FAC برج الريح}",)),
    "missed-omar": (("وصل {PER زاهر سنبل} {DATE أمس}",), ("وصل {PER زاهر سنبل} أمس",)),
    "missed-lina": (("أعلن {ORG مجلس بورينا} ذلك",), ("أعلن {ORG مجلس {GPE بورينا}} ذلك",)),
    "relations": (
        (
            "التقى {PER#p سلمى} {PER#q رامي} في {GPE#g ريفاد} و{GPE#h لمارة}",
            *("p MET_WITH q", "p VISITED g", "g LOCATED_IN h", "q VISITED h"),
        ),
        (
            "التقى {PER#p سلمى} {PER#q رامي} في {GPE#g ريفاد} و{GPE#h لمارة}",
            *("q MET_WITH p", "p HEAD_OF g", "h LOCATED_IN g", "q VISITED g"),
        ),
    ),
    "both": (("أعلنت {ORG شركة بورينا} أرباحها",), ("أعلنت شركة {GPE بورينا} أرباحها",)),
    "argument": (
        ("غادر {PER#p هدى زنبق} {GPE#g ريفاد}", "p VISITED g"),
        ("غادر هدى {PER#p زنبق} {GPE#g ريفاد}", "p VISITED g"),
    ),
}


def read_by(article: str, *readings: Markup, names: Iterable[str] = NAMES) -> Task:
    """A task that several annotators read, each as a markup and links over the same text."""
    tasks = [annotated(markup, *links, article=article) for markup, *links in readings]
    assert len({task.text for task in tasks}) == 1, article
    annotations = [
        replace(task.annotations[0], id=f"{article}-{name}", annotator=name)
        for task, name in zip(tasks, names, strict=False)
    ]
    return replace(tasks[0], annotations=tuple(annotations))


def planted_tasks() -> list[Task]:
    return [read_by(article, *readings) for article, readings in PLANTED.items()]


def compared(schema: Schema, tasks: Iterable[Task]) -> list[Compared]:
    found, findings = compared_articles([stored(task) for task in tasks], schema)
    assert findings == []
    return found
