"""A version's section in the changelog: computed, beside the maintainer's words, and the same when repeated."""

import pytest
from drawn_editions import TEXTS, article, edition
from hypothesis import given
from hypothesis import strategies as st

from toolkit.errors import DataError
from toolkit.release.changes.changelog import with_section
from toolkit.release.changes.changes import changes_between

OLD = edition([article("a", TEXTS[0], [(5, 8, "PER")], [], split="test")], ["PER"], [])
NEW = edition(
    [article("a", TEXTS[0], [(5, 8, "PER"), (14, 21, "PER")], [], split="test")], ["PER"], [], version="1.1.0"
)
CHANGES = changes_between(OLD, NEW)
COMPUTED = """\
<!-- computed: changes -->
Compared with 1.0.0:

- 1 mention added (PER 1).
- MINOR: 1 mention added in the test split.
- Scores are not comparable with those of before: 1 mention added in the test split.
<!-- end computed -->
"""
HISTORY = "# Changelog of the dataset\n\nWords in front.\n\n## 1.0.0\n\nالنسخة الأولى.\n"


def written(text, new=NEW):
    return with_section(text, OLD, new, CHANGES, "CHANGELOG.md")


def test_a_new_section_stands_before_the_others():
    expected = HISTORY.replace("## 1.0.0", f"## 1.1.0\n\n{COMPUTED}\n## 1.0.0")
    assert written(HISTORY) == expected


def test_a_changelog_that_is_not_there_gets_its_title():
    assert written("") == f"# Changelog of the dataset\n\n## 1.1.0\n\n{COMPUTED}"


def test_what_the_maintainer_wrote_in_the_section_stays_before_and_behind_the_computed_part():
    by_hand = HISTORY.replace("## 1.0.0", "## 1.1.0\n\nكالدونا صُحّحت.\n\n## 1.0.0")
    text = written(by_hand)
    assert text == HISTORY.replace("## 1.0.0", f"## 1.1.0\n\nكالدونا صُحّحت.\n\n{COMPUTED}\n## 1.0.0")
    behind = text.replace("<!-- end computed -->\n", "<!-- end computed -->\n\nMore words.\n")
    stale = behind.replace("1 mention added (PER 1)", "9 mentions added")
    assert written(stale) == behind


def test_sections_of_other_versions_keep_their_computed_part():
    text = written(HISTORY)
    again = with_section(text, OLD, edition(NEW.articles, ["PER"], [], version="1.2.0"), CHANGES, "")
    assert again.endswith(text[text.index("## 1.1.0") :])
    assert again.count("<!-- computed: changes -->") == 2


def test_a_longer_version_is_another_one():
    text = HISTORY.replace("## 1.0.0", "## 1.1.0.1 and 11.1.0\n\n## 1.0.0")
    assert written(text).index("## 1.1.0\n") < written(text).index("## 1.1.0.1")


def test_a_heading_with_a_date_is_the_same_section():
    text = HISTORY.replace("## 1.0.0", "## 1.1.0 (spring)\n\n## 1.0.0")
    assert written(text).count("## 1.1.0") == 1


@pytest.mark.parametrize("broken", ["<!-- computed: changes -->\n", "<!-- end computed -->\n", COMPUTED * 2])
def test_markers_that_do_not_pair_up_are_told_and_nothing_is_lost(broken):
    with pytest.raises(DataError, match=r"^CHANGELOG\.md: the markers of a computed region do not pair up"):
        written(HISTORY.replace("## 1.0.0", f"## 1.1.0\n\n{broken}\nWords.\n\n## 1.0.0"))


WORDS = st.lists(st.sampled_from(["كلمات", "## 1.0.0", "## 1.1.0", "## 0.9.0 x", "", "- a", "# T"]), max_size=8)


@given(WORDS)
def test_doing_it_twice_changes_nothing_and_no_line_is_lost(lines):
    text = "\n".join(lines)
    once = written(text)
    assert written(once) == once
    kept = iter(once.splitlines())
    assert all(line in kept for line in lines if line)
    assert once.count(COMPUTED) == 1
