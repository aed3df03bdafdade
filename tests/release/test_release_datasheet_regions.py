"""The computed answers of the datasheet, against counts taken from the rows, the annotation files and the texts."""

import hashlib
import json
import statistics
import unicodedata
from collections import Counter
from itertools import combinations

import pytest
from recount import losses_by_hand, markdown_tables, nested_by_hand, parquet_rows
from small_corpus import CALM, HARBOUR, MARKET, MARKET_AGAIN, WITHHELD, compose, write_project

from toolkit import __version__
from toolkit.corpus.assemble import assemble
from toolkit.normalise import comparison_words
from toolkit.project import SPLITS
from toolkit.release.pages.datasheet_regions import regions
from toolkit.tokens import TOKENIZER

NAMES = {
    "agreement",
    "annotators",
    "copies",
    "entity-labels",
    "fields",
    "flat-losses",
    "guideline",
    "lengths",
    "overview",
    "relation-labels",
    "software",
    "sources",
    "splits",
}


@pytest.fixture(scope="session", params=["small", "own"])
def sheet(request):
    """A dataset without withheld texts, and its rendered regions."""
    built = request.getfixturevalue(request.param)
    compute = regions(built.project, assemble(built.project, []))
    return built, {name: render() for name, render in compute.items()}


def table_of(text):
    (table,) = markdown_tables(text)
    return [dict(zip(table[0], row, strict=True)) for row in table[1:]]


def articles_of(built):
    """Stand-off rows with what the manifest says of each article."""
    return [{**built.manifest["documents"][row["id"]], **row} for row in parquet_rows(built.folder, "standoff")]


def test_every_region_is_rendered(sheet):
    _, rendered = sheet
    assert set(rendered) == NAMES
    for name, text in rendered.items():
        assert text.strip()
        assert "None" not in text.split(), name
        assert not {"nan", "{", "}"} & set(text.replace("|", " ").split()) or name == "fields"


def test_overview(sheet):
    built, rendered = sheet
    rows = {row["collection"]: row for row in table_of(rendered["overview"])}
    articles = articles_of(built)
    collections = sorted({article["collection"] for article in articles})
    assert list(rows) == [*collections, "all"]
    for name, row in rows.items():
        here = [article for article in articles if name in ("all", article["collection"])]
        events = {article["event"] for article in here if article["event"]}
        assert {key: int(value) for key, value in row.items() if key != "collection"} == {
            "articles": len(here),
            "events": len(events) + sum(not article["event"] for article in here),
            "code points": sum(article["length"] for article in here),
            "mentions": sum(len(article["entities"]) for article in here),
            "of these nested": sum(nested_by_hand(article["entities"]) for article in here),
            "relations": sum(len(article["relations"]) for article in here),
        }


def test_splits(sheet):
    built, rendered = sheet
    rows = table_of(rendered["splits"])
    articles = articles_of(built)
    expected = []
    for split in SPLITS:
        for name in sorted({article["collection"] for article in articles if article["split"] == split}):
            here = [a for a in articles if (a["split"], a["collection"]) == (split, name)]
            mentions, relations = (sum(len(a[part]) for a in here) for part in ("entities", "relations"))
            expected.append([split, name, str(len(here)), str(mentions), str(relations)])
    assert [list(row.values()) for row in rows] == expected


@pytest.mark.parametrize("part", ["entities", "relations"])
def test_labels_by_split(part, sheet):
    built, rendered = sheet
    rows = table_of(rendered["entity-labels" if part == "entities" else "relation-labels"])
    assert [row["label"] for row in rows] == list(getattr(built.project.schema, part))
    counts = Counter((a["split"], item["label"]) for a in articles_of(built) for item in a[part])
    for row in rows:
        by_split = {split: counts[split, row["label"]] for split in SPLITS}
        assert {key: int(value) for key, value in row.items() if key != "label"} == {
            **by_split,
            "all": sum(by_split.values()),
        }
    assert sum(int(row["all"]) for row in rows) == counts.total()


def test_fields_are_the_columns_that_load(sheet, load):
    built, rendered = sheet
    columns = [(row["config"].strip("`"), row["column"].strip("`")) for row in table_of(rendered["fields"])]
    configs = ("documents", "ner", "relations", "standoff")
    assert columns == [(c, name) for c in configs for name in load(built.folder, c, split="train").column_names]


def test_flat_losses(sheet):
    built, rendered = sheet
    losses = losses_by_hand(built.folder, built.manifest["labels"])
    rows = {row["reason"]: row for row in table_of(rendered["flat-losses"])}
    assert {reason: int(row["mentions"]) for reason, row in rows.items()} == {
        reason: sum(by_label.values()) for reason, by_label in losses.items()
    }
    for reason, by_label in losses.items():
        assert rows[reason]["of these"] == ", ".join(f"{label} {n}" for label, n in sorted(by_label.items()))
    mentions = sum(len(row["entities"]) for row in parquet_rows(built.folder, "documents"))
    lost = sum(sum(by_label.values()) for by_label in losses.values())
    assert f"Of {mentions} mentions in texts" in rendered["flat-losses"]
    assert f"leaves out {lost}." in rendered["flat-losses"]


def test_sources_are_the_bytes_that_were_annotated(small):
    rows = table_of(regions(small.project, assemble(small.project, []))["sources"]())
    assert [list(row.values()) for row in rows] == [
        [f"`{task.article_id}.txt`", f"`{hashlib.sha256(task.text.encode()).hexdigest()}`", str(len(task.text))]
        for task in WITHHELD
    ]


def test_sources_of_the_repository_are_the_articles(own, articles):
    rows = table_of(regions(own.project, assemble(own.project, []))["sources"]())
    files = {f"`{path.name}`": path.read_bytes() for path in articles.glob("*.txt")}
    assert rows
    for row in rows:
        data = files[row["file"]]
        assert row["sha256"] == f"`{hashlib.sha256(data).hexdigest()}`"
        assert row["code points"] == str(len(data.decode()))


def test_annotators(sheet):
    built, rendered = sheet
    worked: Counter[str] = Counter()
    for article in articles_of(built):
        path = built.project.annotations / article["collection"] / f"{article['id']}.json"
        worked.update({row["completed_by"] for row in json.loads(path.read_bytes())["annotations"]})
    rows = table_of(rendered["annotators"])
    declared = built.project.labelstudio.annotators
    assert [row["annotator"].strip("`") for row in rows] == list(declared)
    for row in rows:
        name = row["annotator"].strip("`")
        assert (row["kind"], row["what it is"]) == (declared[name].kind, declared[name].description)
        assert int(row["articles"]) == worked[name]


def test_copies(sheet):
    built, rendered = sheet
    rule = built.project.dataset.near_duplicates
    grams = {}
    for row in parquet_rows(built.folder, "documents"):
        for number, paragraph in enumerate(row["text"].split("\n")):
            words = comparison_words(paragraph)
            if len(words) >= rule.min_words:
                grams[row["id"], number] = {" ".join(words[i : i + 3]) for i in range(len(words) - 2)}
    assert rule.ngram == 3
    pairs: dict[tuple[str, str], list[float]] = {}
    for one, two in combinations(sorted(grams), 2):
        share = len(grams[one] & grams[two]) / min(len(grams[one]), len(grams[two]))
        if one[0] != two[0] and share >= rule.containment:
            pairs.setdefault((one[0], two[0]), []).append(share)
    split = {row["id"]: row["split"] for row in parquet_rows(built.folder, "documents")}
    assert [list(row.values()) for row in table_of(rendered["copies"])] == [
        [
            f"`{one}`",
            f"`{two}`",
            str(len(found)),
            f"{max(found):.2f}",
            split[one] if split[one] == split[two] else "differ",
        ]
        for (one, two), found in pairs.items()
    ]
    assert f"holds: {len(pairs)}." in rendered["copies"]


def test_the_copied_paragraph_of_the_small_corpus_is_found(small):
    (row,) = table_of(regions(small.project, assemble(small.project, []))["copies"]())
    assert list(row.values()) == ["`market-01`", "`market-02`", "1", "1.00", "test"]


def test_the_highest_of_several_containments_is_told(tmp_path, repository):
    whole = "باع تجار سوق الغزل كل ما لديهم من القماش قبل المساء."
    partly = "وصلت ثلاث سفن محملة بالقمح إلى الرصيف القديم عند الفجر"
    one = compose("one", f"{whole}\n{partly} ثم عادت فارغة.")
    two = compose("two", f"{partly} ولم تعد بعد ذلك قط.\n{whole}")
    project = write_project(tmp_path / "project", repository, news=[one, two], withheld=())
    (row,) = table_of(regions(project, assemble(project, []))["copies"]())
    assert (row["paragraph pairs"], row["highest containment"]) == ("2", "1.00")


def test_spelling_is_counted_in_words(tmp_path, repository):
    text = compose("spelling", "على مدى الأيام كَتَبَ Blue 7 عن مستشفىات ريفاد، 3 مرات!")
    project = write_project(tmp_path / "project", repository, news=[text], withheld=())
    rows = {row[0]: row[1] for row in markdown_tables(regions(project, assemble(project, []))["lengths"]())[0][1:]}
    assert rows["words in an article"] == "13 / 13 / 13"
    assert rows["words ending in ى"] == "2 of 9 (22.2%)"
    assert rows["words with diacritics"] == "1 of 9 (11.1%)"
    assert rows["words in Latin letters"] == "1 of 9 (11.1%)"


def test_lengths(sheet):
    built, rendered = sheet
    values = {row[0]: row[1] for (table,) in [markdown_tables(rendered["lengths"])] for row in table[1:]}
    texts = {row["id"]: row["text"] for row in parquet_rows(built.folder, "documents")}
    tokens: dict[str, list[str]] = {}
    for row in parquet_rows(built.folder, "ner"):
        tokens.setdefault(row["document_id"], []).extend(row["tokens"])

    def three(sizes):
        return f"{min(sizes)} / {statistics.median(sizes):g} / {max(sizes)}"

    def share(predicate):
        spelled = [token for found in tokens.values() for token in found if any(char.isalpha() for char in token)]
        number = sum(map(predicate, spelled))
        return f"{number} of {len(spelled)} ({100 * number / len(spelled):.1f}%)"

    assert values == {
        "code points in an article": three([len(text) for text in texts.values()]),
        "words in an article": three([len(found) for found in tokens.values()]),
        "words ending in ى": share(lambda token: token[-1] == "ى"),
        "words with diacritics": share(lambda token: any(unicodedata.category(char) == "Mn" for char in token)),
        "words in Latin letters": share(lambda token: max(token) < "\x80"),
    }


def test_software_and_guideline(sheet):
    built, rendered = sheet
    assert {row["what"]: row["version"] for row in table_of(rendered["software"])} == {
        "tawsim": __version__,
        "word tokenizer": f"`{TOKENIZER}`",
        "label schema": str(built.project.schema.version),
    }
    assert hashlib.sha256(built.project.guidelines.read_bytes()).hexdigest() in rendered["guideline"]


def test_no_word_of_a_withheld_text_is_rendered(small):
    made = assemble(small.project, [])
    text = "\n".join(render() for render in regions(small.project, made).values())
    words = {word for task in WITHHELD for word in task.text.split() if len(word) > 3}
    assert words
    assert not [word for word in words if word in text]


def test_articles_that_are_held_back_are_told_among_the_copies(tmp_path, repository):
    pinned = {"harbour": "train", "market-01": "train", "market-03": "test"}
    third = compose("market-03", MARKET.text.splitlines()[1])
    news = [HARBOUR, MARKET, MARKET_AGAIN, third]
    project = write_project(tmp_path / "project", repository, news=news, withheld=(), splits=pinned)
    made = assemble(project, [])
    assert made.assignment.held_back == ("market-02",)
    rows = table_of(regions(project, made)["copies"]())
    assert [list(row.values())[:2] + list(row.values())[-1:] for row in rows] == [
        ["`market-01`", "`market-02`", "differ"],
        ["`market-01`", "`market-03`", "differ"],
        ["`market-02`", "`market-03`", "differ"],
    ]


def test_a_project_with_next_to_nothing_renders_every_region(tmp_path, repository):
    empty = write_project(tmp_path / "one", repository, news=[CALM], withheld=(), labels={"relations": {}})
    only_standoff = write_project(tmp_path / "two", repository, news=())
    for project in (empty, only_standoff):
        rendered = {name: render() for name, render in regions(project, assemble(project, [])).items()}
        assert set(rendered) == NAMES
        for text in rendered.values():
            markdown_tables(text)
        assert "leaves out 0." in rendered["flat-losses"]
    assert "0 of 0" in rendered["lengths"]


def test_a_bar_or_a_line_break_in_a_description_stays_in_its_cell(tmp_path, repository):
    project = write_project(tmp_path / "project", repository)
    path = project.root / "configs" / "labelstudio.yaml"
    path.write_text(path.read_text("utf-8").replace("Reads twice.", '"Reads | twice,\\n  slowly"'), encoding="utf-8")
    rows = table_of(regions(project, assemble(project, []))["annotators"]())
    assert [row["what it is"] for row in rows if row["annotator"] == "`reader-2`"] == [r"Reads \| twice, slowly"]


def test_regions_do_not_depend_on_texts_that_one_machine_has(small, wire_folder, monkeypatch):
    before = {name: render() for name, render in regions(small.project, assemble(small.project, [])).items()}
    monkeypatch.setenv("TAWSIM_ARTICLES", str(wire_folder))
    assert {name: render() for name, render in regions(small.project, assemble(small.project, [])).items()} == before
