"""Texts of strangers are shown in time, and load nothing."""

from __future__ import annotations

import itertools
import time

import pytest
from bs4 import BeautifulSoup

from ckanext.digifarm.lib import markdown

SPECIAL = "`[]()!*_~<>&\\#-+=|:.\"'\n \t{}$^@/1a;%w"

#: What more than two characters make.
WORDS = [
    *("](<", "[a](", "[a]:", "[](", "![](a)", "[![](", "[a](b)", "[^", "a["),
    *("**a", "*a_ ", "_a*", "**a** ", "*a **b ", "~~a", "<http:", "<a@b"),
    *(
        "<a",
        "<!--",
        "&#",
        "&amp;",
        "&lt;",
        "www.a.b ",
        "http://a.b/(",
        "a@b.c",
    ),
    *("> - ", "- > ", "1. > ", "1. ", "- - ", "\n- ", "\n> ", "\n1. "),
    *("\n\n- a\n  ", "\n```\n", "~~~\n", "\n    a", "\\\n", "[a]: b\n"),
    *("\n|\n-|-\n|", "|a|\n|-|\n", "\n|-", "<b>", "<i><b>", "<div>", "</p>"),
    *("<p><b>", "<b><p>", "<a href=x>", "<svg><p>", "<math>", "<a><h1>"),
    *("<table><td>", "<ul><li>", "<dl><dd>", "<blockquote>", "<details>"),
    *("<img src=x>", '<img alt="<h1>">', "<select><option>", "<ruby>"),
]

UNITS = sorted(
    {*SPECIAL, *map("".join, itertools.product(SPECIAL, repeat=2)), *WORDS}
)

#: The longest text of a field, in characters.
LENGTH = 10_000

#: How many times as long as that of a harmless text, at most: the hostile
#: ones that Python-Markdown can't bear take thousands of times as long.
SLOWER = 200


def seconds(text: str, expected: float = 0) -> float:
    """How long a text takes, at best of a few times.

    :param expected: so long is no surprise, which once is enough for
    """

    def once() -> float:
        start = time.perf_counter()
        markdown.render(text, 2)
        markdown.extract(text, 180)
        return time.perf_counter() - start

    first = once()
    return first if first <= expected else min(first, once(), once())


def test_no_text_takes_long():
    """Compared with a text of the same length, so that machines don't count.

    Each pair of special characters, and more, fills all of it.
    """
    harmless = min(seconds("Ein Satz. " * (LENGTH // 10)) for _ in range(5))
    longest = SLOWER * harmless
    slow = {
        unit: round(taken / harmless)
        for unit in UNITS
        if (taken := seconds((unit * LENGTH)[:LENGTH], longest)) > longest
    }

    assert slow == {}


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("", ""),
        ("  \n", ""),
        (
            "**fett** *k* `c`",
            (
                '<p dir="auto"><strong>fett</strong> <em>k</em>'
                " <code>c</code></p>\n"
            ),
        ),
        ("a\n\nb", '<p dir="auto">a</p>\n<p dir="auto">b</p>\n'),
        ("a<br>b", '<p dir="auto">a<br>b</p>\n'),
        ("1 < 2 & 3", '<p dir="auto">1 &lt; 2 &amp; 3</p>\n'),
        ("<script>x</script>", "\n"),
        (
            "a<style>p{}</style><iframe src=x></iframe>b",
            '<p dir="auto">ab</p>\n',
        ),
        (
            '<p style="x" onclick="x" dir="rtl">a</p>',
            '<p dir="auto">a</p>\n',
        ),
        ("~~weg~~", '<p dir="auto"><del>weg</del></p>\n'),
    ],
)
def test_html_that_is_left(text, html):
    assert markdown.render(text, 2) == html


REL = 'rel="nofollow noopener noreferrer ugc"'


@pytest.mark.parametrize(
    ("text", "html"),
    [
        (
            "![Ein Bild](https://else.example/a.gif?b=1&c=2)",
            (
                f'<a href="https://else.example/a.gif?b=1&amp;c=2" {REL}>'
                "Ein Bild</a>"
            ),
        ),
        (
            "![](https://else.example/a.gif)",
            (
                f'<a href="https://else.example/a.gif" {REL}>'
                "https://else.example/a.gif</a>"
            ),
        ),
        (
            "[![Bild](https://else.example/a.gif)](https://b.example)",
            f'<a href="https://b.example" {REL}>Bild</a>',
        ),
        (
            (
                '<img src="https://else.example/a.gif"'
                ' alt="x &gt; <h1>&quot;" onerror="x"'
                ' srcset="https://else.example/b.gif 2x">'
            ),
            (
                f'<a href="https://else.example/a.gif" {REL}>'
                "x &gt; &lt;h1&gt;&quot;</a>"
            ),
        ),
        ("<img alt=a>", "a"),
        ("![a](javascript:x)", "a"),
        ("![a](data:image/png;base64,x)", "a"),
        ("[a](javascript:x)", f"<a {REL}>a</a>"),
        ("<video src=//x.example></video>a", "a"),
        ('<a href="//x.example" ping="//y.example">a</a>', None),
        ("<svg><image href=//x.example></svg>", ""),
        ("![a][b]\n\n[b]: //x.example/i.png", None),
    ],
)
def test_nothing_is_loaded(text, html):
    shown = markdown.render(text, 2)
    soup = BeautifulSoup(shown, "html.parser")
    loading = {"src", "srcset", "poster", "data", "background", "style"}

    for tag in soup.find_all(True):
        assert not loading & {*tag.attrs}, shown
        assert tag.name in markdown.TAGS - {"img"}
    if html is not None:
        assert shown.strip() in {html, f'<p dir="auto">{html}</p>'}


@pytest.mark.parametrize(
    ("under", "levels"),
    [(1, [2, 3, 4, 5, 6, 6]), (3, [4, 5, 6, 6, 6, 6])],
)
def test_headings_are_below_the_page(under, levels):
    text = "\n".join(f"{'#' * level} {level}" for level in range(1, 7))
    shown = BeautifulSoup(markdown.render(text, under), "html.parser")
    html = BeautifulSoup(
        markdown.render("<h1>a</h1><h2>b</h2>", under), "html.parser"
    )

    assert [int(tag.name[1]) for tag in shown.find_all(True)] == levels
    assert [int(tag.name[1]) for tag in html.find_all(True)] == levels[:2]


def test_each_block_has_its_direction():
    shown = markdown.render("Deutsch\n\nעברית\n\n- عربي\n\n> a", 2)
    blocks = BeautifulSoup(shown, "html.parser").find_all(
        ["p", "li", "blockquote"]
    )

    assert len(blocks) == 5
    assert {block["dir"] for block in blocks} == {"auto"}


@pytest.mark.parametrize("nested", ["> ", "- ", "1. ", "> - "])
def test_what_is_nested_too_deeply_is_shown_as_written(nested):
    few, many = nested * 5 + "a", nested * 100 + "a"

    assert nested not in markdown.extract(few, 0)
    assert markdown.render(many, 2) == (
        '<p dir="auto">' + many.replace(">", "&gt;") + "</p>"
    )


@pytest.mark.parametrize(
    "text",
    [
        "|x" * 1600 + "|\n" + "|-" * 1600 + "|\n" + "a\n" * 1700,
        "|x|\n|-|\n" + "a\n" * 4000,
        "".join(f"<b a{n}>" for n in range(500)) + "<p>x" * 1200,
        "".join(f"<b a{n}></u>" for n in range(500)) + "<p>x" * 1000,
        "".join(f"<i a{n}>" for n in range(18)) + "<p>x" * 2000,
    ],
    ids=["wide table", "long table", "open", "ended by others", "few"],
)
def test_no_text_grows(text):
    """A page with some of them would have many millions of characters."""
    assert len(markdown.render(text, 2)) < 25 * len(text)


@pytest.mark.parametrize(
    ("text", "length", "plain"),
    [
        (None, 10, ""),
        ("**a** [b](c)", 10, "a b\n"),
        ("ein Wort und viele mehr", 15, "ein Wort und..."),
        ("ein Wort und viele mehr", 0, "ein Wort und viele mehr\n"),
        ("a &amp; <b>b</b><script>c</script>", 50, "a & b\n"),
    ],
)
def test_extract(text, length, plain):
    assert markdown.extract(text, length) == plain
