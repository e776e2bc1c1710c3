"""MusicXML (.musicxml, .xml, .mxl) <-> Score, through music21."""

import re
import zipfile
import zlib
from io import BytesIO
from xml.etree import ElementTree

from zoo.errors import ScoreError
from zoo.score import Score

MAX_BYTES = 10_000_000  # unzipped
MAX_NOTES = 20_000  # music21 reads some 5,000 a second

_MOST = {
    "note": (MAX_NOTES, "notes"), "measure": (20_000, "bars"), "score-part": (200, "parts"),
    "harmony": (2_000, "chord symbols"), "time": (2_000, "changes of metre"),
}
_MOST_BEATS = 4  # of one sum such as 3/8 + 2/4
_UNREAD = {"degree", "ending"}
_LONGEST_NAME = 100

_CONTAINER = "META-INF/container.xml"
_COUNTED = {"beats": r"[0-9]{1,2}(\s*\+\s*[0-9]{1,2}){0,7}", "fifths": r"[+-]?[0-9]{1,2}"}
_DAMAGED = "The MusicXML file is damaged; save it again from the program that made it."


def read(data: bytes) -> Score:
    """Read MusicXML, plain or zipped (.mxl). Grace notes are left out, repeats stay as written, pitch is as it sounds.

    Raises ScoreError when it is not MusicXML, is damaged, or is too large.
    """
    if data[:2] == b"PK":
        data = _unzip(data)
    if len(data) > MAX_BYTES:
        raise ScoreError(f"The MusicXML file is larger than {MAX_BYTES // 1_000_000} MB; use a shorter piece.")
    return from_tree(_parse(data))


def from_tree(root: ElementTree.Element) -> Score:
    """The Score of a parsed MusicXML document. Raises ScoreError when it is no score or too large."""
    if root.tag == "score-timewise":
        raise ScoreError("The MusicXML file is of the rare timewise kind; save it as score-partwise.")
    if root.tag != "score-partwise":
        raise ScoreError("This is not a MusicXML score.")
    _check_counts(root)
    _check_numbers(root)
    _prune(root)
    from music21.musicxml.xmlToM21 import MusicXMLImporter

    from zoo.notation.music21_score import to_score

    importer = MusicXMLImporter()
    try:
        importer.xmlRootToScore(root, importer.stream)
        return to_score(importer.stream, _players(root))
    except (ScoreError, MemoryError):
        raise
    except Exception as error:  # music21 lets through whatever its parsing meets, AttributeError and all
        raise ScoreError(_DAMAGED) from error


def write(score: Score) -> bytes:
    """The Score as MusicXML 4.0."""
    from music21.musicxml.m21ToXml import GeneralObjectExporter

    from zoo.notation.music21_score import from_score

    return GeneralObjectExporter(from_score(score)).parse()


def write_compressed(score: Score) -> bytes:
    """The Score as zipped MusicXML (.mxl)."""
    container = (
        '<?xml version="1.0" encoding="UTF-8"?>\n<container><rootfiles>'
        '<rootfile full-path="score.musicxml" media-type="application/vnd.recordare.musicxml+xml"/>'
        "</rootfiles></container>\n"
    )
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(_CONTAINER, container)
        archive.writestr("score.musicxml", write(score))
    return stream.getvalue()


def _check_counts(root: ElementTree.Element) -> None:
    """music21 spends up to some milliseconds on each of these."""
    for tag, (most, name) in _MOST.items():
        if sum(1 for _ in root.iter(tag)) > most:
            raise ScoreError(f"The piece has more than {most:,} {name}; use a shorter one.")
    if any(len(time.findall("beats")) > _MOST_BEATS for time in root.iter("time")):
        raise ScoreError(_DAMAGED)


def _prune(root: ElementTree.Element) -> None:
    """Take out what no Score keeps but music21 counts through, and the ends of endless names."""
    for parent in list(root.iter()):
        if any(child.tag in _UNREAD for child in parent):
            parent[:] = [child for child in parent if child.tag not in _UNREAD]
    for name in root.iter("instrument-name"):
        name.text = (name.text or "")[:_LONGEST_NAME]


def _check_numbers(root: ElementTree.Element) -> None:
    """music21 counts up to whatever these say, for hours or gigabytes if need be."""
    for tag, pattern in _COUNTED.items():
        for element in root.iter(tag):
            if not re.fullmatch(pattern, (element.text or "").strip()):
                raise ScoreError(_DAMAGED)


def _players(root: ElementTree.Element) -> dict[str, tuple[str, int | None]]:
    """(name, General MIDI program from 0) by part id, since music21 changes both. MusicXML counts programs from 1."""
    players = {}
    for part in root.iter("score-part"):
        program = part.findtext("midi-instrument/midi-program", "").strip()
        known = re.fullmatch(r"[0-9]{1,3}", program) and 1 <= int(program) <= 128
        players[part.get("id", "")] = (part.findtext("part-name", "").strip(), int(program) - 1 if known else None)
    return players


def _unzip(data: bytes) -> bytes:
    """The score inside an .mxl, named by its container."""
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            names = [element.get("full-path") for element in _parse(_member(archive, _CONTAINER)).iter("rootfile")]
            return _member(archive, names[0])
    except ScoreError:
        raise
    except (zipfile.BadZipFile, zlib.error, KeyError, IndexError, AttributeError, EOFError, NotImplementedError,
            RuntimeError, OSError, ValueError) as error:
        raise ScoreError("The .mxl file is damaged or holds no score; save it again.") from error


def _member(archive: zipfile.ZipFile, name: str) -> bytes:
    """A file of the archive; it is never unzipped further than the size allowed."""
    with archive.open(name) as member:
        content = member.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise ScoreError(f"The .mxl file unzips to more than {MAX_BYTES // 1_000_000} MB; use a shorter piece.")
    return content


def _parse(data: bytes) -> ElementTree.Element:
    """Parse XML that declares no entities, so that none can multiply. ElementTree itself never loads external ones."""
    try:
        text = data.decode("utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("latin-1")
    if "\0" in text:  # UTF-16 without its mark, in which the next line would find nothing
        raise ScoreError("The MusicXML file has an unknown encoding; save it as UTF-8.")
    if "<!ENTITY" in text:
        raise ScoreError("The MusicXML file declares entities of its own, which is not supported.")
    try:
        return ElementTree.fromstring(text)
    except (ElementTree.ParseError, ValueError, RecursionError) as error:
        raise ScoreError("This is not MusicXML, or it is damaged.") from error
