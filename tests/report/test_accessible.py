"""The PDF page for a screen reader, by a checker of our own beside typst's, which notices what is broken."""

import pytest
import typst
from pypdf import PdfReader, PdfWriter
from pypdf.generic import ArrayObject, BooleanObject, DictionaryObject, NameObject, NumberObject

from tests.report.accessible import elements, faults
from twitchwatch.report.files import PAPERS
from twitchwatch.report.paper import CHINESE, pdf
from twitchwatch.report.words import LANGUAGES, sheet


@pytest.fixture(scope="module")
def page(full, tmp_path_factory):
    path = tmp_path_factory.mktemp("accessible") / "page.pdf"
    path.write_bytes(pdf(sheet(full, "en"), "a4"))
    return path


@pytest.mark.parametrize("paper", PAPERS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_each_page_is_accessible_on_one_sheet(full, tmp_path, language, paper):
    if language == "zh" and not set(CHINESE) & set(typst.Fonts().families()):
        pytest.skip("needs a font for Chinese, such as Debian's fonts-noto-cjk: make test-deps")
    path = tmp_path / "page.pdf"
    path.write_bytes(pdf(sheet(full, language), paper))
    assert faults(path) == []
    reader = PdfReader(path)
    assert reader.trailer["/Root"]["/Lang"].partition("-")[0] == language
    assert len(reader.pages) == 1


def of_kind(writer, kind):
    tree = writer.root_object["/StructTreeRoot"]
    return next(element for element, own, _ in elements(tree) if own == kind)


def without(name):
    return lambda writer: writer.root_object.pop(NameObject(name))


def unmarked(writer):
    writer.root_object["/MarkInfo"][NameObject("/Marked")] = BooleanObject(False)


def suspected(writer):
    writer.root_object["/MarkInfo"][NameObject("/Suspects")] = BooleanObject(True)


def metadata(old, new):
    def change(writer):
        stream = writer.root_object["/Metadata"].get_object()
        assert old in stream.get_data()
        stream.set_data(stream.get_data().replace(old, new))

    return change


def renamed(kind, name):
    def change(writer):
        of_kind(writer, kind)[NameObject("/S")] = NameObject(name)

    return change


def no_alternative(writer):
    del of_kind(writer, "Figure")["/Alt"]


def orphaned(writer):
    of_kind(writer, "H1")[NameObject("/K")] = ArrayObject([NumberObject(9999)])


def stray_parent(writer):
    of_kind(writer, "TR")[NameObject("/P")] = of_kind(writer, "H1").indirect_reference


def painted(more):
    def change(writer):
        content = writer.pages[0]["/Contents"].get_object()
        content.set_data(content.get_data() + more)

    return change


def form(writer):
    writer.root_object[NameObject("/AcroForm")] = DictionaryObject()


def fonts(writer):
    own = writer.pages[0]["/Resources"]["/Font"]
    return [font.get_object() for font in own.values()]


def no_characters(writer):
    del fonts(writer)[0]["/ToUnicode"]


def not_embedded(writer):
    described = fonts(writer)[0]["/DescendantFonts"][0].get_object()["/FontDescriptor"].get_object()
    for name in [name for name in described if name.startswith("/FontFile")]:
        del described[name]


@pytest.mark.parametrize(
    ("change", "number"),
    [
        (without("/StructTreeRoot"), "ISO 14289-1, 7.1"),
        (without("/Lang"), "11-001"),
        (without("/Metadata"), "06-001"),
        (without("/ViewerPreferences"), "07-001"),
        (unmarked, "ISO 14289-1, 6.2"),
        (suspected, "01-007"),
        (metadata(b"<pdfuaid:part>1<", b"<pdfuaid:part>2<"), "06-002"),
        (metadata(b"Twitch profile, ", b"</rdf:li><rdf:li>"), "06-003"),
        (renamed("H1", "/Heading"), "02-001"),
        (renamed("H1", "/H2"), "14-002"),
        (renamed("H2", "/H4"), "14-003"),
        (renamed("TD", "/P"), "09-004"),
        (renamed("LBody", "/P"), "09-005"),
        (no_alternative, "13-004"),
        (renamed("TD", "/TH"), "15-003"),
        (orphaned, "ISO 32000-1, 14.7.4"),
        (stray_parent, "ISO 32000-1, 14.7.2"),
        (painted(b"\n0 0 m 9 9 l S\n"), "01-005"),
        (painted(b"\n/P <</MCID 0>> BDC /Artifact BMC EMC EMC\n"), "01-003"),
        (painted(b"\n/Artifact BMC /P <</MCID 0>> BDC EMC EMC\n"), "01-004"),
        (form, "unchecked"),
        (no_characters, "10-001"),
        (not_embedded, "31-009"),
    ],
)
def test_what_is_broken_is_found(page, tmp_path, change, number):
    writer = PdfWriter(clone_from=page)
    change(writer)
    broken = tmp_path / "broken.pdf"
    writer.write(broken)
    assert number in {one.partition(":")[0] for one in faults(broken)}
