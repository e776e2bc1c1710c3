"""One picture of how the loss fell: training and held-out music, all stages in a row."""

import io
import json
import math
from collections.abc import Sequence
from pathlib import Path

from zoo.cards import measure

_DASHES = ("-", "--", ":")  # by what follows the style in a kind's name: "folk melody", "folk score"


def curves(runs: Sequence[Path]) -> bytes:
    """A PNG from the run.json of each stage's folder, in order; steps are counted on from stage to stage.

    Above the loss of the training batches, below what was measured of the valid split, a line for each kind.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 7), dpi=120, layout="constrained")
    above, below = figure.subplots(2, sharex=True, height_ratios=(2, 3))
    records = {run.name: json.loads((run / "run.json").read_text(encoding="utf-8")) for run in runs}
    histories = {stage: record["history"] for stage, record in records.items()}
    kinds = list(dict.fromkeys(kind for history in histories.values() for row in history for kind in row["valid"]))
    styles, views = ([*dict.fromkeys(words)] for words in zip(*(_words(kind) for kind in kinds)))
    begin = 0
    for stage, history in histories.items():
        steps = [begin + row["step"] for row in history]
        above.plot(steps, [row["train"] for row in history], "k.-")
        for kind in kinds:
            style, view = _words(kind)
            below.plot(
                steps, [row["valid"].get(kind, math.nan) for row in history], marker=".", label=kind,
                color=f"C{styles.index(style)}", linestyle=_DASHES[views.index(view) % len(_DASHES)],
            )
        above.text((begin + steps[-1]) / 2, 1.03, stage, ha="center", transform=above.get_xaxis_transform())
        for axes in (above, below) if begin else ():
            axes.axvline(begin, color="gray", linewidth=0.7)
        begin = steps[-1]
    measures = ",\nthen ".join(dict.fromkeys(measure(record) for record in records.values()))
    above.set_ylabel("training loss")
    below.set(ylabel=f"held-out music (valid), {measures}", xlabel="step", xlim=(0, None))
    lines = dict(zip(*reversed(below.get_legend_handles_labels())))  # of all stages' lines one a kind
    below.legend(lines.values(), lines.keys(), loc="center left", bbox_to_anchor=(1, 0.5), frameon=False)
    for axes in (above, below):
        axes.grid(alpha=0.25)
        axes.spines[["top", "right"]].set_visible(False)
    png = io.BytesIO()
    figure.savefig(png)
    return png.getvalue()


def _words(kind: str) -> tuple[str, str]:
    style, _, view = kind.partition(" ")
    return style, view
