"""The HTML of Mastodon's posts as text."""

import pytest

from dashboard.core.post_text import MAX_TEXT_CHARACTERS
from dashboard.sources.mastodon_html import html_to_text


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("", ""),
        ("<p>One</p><p>Two</p>", "One\n\nTwo"),
        ("<p>One<br>Two<br/>Three<br />Four</p>", "One\nTwo\nThree\nFour"),
        ("<p>One</p>\n\n\n<p></p><p> Two </p>", "One\n\nTwo"),
        ('<a class="u-url mention" href="https://a.example/@b">@<span>b</span></a>', "@b"),
        ('<a class="mention hashtag" href="https://a.example/tags/c">#<span>c</span></a>', "#c"),
        ('<a rel="tag" href="https://a.example/tags/c">#c</a>', "#c"),
        ('<a href="https://a.example/b"><span class="invisible">https://</span>a.example/b</a>', "https://a.example/b"),
        ('<a href="https://a.example/long/way"><span class="ellipsis">a.example/lo</span></a>', "https://a.example/long/way"),
        ('<a href="https://a.example/long/way">a.example/lo…</a>', "https://a.example/long/way"),
        ('<a href="https://evil.example/">https://bank.example/</a>', "https://bank.example/ (https://evil.example/)"),
        ('<a href="https://a.example/?b=1&amp;c=2">there</a>', "there (https://a.example/?b=1&c=2)"),
        ('<a href="JaVaScRiPt:alert(1)">x</a>', "x"),
        ("<p>a<script>alert('<p>b</p>')</script>c</p>", "ac"),
        ("a<style>b</style>c<title>d</title>e", "ace"),
        ("<scr<script>ipt>alert(1)</script>", "ipt>alert(1)"),
        ("a<!-- b --><![CDATA[c]]><?php d ?>e", "ae"),
        ("&lt;b&gt; &amp;amp; &#x1F600; &quot;", '<b> &amp; \U0001f600 "'),
        ("1 < 2 > 0 & 3", "1 < 2 > 0 & 3"),
        ("<pre>if x:\n    y</pre>", "if x:\n    y"),
        ("<ul><li>a</li><li>b</li></ul>c", "a\nb\n\nc"),
        ('<p class="quote-inline">RE: <a href="https://a.example/1">x</a><br></p><p>Mine</p>', "Mine"),
        ("<table><tr><td>a</td></tr></table>", "a"),
        ("\ud800a\x00b\u200dc", "ab\u200dc"),
    ],
)
def test_html_becomes_text(html: str, text: str) -> None:
    """Paragraphs, links and mentions stay readable, and everything else is removed."""
    assert text == html_to_text(html)


@pytest.mark.parametrize(
    "piece", ["<", "<p>", "&", "<a href=https://a.example/>", "<!--", "<br>", " ", "<pre> ", "<li>\n", "<![CDATA[", "</", "<b "]
)
def test_a_megabyte_of_hostile_html_becomes_a_short_text(piece: str) -> None:
    """A parser with quadratic running time would take hours."""
    text = html_to_text(piece * (2**20 // len(piece)))
    assert len(text) <= MAX_TEXT_CHARACTERS
