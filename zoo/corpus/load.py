"""Load pieces for the styles, clean them, and say what was dropped and why."""

import os
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from zoo.corpus.folder import folder_pieces, with_splits
from zoo.corpus.piece import Piece
from zoo.corpus.records import piece, read_records
from zoo.errors import ScoreError
from zoo.hub import fetch
from zoo.styles import styles

_SUBFOLDERS = ("", "tier2", "tier3-noncommercial")
_SHORTEST_NOTES = 16
_LONGEST_BARS = 1000


@dataclass
class Report:
    """How many pieces were kept by style and split, and how many were dropped by corpus and reason."""

    kept: Counter = field(default_factory=Counter)
    dropped: Counter = field(default_factory=Counter)

    def __str__(self):
        lines = [f"kept     {style:10} {split:6} {count:6,}" for (style, split), count in sorted(self.kept.items())]
        lines += [f"dropped  {corpus:24} {count:6,}  {why}" for (corpus, why), count in sorted(self.dropped.items())]
        return "\n".join(lines)


def corpus_root(path: str | Path | None = None) -> Path:
    """The folder of the packaged corpora: the path given, the variable ZOO_CORPUS, or ../shared/corpus.

    A path 'hf:org/name' is a dataset on the Hub, fetched into huggingface_hub's cache.
    Raises ScoreError when there is none.
    """
    given = str(path or os.environ.get("ZOO_CORPUS") or Path(__file__).parents[3] / "shared" / "corpus")
    if given.startswith("hf:"):
        folder = fetch(given.removeprefix("hf:"), repo_type="dataset")
        if folder is None:
            raise ScoreError(f"There is no dataset '{given[3:63]}' on the Hub, or the Hub can't be reached.")
        return folder
    if not Path(given).exists():
        raise ScoreError(f"There is no corpus at {given}; give its folder with --corpus or in ZOO_CORPUS.")
    return Path(given)


def load(corpora: Iterable[str | Path] = (), only: Iterable[str] = ()) -> tuple[list[Piece], Report]:
    """The clean pieces of all styles (or of only some), in a fixed order.

    corpora: nothing (the packaged corpora where corpus_root finds them), their folder, single packaged files, or
    folders of MIDI, ABC and MusicXML files, which count as the only style asked for, or as folk.
    Raises ScoreError when nothing is found there.
    """
    wanted = tuple(only) or tuple(styles())
    folder_style = wanted[0] if len(wanted) == 1 else "folk"
    report = Report()
    pieces: list[Piece] = []
    for place in [corpus_root(c) for c in corpora] or [corpus_root()]:
        packaged = _packaged_files(place)
        if packaged:
            pieces += _packaged_pieces(packaged, wanted, report)
        else:
            pieces += folder_pieces(place, folder_style, report.dropped)
    pieces = with_splits(_without_duplicates(_usable(pieces, report), report))
    report.kept.update((p.style, p.split) for p in pieces)
    if not pieces:
        raise ScoreError("No usable piece was found in the corpus.")
    return pieces, report


def _packaged_files(place: Path) -> dict[str, Path]:
    """{corpus name: file} of the packaged corpora in a folder, or of the one file given."""
    if place.is_file():
        return {place.name.removesuffix(".jsonl.gz"): place} if place.name.endswith(".jsonl.gz") else {}
    files = [file for sub in _SUBFOLDERS for file in sorted((place / sub).glob("*.jsonl.gz"))]
    return {file.name.removesuffix(".jsonl.gz"): file for file in files}


def _packaged_pieces(files: dict[str, Path], wanted: tuple[str, ...], report: Report) -> list[Piece]:
    """Each style's selection, as its row in the table of styles says."""
    found = []
    for name, path in files.items():
        rules = [(style, rule) for style in wanted for rule in styles()[style].corpora if rule["file"] == name]
        for record in read_records(path) if rules else ():
            style = next((style for style, rule in rules if _matches(record, rule)), None)
            if style is None:
                continue
            try:
                found.append(piece(record, style))
            except ScoreError as error:
                report.dropped[name, str(error)] += 1
    return found


def _matches(record: dict, rule: dict) -> bool:
    return all(
        record[name] in value if isinstance(value, list) else record[name] == value
        for name, value in rule.items()
        if name != "file"
    )


def _usable(pieces: list[Piece], report: Report) -> list[Piece]:
    """Without the too short and the absurdly long."""
    kept = []
    for p in pieces:
        if len(p.score.notes) < _SHORTEST_NOTES:
            report.dropped[p.corpus, f"fewer than {_SHORTEST_NOTES} notes"] += 1
        elif p.score.bars > _LONGEST_BARS:
            report.dropped[p.corpus, f"more than {_LONGEST_BARS} bars"] += 1
        else:
            kept.append(p)
    return kept


def _without_duplicates(pieces: list[Piece], report: Report) -> list[Piece]:
    """The first of pieces that are the same notes but for transposition."""
    seen, kept = set(), []
    for p in pieces:
        first = p.score.notes[0].pitch
        print_ = hash(tuple((n.onset, n.duration, n.pitch - first) for n in p.score.notes))
        if print_ in seen:
            report.dropped[p.corpus, "duplicate"] += 1
        else:
            seen.add(print_)
            kept.append(p)
    return kept
