"""Pages: what is shared, that values are text, and that a name without a value is an error."""

import re
from pathlib import Path

import pytest
from jinja2 import UndefinedError

from toolkit import page


@pytest.fixture
def room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A package with one page of its own."""
    folder = tmp_path / "room_of_the_test" / "templates"
    folder.mkdir(parents=True)
    (folder.parent / "__init__.py").touch()
    (folder / "own.html.j2").write_text(
        '{% extends "page.html.j2" %}{% from "parts.html.j2" import table %}{% block title %}{{ title }}{% endblock %}'
        '{% block content %}{{ table((head, rows), "N <1>", bars=bars) }}{% endblock %}',
        "utf-8",
    )
    monkeypatch.syspath_prepend(tmp_path)
    return "room_of_the_test"


def test_values_are_text_and_bars_lie_beside_their_rows(room: str) -> None:
    rows = [("<i>a", "1"), ("b", "2")]
    bars = [(0.25, [0.125, 0.5]), (None, None)]
    made = page.render(room, "own.html.j2", title="</title><script>", head=("name", "n"), rows=rows, bars=bars)
    assert made.startswith("<!doctype html>") and "<script" not in made and "<i>" not in made
    assert 'aria-label="N &lt;1&gt;"' in made and '<th scope="row">&lt;i&gt;a</th>' in made
    (bar,) = re.findall(r"<svg.*?</svg>", made, re.DOTALL)
    assert 'aria-label="&lt;i&gt;a 0.2500, 95 % interval 0.1250 to 0.5000"' in bar
    assert 'class="value" width="25.00%"' in bar and 'x1="12.50%" x2="50.00%"' in bar
    plain = page.render(room, "own.html.j2", title="", head=("name", "n"), rows=rows, bars=())
    assert "<svg" not in plain and "scale" not in plain.split("</style>")[1]


def test_a_page_allows_no_script_and_no_network(room: str) -> None:
    made = page.render(room, "own.html.j2", title="", head=(), rows=(), bars=())
    assert "content=\"default-src 'none'; style-src 'unsafe-inline'\"" in made
    assert "://" not in made and "url(" not in made and "@import" not in made


def test_a_name_without_a_value_is_an_error(room: str) -> None:
    with pytest.raises(UndefinedError, match="title"):
        page.render(room, "own.html.j2", head=(), rows=(), bars=())
