"""A project small enough to be published dozens of times, and what a release of it must have left on the Hub."""

from small_corpus import MARKET, TREATY, WIRE, write_project

TITLE = "Release v1.2.3"


def write_tiny(root, repository, **dataset):
    """One article with its text in train and in test, and a withheld one; the repository is lab/news."""
    settings = {"repo": "lab/news", **dataset}
    return write_project(root, repository, news=[TREATY, MARKET], withheld=[WIRE], dataset=settings)


def releases(repo, title=TITLE):
    """The commits of this title, on main or on their way to it."""
    return [commit for commit in repo.commits.values() if commit.title == title]


def assert_released_once(repo, folder, title=TITLE):
    """One commit and one tag, on main, with every byte of the folder."""
    (made,) = releases(repo, title)
    assert repo.tags == {title.removeprefix("Release "): made.id}
    assert made in list(repo.history("main"))
    assert_holds(made, folder)


def assert_holds(commit, folder):
    files = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
    assert {name for name, path in files.items() if commit.tree[name].data != path.read_bytes()} == set()
