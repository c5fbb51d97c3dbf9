"""HTML as plain text with its headings marked, for prose files and for the text cells of coverage exports."""

from __future__ import annotations

import re
from html.parser import HTMLParser

__all__ = ["markdown_of"]

_BLOCKS = frozenset({"p", "div", "br", "tr", "li", "ul", "ol", "table", "section", "article", "blockquote", "dd", "dt"})
_SILENT = frozenset({"script", "style", "head", "nav", "footer"})


def markdown_of(html: str) -> str:
    """Return the text of ``html``: headings as ``#`` lines, list items as ``- ``, table cells joined by `` | ``, paragraphs apart."""
    parser = _Text()
    parser.feed(html)
    parser.close()
    lines = (" ".join(line.split()) for line in "".join(parser.parts).split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SILENT:
            self._silent += 1
        elif re.fullmatch(r"h[1-6]", tag):
            self.parts.append(f"\n\n{'#' * int(tag[1])} ")
        elif tag == "li":
            self.parts.append("\n- ")
        elif tag in ("td", "th"):
            self.parts.append(" | ")
        elif tag in _BLOCKS:
            self.parts.append("\n\n" if tag == "p" else "\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in _SILENT:
            self._silent = max(0, self._silent - 1)
        elif re.fullmatch(r"h[1-6]", tag) or tag == "p":
            self.parts.append("\n\n")
        elif tag in _BLOCKS:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.parts.append(data.replace("\n", " ") if data.strip() else " ")
