"""The example tunes in assets/examples: three seeds a style, none picked.

    python -m benchmarks.examples gpt2        # or lstm

Writes into the model's folder STYLE-SEED.mid (16 bars, temperature 0.9, seeds 1 to 3, with accompaniment), the same as
.mp3 (of gpt2 only seed 1, and that with fewer bits), and STYLE.png, the piano roll of seed 1.
"""

import argparse
from pathlib import Path

import soundfile

import zoo
from zoo.rendering import render

SEEDS = (1, 2, 3)
SOUNDED = SEEDS[:1]  # of gpt2: every MP3 is a load on everyone's clone
FOLDER = Path(__file__).parents[1] / "assets" / "examples"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("model", choices=("gpt2", "lstm"))
    model = parser.parse_args().model
    folder = FOLDER / model
    folder.mkdir(exist_ok=True)
    composer = zoo.load(model)
    for style in composer.card.supports.styles:
        for seed in SEEDS:
            score = zoo.arrange(composer.compose(zoo.Prompt(style=style, seed=seed)), style, seed)
            zoo.write(score, folder / f"{style}-{seed}.mid")
            mp3 = folder / f"{style}-{seed}.mp3"
            if model == "lstm":
                zoo.write(score, mp3)
            elif seed in SOUNDED:  # some 70 kbit/s, where zoo.write gives 150
                soundfile.write(mp3, *render(score), bitrate_mode="VARIABLE", compression_level=0.8)
            if seed == SEEDS[0]:
                zoo.write(score, folder / f"{style}.png")
            print(f"{style}-{seed}: {score.meter}, {score.key}, {score.bars} bars, {score.seconds:.0f} s", flush=True)


if __name__ == "__main__":
    main()
