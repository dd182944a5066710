"""What a PDF lacks for a screen reader: conditions of PDF/UA-1 that a program can check.

Numbers such as 01-005 are failure conditions of the Matterhorn Protocol 1.1 (PDF Association, 2021);
others name the standard: ISO 14289-1 (PDF/UA-1) or ISO 32000-1 (PDF 1.7). Not checked: what needs eyes,
such as the order of reading and whether an alternative text is true; glyphs and character maps beyond
their presence; and what a report does not have (forms, layers, embedded files, scripts), which is
reported if it appears.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pypdf import PdfReader
from pypdf.generic import ContentStream, DictionaryObject

XMP = {
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "dc": "http://purl.org/dc/elements/1.1/",
    "pdfuaid": "http://www.aiim.org/pdfua/ns/id/",
}
# ISO 32000-1, 14.8.4.
STANDARD = {
    "Document", "Part", "Art", "Sect", "Div", "BlockQuote", "Caption", "TOC", "TOCI", "Index",
    "NonStruct", "Private", "P", "H", "H1", "H2", "H3", "H4", "H5", "H6", "L", "LI", "Lbl", "LBody",
    "Table", "TR", "TH", "TD", "THead", "TBody", "TFoot", "Span", "Quote", "Note", "Reference",
    "BibEntry", "Code", "Link", "Annot", "Ruby", "RB", "RT", "RP", "Warichu", "WT", "WP", "Figure",
    "Formula", "Form",
}  # fmt: skip
# What may stand in what: tables (09-004) and lists (09-005).
PARENTS = {
    "TR": {"Table", "THead", "TBody", "TFoot"},
    "THead": {"Table"},
    "TBody": {"Table"},
    "TFoot": {"Table"},
    "TH": {"TR"},
    "TD": {"TR"},
    "LI": {"L"},
    "Lbl": {"LI", "TOCI", "Note"},
    "LBody": {"LI"},
}
CHILDREN = {
    "Table": {"TR", "THead", "TBody", "TFoot", "Caption"},
    "TR": {"TH", "TD"},
    "L": {"L", "LI", "Caption"},
    "LI": {"Lbl", "LBody"},
}
# Operators that paint (ISO 32000-1, table 51).
PAINTS = frozenset(b"f F f* B B* b b* S s sh Do BI Tj TJ ' \"".split()) | {b"INLINE IMAGE"}
NOT_HERE = ("/AcroForm", "/OCProperties", "/OpenAction", "/AA", "/Names")


def faults(path: Path) -> list[str]:
    """The conditions that fail, by number; empty if none does."""
    reader = PdfReader(path)
    root = reader.trailer["/Root"]
    found = [*_document(reader, root), *_metadata(root)]
    if "/StructTreeRoot" not in root:
        return [*found, "ISO 14289-1, 7.1: no structure tree"]
    tree = root["/StructTreeRoot"]
    found += _structure(tree)
    for page in reader.pages:
        found += _content(reader, page, tree)
        found += _fonts(page["/Resources"].get_object())
        if page.get("/Annots") and page.get("/Tabs") != "/S":
            found.append("28-008: the order of tabs is not that of the structure")
    return found


def _true(given: DictionaryObject, key: str) -> bool:
    return key in given and bool(given[key].value)


def _document(reader: PdfReader, root: DictionaryObject) -> Iterator[str]:
    marks = root.get("/MarkInfo", {})
    if not _true(marks, "/Marked"):
        yield "ISO 14289-1, 6.2: not marked as tagged"
    if _true(marks, "/Suspects"):
        yield "01-007: suspects"
    if not _true(root.get("/ViewerPreferences", {}), "/DisplayDocTitle"):
        yield "07-001: the title is not what the window shows"
    if not root.get("/Lang"):
        yield "11-001: no language"
    if reader.is_encrypted:
        yield "26-001: encrypted"
    yield from (f"unchecked: has {key}" for key in NOT_HERE if key in root)


def _metadata(root: DictionaryObject) -> Iterator[str]:
    if "/Metadata" not in root:
        yield "06-001: no metadata"
        return
    xmp = ET.fromstring(root["/Metadata"].get_object().get_data().decode())
    title = xmp.find(".//dc:title/rdf:Alt/rdf:li", XMP)
    if title is None or not (title.text or "").strip():
        yield "06-003: no title"
    part = xmp.findtext(".//pdfuaid:part", namespaces=XMP)
    if part != "1":
        yield "06-002: does not claim to be PDF/UA-1"


def _below(element: DictionaryObject) -> list[Any]:
    own = element.get("/K")
    if own is None:
        return []
    own = own.get_object()
    return [one.get_object() for one in own] if isinstance(own, list) else [own]


def elements(tree: DictionaryObject) -> Iterator[tuple[DictionaryObject, str, DictionaryObject | None]]:
    """Each element with its standard type and the element that it is in, in order of reading."""
    roles = tree.get("/RoleMap", {})

    def walk(element: DictionaryObject, above: DictionaryObject | None) -> Iterator[Any]:
        kind = element.get("/S")
        if kind is not None:
            for _ in range(8):
                if kind.removeprefix("/") in STANDARD:
                    break
                kind = roles.get(kind, kind)
            yield element, kind.removeprefix("/"), above
        for one in _below(element):
            if isinstance(one, DictionaryObject):
                yield from walk(one, element if kind is not None else None)

    yield from walk(tree, None)


def _structure(tree: DictionaryObject) -> Iterator[str]:
    every = list(elements(tree))
    kinds = {id(element): kind for element, kind, _ in every}
    level = 0
    for element, kind, above in every:
        over = kinds.get(id(above), "")
        if kind not in STANDARD:
            yield f"02-001: {kind} is not mapped to a standard type"
        if kind in PARENTS and over not in PARENTS[kind]:
            yield f"{_syntax(kind)}: {kind} in {over or 'the root'}"
        if over in CHILDREN and kind not in CHILDREN[over]:
            yield f"{_syntax(over)}: {kind} in {over}"
        if element.get("/P") is None or (above is not None and element["/P"].get_object() != above):
            yield f"ISO 32000-1, 14.7.2: {kind} does not name the element that it is in"
        if kind == "Figure" and not (element.get("/Alt") or element.get("/ActualText")):
            yield "13-004: a figure without an alternative text"
        if kind == "TH" and not any("/Scope" in one for one in _attributes(element)):
            yield "15-003: a heading of a table without its scope"
        if kind[:1] == "H" and kind[1:].isdigit():
            if int(kind[1:]) > level + 1:
                yield f"14-003: {kind} after H{level}" if level else f"14-002: {kind} is the first heading"
            level = int(kind[1:])


def _syntax(kind: str) -> str:
    return "09-005" if kind[0] == "L" else "09-004"


def _attributes(element: DictionaryObject) -> list[Any]:
    own = element.get("/A")
    own = own.get_object() if own is not None else []
    return [one.get_object() for one in own] if isinstance(own, list) else [own]


def _content(reader: PdfReader, page: DictionaryObject, tree: DictionaryObject) -> Iterator[str]:
    """Each thing painted is an artifact, or belongs to an element that also names it."""
    owners = _owners(tree, page.get("/StructParents"))
    open_marks: list[str] = []
    for operands, operator in ContentStream(page["/Contents"].get_object(), reader).operations:
        if operator in (b"BDC", b"BMC"):
            tag = str(operands[0])
            number = operands[1].get("/MCID") if operator == b"BDC" else None
            if number is not None:
                if "/Artifact" in open_marks:
                    yield f"01-004: {tag} inside an artifact"
                element = owners[number] if number < len(owners) else None
                if element is None or number not in _below(element):
                    yield f"ISO 32000-1, 14.7.4: no element has content {number}"
            if tag == "/Artifact" and any(open_marks):
                yield "01-003: an artifact inside tagged content"
            open_marks.append(tag if tag == "/Artifact" or number is not None else "")
        elif operator == b"EMC":
            open_marks.pop()
        elif operator in PAINTS and not any(open_marks):
            yield f"01-005: {operator.decode()} is neither tagged nor an artifact"


def _owners(tree: DictionaryObject, key: int | None) -> list[DictionaryObject]:
    """The page's elements by the numbers of their content, from the tree of parents."""

    def pairs(node: DictionaryObject) -> Iterator[tuple[int, Any]]:
        numbers = node.get("/Nums", [])
        yield from zip(numbers[::2], numbers[1::2], strict=True)
        for one in node.get("/Kids", []):
            yield from pairs(one.get_object())

    own = dict(pairs(tree["/ParentTree"].get_object())) if "/ParentTree" in tree else {}
    return [one.get_object() for one in own[key].get_object()] if key in own else []


def _fonts(resources: DictionaryObject) -> Iterator[str]:
    """Of a page, and of the pictures on it."""
    fonts = resources.get("/Font", DictionaryObject()).get_object()
    for name, font in fonts.items():
        own = font.get_object()
        if "/ToUnicode" not in own:
            yield f"10-001: {name} does not say which characters its glyphs are"
        for one in own.get("/DescendantFonts", [own]):
            described = one.get_object().get("/FontDescriptor", {})
            if not {"/FontFile", "/FontFile2", "/FontFile3"} & set(described):
                yield f"31-009: {name} is not embedded"
    for picture in resources.get("/XObject", DictionaryObject()).get_object().values():
        within = picture.get_object().get("/Resources")
        if within is not None:
            yield from _fonts(within.get_object())
