"""Label Studio's labelling page in a real browser, driven as a person drives it: keys, mouse, buttons."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Page, StorageState, expect
from studio_server import EMAIL, PASSWORD, Studio

expect.set_options(timeout=20_000)
# Where the letters of a mention inside of its word are on the screen: left, right and middle line.
PLACE = """([context, mention]) => {
  const texts = document.createTreeWalker(document.querySelector('.lsf-htx-richtext'), NodeFilter.SHOW_TEXT);
  const nodes = [];
  while (texts.nextNode()) nodes.push(texts.currentNode);
  const node = nodes.find(node => node.data.includes(context));
  const start = node.data.indexOf(context) + context.indexOf(mention);
  const range = document.createRange();
  range.setStart(node, start);
  range.setEnd(node, start + mention.length);
  const box = range.getBoundingClientRect();
  return [box.left, box.right, box.top + box.height / 2];
}"""


def logged_in(browser: Browser, studio: Studio) -> StorageState:
    """What keeps the annotation lead logged in."""
    page = browser.new_page(base_url=studio.url)
    page.goto("/user/login/")
    page.fill("input[name=email]", EMAIL)
    page.fill("input[name=password]", PASSWORD)
    page.click("button[type=submit]")
    page.wait_for_url(lambda url: "login" not in url, wait_until="commit")
    state = page.context.storage_state()
    page.close()
    return {"cookies": state["cookies"]}


@contextmanager
def new_page(browser: Browser, studio: Studio, cookies: StorageState) -> Iterator[Page]:
    """A page of the annotation lead's, with the editor as it is on the first visit."""
    page = browser.new_page(base_url=studio.url, storage_state=cookies, viewport={"width": 1400, "height": 900})
    page.set_default_timeout(20_000)
    yield page
    page.close()


def open_task(page: Page, studio: Studio, project: int, task: int) -> None:
    """Opens a task of a project for labelling."""
    # Without a tab of its own, a new project's page loads the task twice, and what is marked in between is lost.
    tab = studio.json("POST", "/api/dm/views/", {"project": project, "data": {"title": "page"}})["id"]
    page.goto(f"/projects/{project}/data?tab={tab}&task={task}")
    page.wait_for_selector(".lsf-htx-richtext")
    # A label that is picked while the page still loads can be lost.
    page.wait_for_load_state("networkidle")


def mark(page: Page, hotkey: str, mention: str, within: str = "", until: str = "") -> None:
    """Picks a label by its key and drags the mouse over the letters of a mention, from right to left.

    `within` tells the mention from others like it; a mention of several lines goes on until the end of `until`.
    """
    highlights = page.locator(".htx-highlight")
    before = highlights.count()
    page.keyboard.press(hotkey)
    expect(page.locator(".lsf-label_selected .lsf-label__hotkey")).to_have_text(hotkey)
    left, right, middle = page.evaluate(PLACE, [within or mention, mention])
    page.mouse.move(right - 1, middle)
    page.mouse.down()
    if until:
        left, _, middle = page.evaluate(PLACE, [until, until])
    page.mouse.move(left + 1, middle, steps=8)
    page.mouse.up()
    expect(highlights).not_to_have_count(before)


def relate(page: Page, head: str, tail: str, label: str, offered: list[str]) -> None:
    """Draws a relation from one marked mention to another and picks its label among those that are `offered`."""
    highlights = page.locator(".htx-highlight")
    first = highlights.filter(has_text=head)
    first.click()
    expect(first).to_have_class(re.compile("__active"))
    page.keyboard.press("Alt+r")
    highlights.filter(has_text=tail).click()
    page.get_by_text("Relations", exact=True).first.click()
    drawn = page.locator(".lsf-relations__item")
    expect(drawn).to_have_count(1)
    drawn.hover()
    drawn.get_by_label("Show Relation Labels").click()
    drawn.locator(".lsf-relation-meta button").click()
    options = page.get_by_role("option")
    expect(options).to_have_text(offered)
    options.filter(has_text=label).click()
    page.keyboard.press("Escape")


def submit(page: Page) -> None:
    """Submits the annotation; fails where the server does not take it."""
    with page.expect_response(
        lambda answer: answer.request.method == "POST" and "/annotations" in answer.url
    ) as posted:
        page.get_by_role("button", name="Submit").click()
    assert posted.value.status == 201
