"""Who is to be thanked: credit lines for the corpora that a model was trained on, as their licences ask."""

from collections import Counter
from collections.abc import Iterable

from zoo.corpus.piece import Piece

_CREDITS = {
    "polish-scores": "The Fryderyk Chopin Institute (Polish Music Heritage in Open Access), CC BY 4.0.",
    "chopin-first-editions": "The Fryderyk Chopin Institute (Chopin's first editions), CC BY 4.0.",
    "session-tunes-cc": "Jon Warbrick and Josh Larios (session tunes), CC BY-SA.",
    "openscore-lieder": "OpenScore Lieder Corpus, CC0.",
    "openscore-quartets": "OpenScore String Quartets, CC0.",
    "bach-chorales": "DCMLab (Bach's chorales), CC0.",
    "openewld": "OpenEWLD, MIT License (its copyright notice is to be kept).",
    "lilypond-songs": "lilypond-songs by bbloomf, public domain.",
    "lilypond-lead-sheets": "lilypond-lead-sheets by neonscribe, Unlicense.",
    "open-hymnal": "The Open Hymnal Project (Brian J. Dumont), public domain.",
    "oneills-1850": "O'Neill's Music of Ireland (1903), volunteer transcriptions; transcription licence not stated.",
    "ryans-mammoth": "Ryan's Mammoth Collection (1883), volunteer transcriptions; transcription licence not stated.",
    "airds-airs": "Aird's Selection of Airs (1778-1801), volunteer transcriptions; transcription licence not stated.",
    "freedoom": "Freedoom, BSD-3-Clause.",
    "blasphemer": "Blasphemer, BSD-3-Clause.",
}


def credits(pieces: Iterable[Piece]) -> list[str]:
    """One line for each corpus that asks for or deserves one; Mutopia's CC BY typesetters by name."""
    pieces = list(pieces)
    lines = [_CREDITS[corpus] for corpus in sorted({p.corpus for p in pieces}) if corpus in _CREDITS]
    typesetters = {p.attribution for p in pieces if p.corpus == "mutopia" and "CC BY" in p.licence and p.attribution}
    if typesetters:
        lines.append(f"The Mutopia Project's typesetters, CC BY and CC BY-SA: {', '.join(sorted(typesetters))}.")
    if any(p.corpus == "mutopia" for p in pieces):
        lines.append("The Mutopia Project, public-domain dedications by its typesetters.")
    return lines


def provenance(pieces: Iterable[Piece]) -> dict:
    """What a card says of its data: pieces by split, the training pieces by corpus and by licence, and the credits."""
    pieces = list(pieces)
    train = [p for p in pieces if p.split == "train"]
    count = Counter(p.split for p in pieces)
    return {
        "pieces": {split: count[split] for split in ("train", "valid", "test")},
        "corpora": dict(sorted(Counter(p.corpus for p in train).items())),
        "licences": dict(sorted(Counter(p.licence for p in train).items())),
        "credits": credits(train),
    }
