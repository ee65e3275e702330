"""What a page is made of, as a screen reader meets it."""

from __future__ import annotations

from html.parser import HTMLParser


class Outline(HTMLParser):
    """Tags with attributes, headings with text, and all text of one document."""

    def __init__(self, html):
        super().__init__(convert_charrefs=True)
        self.tags = []
        self.headings = []
        self.text = []
        self._open = None
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag in ("h1", "h2", "h3"):
            self._open = [tag, ""]

    def handle_endtag(self, tag):
        if self._open and tag == self._open[0]:
            self.headings.append((tag, " ".join(self._open[1].split())))
            self._open = None

    def handle_data(self, data):
        self.text.append(data)
        if self._open:
            self._open[1] += data

    def all(self, tag):
        return [attributes for name, attributes in self.tags if name == tag]

    @property
    def words(self):
        return " ".join(" ".join(self.text).split())
