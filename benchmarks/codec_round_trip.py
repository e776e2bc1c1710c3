"""What does the event codec lose? Every piece of the corpora there and back, whole and as melody.

    python -m benchmarks.codec_round_trip [--corpus PATH]

Prints, for whole pieces (all parts) and for melody sections: pieces, notes, tokens a note, and each kind of loss.
"""

import argparse
from collections import Counter

from zoo.codecs.events import EventCodec, Losses
from zoo.corpus import load
from zoo.corpus.melody import melody, sections
from zoo.errors import ScoreError
from zoo.styles import styles


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", action="append", default=[])
    pieces, report = load(parser.parse_args().corpus)
    print(report)
    codec = EventCodec(tuple(styles()))
    for name, view in (("whole pieces", lambda score: [score]), ("melodies", lambda score: sections(melody(score)))):
        losses, count, tokens, refused, wrong = Losses(), 0, 0, Counter(), 0
        for piece in pieces:
            for score in view(piece.score):
                try:
                    ids = codec.encode(score, piece.style, losses)
                except ScoreError as error:
                    refused[str(error).split(";")[0]] += 1
                    continue
                count += 1
                tokens += len(ids)
                # What decoding gives must be encoded again to the same tokens: nothing more is lost.
                wrong += codec.encode(codec.decode(ids, score.key), piece.style)[1:] != ids[1:]
        notes = losses.counts.pop("notes")
        print(f"\n{name}: {count:,} with {notes:,} notes, {tokens / notes:.2f} tokens a note; "
              f"decoded and encoded again differently: {wrong}")
        for kind, lost in losses.counts.most_common():
            print(f"  {kind:24} {lost:9,}  {lost / notes:.3%} of notes")
        for why, number in refused.most_common():
            print(f"  refused                  {number:9,}  {why}")


if __name__ == "__main__":
    main()
