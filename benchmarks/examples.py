"""The example tunes in assets/examples: three seeds a style, none picked.

    python -m benchmarks.examples

Writes STYLE-SEED.mid and STYLE-SEED.mp3 (16 bars, temperature 0.9, seeds 1 to 3, with accompaniment) and STYLE.png,
the piano roll of seed 1.
"""

from pathlib import Path

import zoo

SEEDS = (1, 2, 3)
FOLDER = Path(__file__).parents[1] / "assets" / "examples"


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    composer = zoo.load("lstm")
    for style in composer.card.supports.styles:
        for seed in SEEDS:
            score = zoo.arrange(composer.compose(zoo.Prompt(style=style, seed=seed)), style, seed)
            for ending in ("mid", "mp3"):
                zoo.write(score, FOLDER / f"{style}-{seed}.{ending}")
            if seed == SEEDS[0]:
                zoo.write(score, FOLDER / f"{style}.png")
            print(f"{style}-{seed}: {score.meter}, {score.key}, {score.bars} bars, {score.seconds:.0f} s")


if __name__ == "__main__":
    main()
