"""Markdown as a reader meets it: prose, headings, links, code spans."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from itertools import pairwise

from markdown_it import MarkdownIt
from markdown_it.token import Token


@cache
def _parser() -> MarkdownIt:
    return MarkdownIt("commonmark").enable("table")


def _inlines(content: str) -> Iterator[tuple[int, list[Token]]]:
    """Each run of inline tokens with its line. Rows of a table have that of the row."""
    line = 1
    for token in _parser().parse(content):
        if token.map:
            line = token.map[0] + 1
        if token.type == "inline":
            yield line, token.children or []


def prose(content: str) -> Iterator[tuple[int, str]]:
    """Text outside code, a paragraph or a cell at a time, with its line."""
    for line, tokens in _inlines(content):
        yield (
            line,
            "".join(
                one.content if one.type == "text" else " " for one in tokens if one.type != "html_inline"
            ),
        )


def links(content: str) -> Iterator[tuple[int, str]]:
    """Targets of links and pictures, with their lines."""
    for line, tokens in _inlines(content):
        for one in tokens:
            target = one.attrs.get("href") or one.attrs.get("src")
            if target:
                yield line, str(target)


def code(content: str) -> Iterator[tuple[int, str]]:
    """Code spans, with their lines."""
    for line, tokens in _inlines(content):
        yield from ((line, one.content) for one in tokens if one.type == "code_inline")


def anchors(content: str) -> set[str]:
    """Anchors of the headings, by the rule of the common repository hosts; a repeated one has -1, -2 ..."""
    seen: Counter[str] = Counter()
    names = set()
    tokens = _parser().parse(content)
    for before, token in pairwise(tokens):
        if before.type == "heading_open":
            text = "".join(one.content for one in token.children or [] if one.type in ("text", "code_inline"))
            name = re.sub(r"[^\w\- ]", "", text.strip().lower()).replace(" ", "-")
            names.add(f"{name}-{seen[name]}" if seen[name] else name)
            seen[name] += 1
    return names
