"""Blends and variations, without Gradio: what a model does that knows its tunes by their place.

Such a model may be missing; then model() says so, and the page leaves out what needs one.
"""

import secrets
import time
from dataclasses import replace
from functools import cache
from pathlib import Path

import zoo
from studio import service
from studio.service import Piece, Tune
from zoo.arranging import play
from zoo.codecs.melody_grid import METERS
from zoo.composer import Composer
from zoo.corpus.melody import melody
from zoo.installed import CHECKPOINTS

STOPS = 7
_FAMILY = "vae"
_EXAMPLES = CHECKPOINTS.parent / "examples"


def model() -> str | None:
    """The name of the model that blends and varies, or None where there is none."""
    return next((name for name in zoo.list_models() if zoo.card(name).family == _FAMILY), None)


@cache
def examples() -> dict[str, zoo.Score]:
    """The bundled tunes by their files' names, such as 'folk-1', style by style; of several models the first's."""
    paths = {}
    for style in zoo.styles():
        for path in sorted(_EXAMPLES.rglob(f"{style}-*.mid")):
            paths.setdefault(path.stem, path)
    return {name: zoo.read(path) for name, path in paths.items()}


def blend(first: zoo.Score | Path, second: zoo.Score | Path, style: str) -> list[Tune]:
    """STOPS tunes from the first melody to the second, each with the accompaniment of a style.

    A Path is read. Raises ZooError, one sentence that says which of the two it is about where only one is.
    """
    composer, known = _composer(), _known(style)
    tunes = [_readable(tune, which, composer, known) for tune, which in ((first, "first"), (second, "second"))]
    melodies = composer.interpolate(*tunes, known, STOPS)
    return [
        Tune(name=f"blend-{number}-of-{STOPS}", score=play(line, style), prompt_notes=0)
        for number, line in enumerate(melodies, 1)
    ]


def vary(piece: Piece, distance: float) -> Piece:
    """Another version of the piece: a variation of its melody, new each time, arranged as the piece was.

    distance: 0 (the melody itself) to 1, see VAE.variations. Raises ZooError.
    """
    start = time.perf_counter()
    style = piece.prompt.style
    _check_meter(piece.written)
    (line,) = _composer().variations(
        piece.written, _known(style), distance, count=1, seed=secrets.randbelow(2**32)
    )
    varied = (*piece.varied, distance)
    return replace(
        piece,
        name=f"{style}-{piece.prompt.seed}-varied-{len(varied)}",
        score=play(line, style, piece.prompt.seed, piece.accompaniment),
        prompt_notes=0,  # the notes that were given may have changed with the others
        written=line,
        varied=varied,
        seconds=time.perf_counter() - start,
    )


def _composer() -> Composer:
    name = model()
    if name is None:
        raise zoo.ModelNotFound("Blends and variations need a model of the family 'vae', and there is none here.")
    return service.composer(name)


def _known(style: str) -> str:
    """The style, or where the model does not know it the first that it does: melodies differ less than their dress."""
    styles = zoo.card(model()).supports.styles
    return style if style in styles else styles[0]


def _readable(tune: zoo.Score | Path, which: str, composer: Composer, style: str) -> zoo.Score:
    """The tune as a Score that the model can place. Raises ScoreError, which names the tune."""
    try:
        score = zoo.read(tune) if isinstance(tune, Path) else tune
        _check_meter(score)
        composer.encode(score, style)
    except zoo.ZooError as error:
        raise zoo.ScoreError(f"The {which} tune: {error}") from None
    return score


def _check_meter(score: zoo.Score) -> None:
    if melody(score).notes and str(score.meter) not in METERS:
        raise zoo.ScoreError(f"It is in {score.meter}; only tunes in {', '.join(METERS)} can be blended and varied.")
