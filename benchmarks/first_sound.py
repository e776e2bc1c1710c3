"""How long from request to sound? A 16-bar tune with three prompt notes, warm, split by step.

    python -m benchmarks.first_sound [--model lstm] [--repeats 10]

Prints the median and the 95th percentile of the seconds for decode, arrange, render (FluidSynth and loudness) and
encode (OGG, which the page plays first), and of their sum; then of the MP3 that follows, and the length of the music.
"""

import argparse
import time

import numpy as np

import zoo
from zoo.rendering import encode


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="lstm")
    parser.add_argument("--repeats", type=int, default=10)
    options = parser.parse_args()
    composer = zoo.load(options.model)
    rows = [_once(composer, seed) for seed in range(options.repeats + 1)][1:]  # the first warms up
    for step in rows[0]:
        seconds = [row[step] for row in rows]
        print(f"{step:8} {np.median(seconds):6.2f} s   p95 {np.percentile(seconds, 95):6.2f} s")


def _once(composer, seed: int) -> dict[str, float]:
    styles = composer.card.supports.styles
    prompt = zoo.Prompt(notes="C4 E4 G4", style=styles[seed % len(styles)], bars=16, seed=seed)
    times = [time.perf_counter()]
    score = composer.compose(prompt)
    times.append(time.perf_counter())
    score = zoo.arrange(score, prompt.style, prompt.seed)
    times.append(time.perf_counter())
    samples, rate = zoo.render(score)
    times.append(time.perf_counter())
    encode(samples, rate, "ogg")
    times.append(time.perf_counter())
    steps = dict(zip(("decode", "arrange", "render", "encode"), np.diff(times)))
    encode(samples, rate, "mp3")
    later = time.perf_counter() - times[-1]
    return {**steps, "all": times[-1] - times[0], "then MP3": later, "music": len(samples) / rate}


if __name__ == "__main__":
    main()
