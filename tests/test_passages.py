"""Documents of every kind, good and damaged: they become passages, or are named once with the reason."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from selfinstruct import run
from selfinstruct.errors import UsageError
from selfinstruct.passages import packed
from selfinstruct.passages.blocks import Block, of_markdown, of_text
from selfinstruct.passages.clean import cleaned
from selfinstruct.passages.cutting import is_writing, passages_of, sentences, size
from selfinstruct.passages.pages import of_page
from selfinstruct.passages.reading import Passages, passages_in
from selfinstruct.task import Task, task_to_row

pytest.importorskip("pypdf")
pytest.importorskip("selectolax")

FERRY = (
    "The ferry at Marrow Point crossed the inlet from 1911 until 1964, when the bridge was opened. Its last captain "
    "kept a log of every crossing in bad weather, and the log is in the town's museum."
)
KEEPERS = (
    "Lighthouse keepers were paid 340 crowns a year and were given coal, lamp oil and a boat. Inspectors came in April "
    "and in October; nobody was told on which day."
)
FERRY_ZH = (
    "马罗角的渡船从1911年开到1964年，大桥通车以后停航。最后一任船长每逢坏天气都写航海日志，日志如今收在镇上的博物馆里。"
)


def saved(path: Path, content: str | bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def texts(found: Passages) -> list[str]:
    return [task.extra["passage"] for task in found]


# Kinds of files


def pdf(*pages: list[str], encrypted: bool = False) -> bytes:
    """A PDF of such lines: no more than it takes."""
    objects = [b"<< /Type /Catalog /Pages 2 0 R >>", b"", b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"]
    kids = []
    for lines in pages:
        drawn = "BT /F1 11 Tf 60 780 Td 14 TL\n" + "\n".join(f"({line}) Tj T*" for line in lines) + "\nET"
        objects.append(f"<< /Length {len(drawn)} >>\nstream\n{drawn}\nendstream".encode())
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {len(objects)} 0 R "
            "/Resources << /Font << /F1 3 0 R >> >> >>".encode()
        )
        kids.append(f"{len(objects)} 0 R")
    objects[1] = f"<< /Type /Pages /Kids [{' '.join(kids)}] /Count {len(kids)} >>".encode()
    made, places = bytearray(b"%PDF-1.4\n"), []
    for number, body in enumerate(objects, 1):
        places.append(len(made))
        made += f"{number} 0 obj\n".encode() + body + b"\nendobj\n"
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    end = (
        f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}trailer << /Size {len(objects) + 1} /Root 1 0 R >>\n"
    )
    whole = bytes(made) + end.encode() + f"startxref\n{len(made)}\n%%EOF\n".encode()
    if not encrypted:
        return whole
    import pypdf

    writer, out = pypdf.PdfWriter(clone_from=io.BytesIO(whole)), io.BytesIO()
    writer.encrypt("secret", algorithm="RC4-128")
    writer.write(out)
    return out.getvalue()


def page_of(number: int) -> list[str]:
    """A page with a running head, a number at its foot, and a word that a line end cuts in two."""
    return [
        "Harbour Almanac",
        f"In the year {1900 + number} the ferry at Marrow Point carried more passengers across the",
        f"inlet than in any year before it, {number} of them on the day of the regatta. Its cap-",
        f"tain kept a log of every crossing in bad weather, and {number} sheets of it are in the museum.",
        f"Page {number} of 9",
    ]


def docx(body: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        space = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
        archive.writestr("word/document.xml", f'<w:document xmlns:w="{space}"><w:body>{body}</w:body></w:document>')
        archive.writestr(
            "word/styles.xml",
            f'<w:styles xmlns:w="{space}"><w:style w:styleId="2"><w:name w:val="heading 1"/></w:style></w:styles>',
        )
    return out.getvalue()


def paragraph(text: str, style: str = "") -> str:
    styled = f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>' if style else ""
    return f"<w:p>{styled}<w:r><w:t>{text}</w:t></w:r></w:p>"


WORD = docx(
    paragraph("The ferry", "2")
    + paragraph(FERRY)
    + "<w:tbl><w:tr><w:tc>"
    + paragraph("Port")
    + "</w:tc><w:tc>"
    + paragraph("Depth")
    + "</w:tc></w:tr></w:tbl>"
    + "<w:p><w:del><w:r><w:delText>gone</w:delText></w:r></w:del><w:r><w:instrText>PAGE 3</w:instrText></w:r></w:p>"
)


def epub(*chapters: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("META-INF/container.xml", '<c><rootfiles><rootfile full-path="in/b.opf"/></rootfiles></c>')
        items = "".join(f'<item id="c{n}" href="t%20{n}.xhtml"/>' for n in range(len(chapters)))
        refs = "".join(f'<itemref idref="c{n}"/>' for n in reversed(range(len(chapters))))
        archive.writestr(
            "in/b.opf",
            '<package xmlns="http://www.idpf.org/2007/opf"><metadata xmlns:dc="http://purl.org/dc/elements/1.1/">'
            f"<dc:title>A book</dc:title></metadata><manifest>{items}</manifest><spine>{refs}</spine></package>",
        )
        for number, chapter in enumerate(chapters):
            archive.writestr(f"in/t {number}.xhtml", chapter)
    return out.getvalue()


PAGE = f"""<!doctype html><html><head><title>Almanac | Coast Society</title><style>p {{}}</style></head><body>
<header class="site-header"><a href="/">Home</a></header><nav><ul><li><a href="/1">One</a></li></ul></nav>
<div class="cookie-banner">We use cookies.</div><main><h1>Harbour almanac</h1><h2>The ferry</h2><p>{FERRY}</p>
<p hidden>Not to be seen.</p><ul><li>Bring a <b>rope</b>.</li><li>Bring a lamp with <a href="x">oil</a>.</li></ul>
<table><tr><th>Port</th><th>Depth</th></tr><tr><td>Tell</td><td>12 m</td></tr></table><pre>depth = 7
print(depth)</pre><div class="share-buttons">Share this</div></main><footer>All rights reserved.</footer>
<script>var x = 1</script></body></html>"""


def test_a_page_without_what_stands_around_it() -> None:
    assert list(of_page(PAGE)) == [
        Block("title", "Harbour almanac"),
        Block("heading", "Harbour almanac", 1),
        Block("heading", "The ferry", 2),
        Block("text", FERRY),
        Block("text", "- Bring a rope.\n- Bring a lamp with oil."),
        Block("table", "| Port | Depth |\n| Tell | 12 m |"),
        Block("code", "depth = 7\nprint(depth)"),
    ]


def test_a_pdf_without_its_running_heads(tmp_path: Path) -> None:
    found = passages_in([str(saved(tmp_path / "a.pdf", pdf(*map(page_of, range(1, 6)))))])
    assert [task.id for task in found] == ["a.pdf#1"]
    (text,) = texts(found)
    assert "Almanac" not in text
    assert "Page" not in text
    assert text.count("Its captain kept a log of every crossing in bad weather, and") == 5
    assert "across the inlet than in any year before it, 3 of them" in text


def test_a_word_file_and_a_book(tmp_path: Path) -> None:
    found = passages_in([str(saved(tmp_path / "a.docx", WORD))])
    assert texts(found) == [f"{FERRY}\n\n| Port | Depth |"]
    assert found[0].instruction == "The ferry"
    chapters = (
        f"<html><body><h2>{name}</h2><p>{text}</p></body></html>" for name, text in (("B", FERRY), ("A", KEEPERS))
    )
    book = passages_in([str(saved(tmp_path / "a.epub", epub(*chapters)))])
    assert [(task.instruction, task.extra["title"]) for task in book] == [("A", "A book"), ("B", "A book")]
    assert texts(book) == [KEEPERS, FERRY]


def test_rows_with_a_text(tmp_path: Path) -> None:
    rows = [{"text": f"{FERRY} {n}"} for n in range(3)] + [{"text": ""}]
    file = saved(tmp_path / "web.jsonl", "\n".join(map(json.dumps, rows)))
    assert [task.id for task in passages_in([str(file)])] == ["web.jsonl:1#1", "web.jsonl:2#1", "web.jsonl:3#1"]
    other = saved(tmp_path / "other.jsonl", json.dumps({"corpus": FERRY}))
    with pytest.raises(UsageError, match=r"rows that cannot be read: .* no text in it"):
        passages_in([str(other)])


@pytest.mark.parametrize(
    ("name", "content", "encoding"),
    [
        ("a.txt", FERRY_ZH.encode("gbk"), "gbk"),
        ("a.txt", FERRY_ZH.encode("utf-16"), ""),
        ("a.txt", FERRY_ZH.encode("utf-8-sig"), ""),
        ("a.html", f"<meta charset=gb18030><p>{FERRY_ZH}</p>".encode("gb18030"), ""),
        ("noending", FERRY_ZH.encode(), ""),
    ],
)
def test_encodings(name: str, content: bytes, encoding: str, tmp_path: Path) -> None:
    assert texts(passages_in([str(saved(tmp_path / name, content))], encoding=encoding)) == [FERRY_ZH]


# What holds no text


def bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", b" " * 2_100_000)
    return out.getvalue()


LAUGHS = (
    '<!DOCTYPE w [<!ENTITY a "ha"><!ENTITY b "'
    + "&a;" * 50
    + '"><!ENTITY c "'
    + "&b;" * 50
    + '"><!ENTITY d "'
    + "&c;" * 50
    + '"><!ENTITY e "'
    + "&d;" * 50
    + '">]><w>&e;&e;</w>'
)


def laughing() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("word/document.xml", LAUGHS)
    return out.getvalue()


def looped() -> bytes:
    """Pages whose parent is among their kids."""
    return pdf(page_of(1)).replace(b"/Kids [5 0 R]", b"/Kids [2 0 R]")


NO_TEXT: dict[str, tuple[str, bytes | Callable[[], bytes], str]] = {
    "empty": ("a.txt", b"", "empty"),
    "binary": ("a.txt", b"\x7fELF\0\1\2\3" * 99, "binary"),
    "another encoding": ("a.txt", FERRY_ZH.encode("gbk"), "not UTF-8 but perhaps gbk: give --encoding gbk"),
    "no encoding": ("a.md", bytes(range(128, 255)) * 5, "not UTF-8"),
    "a scan": ("a.pdf", lambda: pdf([], []), "a PDF without text, perhaps a scan"),
    "a locked PDF": ("a.pdf", lambda: pdf(page_of(1), encrypted=True), "encrypted"),
    "half a PDF": ("a.pdf", lambda: pdf(page_of(1))[:60], "a damaged PDF"),
    "no PDF": ("a.pdf", b"<html>404</html>", "a damaged PDF"),
    "a PDF in a loop": ("a.pdf", looped, "PDF"),
    "half a docx": ("a.docx", WORD[:200], "a damaged archive"),
    "an old doc": ("a.docx", b"\xd0\xcf\x11\xe0" + bytes(600), "encrypted, or a Word file of before 2007"),
    "a zip of something": ("a.docx", lambda: epub(), "no book inside"),
    "a bomb": ("a.docx", bomb, "an archive of more than 2 MB"),
    "a billion laughs": ("a.docx", laughing, "a damaged archive"),
    "a deep page": ("a.html", b"<div>" * 9_000 + b"x", "nested too deeply"),
}


@pytest.mark.parametrize("name", NO_TEXT)
def test_a_file_without_text_is_named_with_the_reason(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packed, "LARGEST", 2_000_000)
    file, content, why = NO_TEXT[name]
    saved(tmp_path / "bad" / file, content() if callable(content) else content)
    saved(tmp_path / "good.txt", FERRY)
    found = passages_in([str(tmp_path)])
    assert texts(found) == [FERRY]
    (line,) = [line for line in found.notes.lines() if line.startswith("no text in 1 file: ")]
    assert why in line
    assert line.endswith(f": bad/{file}")
    with pytest.raises(UsageError, match=re.escape(why)) as caught:
        passages_in([str(tmp_path / "bad")])
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("documents", "said"),
    [
        (["gone"], "no such file or folder: gone"),
        (["gone/*.md"], "no file matches 'gone/*.md'"),
        ([""], "--documents is empty"),
        (["/dev/null"], "neither a file nor a folder"),
        (["a\0b"], r"no such file or folder: a\x00b"),
    ],
)
def test_no_documents(documents: list[str], said: str) -> None:
    with pytest.raises(UsageError, match=re.escape(said)):
        passages_in(documents)


def test_long_lines_without_end(tmp_path: Path) -> None:
    """Of nothing, of words, of sentences: no passage is longer than it may be."""
    for unit in ("x", "ab ", "The bell rang. ", "钟声响了。"):
        saved(tmp_path / "a.txt", unit * (200_000 // len(unit)))
        try:
            found = passages_in([str(tmp_path / "a.txt")])
            assert all(size(text) <= 400 for text in texts(found))
        except UsageError as error:
            assert "no passage in" in str(error)  # noqa: PT017


# Cutting


def test_sentences() -> None:
    said = (
        'Dr. A. Lind came at 3.5 p.m. on Tuesday. "Why now?" he asked. It was No. 7, e.g. the last. 他来了。“为什么？”'
    )
    assert [one.strip() for one in sentences(said)] == [
        "Dr. A. Lind came at 3.5 p.m. on Tuesday.",
        '"Why now?" he asked.',
        "It was No. 7, e.g. the last.",
        "他来了。",
        "“为什么？”",
    ]


def test_cut_at_headings_and_paragraphs() -> None:
    text = f"# Almanac\n\n## Ferry\n\n{FERRY}\n\n{KEEPERS}\n\n## Keepers\n\n{KEEPERS}\n\n### More\n\n{FERRY}\n"
    found = list(passages_of(of_markdown(text), 60))
    assert [(one.heading, one.title) for one in found] == [
        ("Ferry", "Almanac"),
        ("Ferry", "Almanac"),
        ("Keepers", "Almanac"),
        ("More", "Almanac"),
    ]
    assert [one.text for one in found] == [FERRY, KEEPERS, KEEPERS, FERRY]


def test_tables_and_code_stay_whole() -> None:
    table = "\n".join(f"| {n} | a cell of some words |" for n in range(12))
    code = "\n".join(f"print({n})  # a line of code" for n in range(12))
    text = f"{FERRY}\n\n{table}\n\n```python\n{code}\n```\n\n{KEEPERS}"
    found = [one.text for one in passages_of(of_markdown(text), 60)]
    assert any(table in one for one in found)
    assert any(f"```python\n{code}\n```" in one for one in found)


prose = st.lists(
    st.sampled_from(
        [FERRY, KEEPERS, FERRY_ZH, "# Heading", "- an item", "x" * 999, "a " * 700, "\0\u200b", "短。", ""]
    ),
    max_size=9,
)


@settings(deadline=None, max_examples=40)
@given(parts=prose, most=st.integers(50, 300), markdown=st.booleans())
def test_nothing_is_lost_or_too_long(parts: list[str], most: int, markdown: bool) -> None:
    text = "\n\n".join(parts)
    blocks = list(of_markdown(text) if markdown else of_text([text[:50], text[50:]]))
    found = list(passages_of(blocks, most))
    assert all(size(one.text) <= most * 2 for one in found)
    kept = "".join("".join(one.text.split()) for one in found)
    for block in blocks:
        if block.kind == "text":
            for sentence in sentences(block.text):
                assert size(sentence) > most or "".join(sentence.split()) in kept


@given(st.text())
def test_any_text_is_read(text: str) -> None:
    for blocks in (of_markdown(text), of_text([text]), of_page(text)):
        for one in passages_of(blocks, 50):
            assert cleaned(one.text).encode()


def test_words_broken_by_lines_and_what_nobody_sees() -> None:
    text = (
        "It was an unusual ex\u00adam\u200bple of a care-\nfully written log, "
        "kept by a well-known and well-\nknown captain."
    )
    (block,) = of_text([text])
    assert block.text == (
        "It was an unusual example of a carefully written log, kept by a well-known and well-known captain."
    )
    assert cleaned("e\u0301\u00a0 ﬁne\r\n") == "é fine"
    poem = "The bell has rung,\nThe tide is in,\nThe song is sung."
    assert next(of_text([poem])).text == poem
    (joined,) = of_text(["这一段文字是从网页上复制下来的，每一行都断开，\n所以要接起来才好读，中间不能有空格。"])
    assert " " not in joined.text


def test_what_is_no_writing() -> None:
    assert is_writing(FERRY)
    assert is_writing(FERRY_ZH)
    for text in ("1.2 .......... 3 4.5 ....... 6 " * 9, "QUJD" * 200, "—|—" * 90):
        assert not is_writing(text)


# As tasks


def folder(path: Path) -> Path:
    saved(path / "a" / "part-10.md", f"# Ten\n\n{FERRY}")
    saved(path / "a" / "part-2.md", f"# Two\n\n{KEEPERS}")
    saved(path / "twice.txt", f"{FERRY}\n\n\n")
    saved(path / "short.txt", "Too short.")
    saved(path / ".hidden" / "x.md", KEEPERS)
    saved(path / "node_modules" / "x.md", KEEPERS)
    saved(path / "picture.png", b"\x89PNG")
    return path


def test_passages_are_tasks_in_order_each_once(tmp_path: Path) -> None:
    found = passages_in([str(folder(tmp_path))])
    assert list(found) == [
        Task("twice.txt#1", "twice", extra={"passage": FERRY, "document": "twice.txt", "title": "twice"}),
        Task("a/part-2.md#1", "Two", extra={"passage": KEEPERS, "document": "a/part-2.md", "title": "Two"}),
    ]
    assert found[-1] == found[1]
    assert found.notes.lines() == [
        "4 documents, 2 passages of about 33 words",
        "passages left out: too short: 1",
        "passages left out: there before: 1",
        "files that are no documents: 1 .png",
    ]
    again = passages_in([str(tmp_path), str(tmp_path / "twice.txt"), f"{tmp_path}/a/*.md"])
    assert [task_to_row(task) for task in again] == [task_to_row(task) for task in found]


def test_a_thousand_files_are_on_disk_and_not_in_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from selfinstruct.passages import reading

    monkeypatch.setattr(reading, "IN_MEMORY", 10_000)
    for number in range(300):
        saved(tmp_path / f"{number}.txt", FERRY.replace("1911", str(number)))
    found = passages_in([str(tmp_path)])
    assert [task.id for task in found] == [f"{number}.txt#1" for number in range(300)]
    assert found[17].extra["passage"] == FERRY.replace("1911", "17")


def test_a_run_on_documents_is_a_run(tmp_path: Path) -> None:
    """Deterministic, resumed for nothing, extended by --num; and DATA that a run wrote is read as well."""
    folder(tmp_path / "docs")
    done = run("document_qa", documents=tmp_path / "docs", out=tmp_path / "a")
    other = run("document_qa", documents=[tmp_path / "docs"], out=tmp_path / "b", num=2)
    assert len(other.tasks) == 2
    run("document_qa", documents=tmp_path / "docs", out=tmp_path / "b")
    for name in ("tasks.jsonl", "rejected.jsonl", "alpaca.jsonl"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()
    for task in done.tasks:
        assert task.instances[0].input == task.extra["passage"]
        assert task.extra["document"] in ("twice.txt", "a/part-2.md")
        assert task.parents[0].startswith(task.extra["document"])
    once_more = run("summaries", data=tmp_path / "a", out=tmp_path / "c")
    assert once_more.counts.proposed == len(done.tasks)
    saved(tmp_path / "docs" / "new.md", KEEPERS.replace("340", "350"))
    with pytest.raises(UsageError, match="is another run: seeds"):
        run("document_qa", documents=tmp_path / "docs", out=tmp_path / "a")


def test_mistakes(tmp_path: Path) -> None:
    docs = folder(tmp_path / "docs")
    for options, said in (
        ({"recipe": "respond", "documents": docs}, "the recipe 'respond' has no step that reads passages"),
        ({"recipe": "document_qa"}, "works on passages of documents: give --documents FOLDER"),
        ({"recipe": "document_qa", "documents": docs, "data": "x.jsonl"}, "give one of them"),
        ({"recipe": "document_qa", "documents": docs, "passage": 5}, "--passage is 5; it is how many words"),
    ):
        with pytest.raises(UsageError, match=re.escape(said)):
            run(out=tmp_path / "out", **options)


@settings(deadline=None, max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=300), ending=st.sampled_from(["txt", "md", "html", "pdf", "docx", "epub", "jsonl"]))
def test_any_bytes_are_text_or_named(content: bytes, ending: str, tmp_path: Path) -> None:
    for start in (b"", b"%PDF-1.4\n", b"PK\x03\x04"):
        try:
            passages_in([str(saved(tmp_path / f"a.{ending}", start + content))])
        except UsageError as error:
            assert "no passage in" in str(error)  # noqa: PT017
