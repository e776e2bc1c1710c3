"""The command line: one verb for each thing to do. Exit status 0, or 2 with one line for a user's mistake."""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, replace
from os.path import isfile  # unlike Path.is_file it takes any text: long notes are no path
from pathlib import Path

from zoo.errors import PromptError, ScoreError, ZooError
from zoo.files import READABLE, check_writable, read, write
from zoo.prompt import MOODS, Prompt
from zoo.score import Score
from zoo.styles import styles

# What may be made more or less of, and what it is measured in.
_ATTRIBUTES = {
    "density": "notes a quarter", "height": "mean pitch, middle C is 60", "syncopation": "levels of the metre a note",
}


class _Parser(argparse.ArgumentParser):
    """argparse with one line instead of a usage page."""

    def error(self, message: str):
        raise ZooError(f"{message} ({self.prog} --help says more)")


def main(arguments: list[str] | None = None) -> int:
    try:
        options = _parser().parse_args(arguments)
        options.verb(options)
        return 0
    except ZooError as error:
        print(f"zoo: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("zoo: interrupted", file=sys.stderr)
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="python -m zoo", description="Generators of symbolic music behind one interface.")
    verbs = parser.add_subparsers(required=True, metavar="VERB", parser_class=_Parser)

    command = verbs.add_parser("list", help="the models there are")
    command.add_argument("--json", action="store_true")
    command.set_defaults(verb=_list)

    command = verbs.add_parser("generate", help="compose a piece and write it to files")
    command.add_argument("model")
    command.add_argument("--style", help=f"{', '.join(styles())}; default: the model's first")
    command.add_argument("--notes", default="", help="text such as 'C4 E4 G4', or the path of a file to go on from")
    for name in ("temperature", "top-k", "top-p", "bars", "seed", "key", "meter", "tempo"):
        command.add_argument(f"--{name}")
    command.add_argument("--mood", help=", ".join(MOODS))
    _add_playing(command)
    command.add_argument("--out", action="append", type=Path, required=True, metavar="FILE",
                         help="tune.mid, .musicxml, .abc, .wav, .mp3, .svg ...; may be given several times")
    command.set_defaults(verb=_generate)

    command = verbs.add_parser("interpolate", help="blend two tunes: the steps from one to the other")
    command.add_argument("first", type=Path, metavar="A")
    command.add_argument("second", type=Path, metavar="B")
    _add_walking(command)
    command.add_argument("--steps", type=int, default=7, help="2 to 33, both tunes among them; default: 7")
    command.add_argument("--out", type=Path, required=True, metavar="DIR", help="for 1.mid, 2.mid ...")
    command.set_defaults(verb=_interpolate)

    command = verbs.add_parser("variations", help="vary a tune a little or a lot")
    command.add_argument("tune", type=Path)
    _add_walking(command)
    command.add_argument("--distance", type=float, required=True, help="0 (the tune itself) to 1 (another tune)")
    command.add_argument("-n", type=int, default=4, help="how many, 1 to 32; default: 4")
    command.add_argument("--seed", type=int, default=0)
    command.add_argument("--out", type=Path, required=True, metavar="DIR", help="for 1.mid, 2.mid ...")
    command.set_defaults(verb=_variations)

    command = verbs.add_parser("attributes", help="measure a tune, or make it denser, higher, more syncopated or less")
    command.add_argument("tune", type=Path)
    _add_walking(command)
    for name, unit in _ATTRIBUTES.items():
        command.add_argument(f"--{name}", type=float, help=f"-3 to 3 standard deviations more; measured in {unit}")
    command.add_argument("--out", action="append", type=Path, default=[], metavar="FILE", help="for the changed tune")
    command.set_defaults(verb=_attributes)

    command = verbs.add_parser("train", help="train a family of models")
    command.add_argument("family")
    command.add_argument("--corpus", action="append", default=[], metavar="PATH",
                         help="packaged corpora, their folder, or a folder of scores; default: ZOO_CORPUS")
    command.add_argument("--out", type=Path, required=True, metavar="DIR", help="the run's folder; an old run goes on")
    command.add_argument("--steps", type=int)
    command.add_argument("--seed", type=int)
    command.set_defaults(verb=_train)

    command = verbs.add_parser("finetune", help="turn a folder of your own music into a new style")
    command.add_argument("model")
    command.add_argument("--corpus", required=True, metavar="FOLDER", help="of MIDI, ABC or MusicXML; best fifty tunes")
    command.add_argument("--style", required=True, metavar="NAME", help="of the new style: a to z, 0 to 9 and -")
    command.add_argument("--out", type=Path, metavar="DIR",
                         help="for the new model; default: its style's name in models/ or in ZOO_MODELS")
    command.add_argument("--steps", type=int, help="fewer are quicker")
    command.set_defaults(verb=_finetune)

    command = verbs.add_parser("evaluate", help="nats per note on the held-out test split")
    command.add_argument("model", nargs="?")
    command.add_argument("--all", action="store_true", help="all models side by side, on the same music")
    command.add_argument("--corpus", action="append", default=[], metavar="PATH")
    command.add_argument("--json", action="store_true")
    command.set_defaults(verb=_evaluate)

    command = verbs.add_parser("statistics", help="musical statistics of generated pieces beside held-out ones")
    command.add_argument("model")
    command.add_argument("--corpus", action="append", default=[], metavar="PATH")
    command.add_argument("--pieces", type=int, default=200, help="generated pieces a style; default: 200")
    command.add_argument("--json", action="store_true")
    command.add_argument("--out", type=Path, metavar="DIR", help="for a picture of each style")
    command.set_defaults(verb=_statistics)
    return parser


def _add_playing(command: argparse.ArgumentParser) -> None:
    command.add_argument("--no-accompaniment", action="store_true", help="the model's own notes only")


def _add_walking(command: argparse.ArgumentParser) -> None:
    """What all verbs take that go from a tune's place to another."""
    command.add_argument("--style", help=f"{', '.join(styles())}; default: the model's first")
    command.add_argument("--model", default="vae", help="one of the family vae; default: vae")
    _add_playing(command)


def _list(options: argparse.Namespace) -> None:
    from zoo.registry import card, list_models

    cards = [card(name) for name in list_models()]
    if options.json:
        print(json.dumps([asdict(c) for c in cards], ensure_ascii=False))
        return
    for c in cards:
        print(f"{c.name:8} {c.title}: {', '.join(c.supports.styles)}; {c.parameters / 1e6:.1f} M parameters")


def _generate(options: argparse.Namespace) -> None:
    from zoo.registry import card, load

    for path in options.out:
        check_writable(path)
    given = {
        name: value
        for name in ("temperature", "top_k", "top_p", "bars", "seed", "key", "meter", "tempo", "mood")
        if (value := getattr(options, name)) is not None
    }
    known = card(options.model).supports.styles
    prompt = Prompt(notes=_notes(options.notes), style=options.style or known[0], **given)
    _write(options, load(options.model).compose(prompt), prompt.style, prompt.seed, options.out)


def _write(options: argparse.Namespace, score: Score, style: str, seed: int, paths: Sequence[Path]) -> None:
    """The score as it is heard, in each of the files."""
    from zoo.arranging import play

    score = play(score, style, seed, accompaniment=not options.no_accompaniment)
    for path in paths:
        write(score, path)
        print(f"{path}: {score.title}, {score.bars} bars, {score.seconds:.0f} s")


def _notes(text: str) -> str | Path:
    """--notes takes text, or the path of a file: what looks like a path and is none is said to be missing."""
    path = Path(text)
    if text and "\n" not in text and len(text) < 1000 and (path.suffix.lower() in READABLE or isfile(path)):
        return path
    return text


def _interpolate(options: argparse.Namespace) -> None:
    model, style = _walker(options)
    first, second = read(options.first), read(options.second)
    _make(options.out)
    for number, score in enumerate(model.interpolate(first, second, style, options.steps), 1):
        _write(options, score, style, 0, [options.out / f"{number}.mid"])


def _variations(options: argparse.Namespace) -> None:
    if options.seed < 0:
        raise PromptError("--seed must be at least 0.")
    model, style = _walker(options)
    tune = read(options.tune)
    _make(options.out)
    for number, score in enumerate(model.variations(tune, style, options.distance, options.n, options.seed), 1):
        _write(options, score, style, options.seed, [options.out / f"{number}.mid"])


def _attributes(options: argparse.Namespace) -> None:
    amounts = {name: value for name in _ATTRIBUTES if (value := getattr(options, name)) is not None}
    if bool(amounts) != bool(options.out):
        raise PromptError("Give --density, --height or --syncopation and --out, or none of them to measure the tune.")
    for path in options.out:
        check_writable(path)
    model, style = _walker(options)
    tune = read(options.tune)
    if amounts:
        _write(options, model.move(tune, style, **amounts), style, 0, options.out)
    else:
        for name, value in model.measure(tune, style).items():
            print(f"{name:12}{value:6.2f}  {_ATTRIBUTES[name]}")


def _walker(options: argparse.Namespace) -> tuple:
    """A model that knows tunes by their places, and the style."""
    from zoo.registry import card, load

    found = card(options.model)
    if found.family != "vae":
        raise PromptError(f"'{options.model}' has no places for tunes: its family is {found.family}, and only vae has.")
    return load(options.model), options.style or found.supports.styles[0]


def _make(folder: Path) -> None:
    try:
        folder.mkdir(exist_ok=True)
    except OSError:
        raise ScoreError(f"'{folder}' is no folder and none can be made there; mend the path.") from None


def _train(options: argparse.Namespace) -> None:
    from zoo.cards import record_test
    from zoo.corpus import load
    from zoo.evaluation.likelihood import evaluate, table
    from zoo.registry import family
    from zoo.registry import load as load_model

    kind = family(options.family)
    given = {name: value for name in ("steps", "seed") if (value := getattr(options, name)) is not None}
    if given.get("steps", 1) < 1 or given.get("seed", 0) < 0:
        raise PromptError("--steps must be at least 1, and --seed at least 0.")
    _check_run(options.out)
    pieces, report = load(options.corpus)
    print(report)
    kind.train(pieces, options.out, replace(kind.config, **given))
    folder = options.out / "checkpoint"
    composer = load_model(str(folder))
    result = evaluate(composer, pieces)
    record_test(folder, composer.card, result)
    print(table([result]))
    print(f"The checkpoint is in {folder}; zoo.load takes that path.")


def _check_run(folder: Path) -> None:
    if not folder.parent.exists():
        raise ScoreError(f"There is no folder '{folder.parent}'; make it first or mend the path.")
    if folder.exists() and not folder.is_dir():
        raise ScoreError(f"'{folder}' is a file; name the run's folder.")


def _finetune(options: argparse.Namespace) -> None:
    from zoo.corpus import load
    from zoo.installed import own_models
    from zoo.registry import card
    from zoo.registry import load as load_model

    family = card(options.model).family
    if family != "gpt2":
        raise PromptError(f"'{options.model}' can't be fine-tuned: its family is {family}, and only gpt2 learns so.")
    from zoo.finetuning import CONFIG, check_name, finetune, table  # loads torch

    check_name(options.style)
    steps = CONFIG.steps if options.steps is None else options.steps
    if steps < 1:
        raise PromptError("--steps must be at least 1.")
    folder = options.out or own_models() / options.style
    _check_run(folder if options.out else own_models())
    if isfile(folder / "config.json"):
        raise PromptError(f"There is a checkpoint in '{folder}' already; name another folder with --out.")
    pieces, report = load([options.corpus])
    print(report)
    learned = finetune(load_model(options.model), pieces, options.style, folder, replace(CONFIG, steps=steps))
    print(table(learned))
    name = folder if options.out else options.style
    print(f"The model is in {folder}. To hear it: python -m zoo generate {name} --out tune.mid")


def _evaluate(options: argparse.Namespace) -> None:
    from zoo.corpus import load
    from zoo.evaluation.likelihood import evaluate, table
    from zoo.registry import list_models
    from zoo.registry import load as load_model

    if options.all == bool(options.model):
        raise PromptError("Name a model or give --all, one of the two.")
    composers = [load_model(name) for name in (list_models() if options.all else [options.model])]
    pieces, _ = load(options.corpus, only=dict.fromkeys(s for c in composers for s in c.card.supports.styles))
    results = [evaluate(composer, pieces) for composer in composers]
    if options.json:
        print(json.dumps(results if options.all else results[0]))
    else:
        print(table(results))


def _statistics(options: argparse.Namespace) -> None:
    from zoo.corpus import load
    from zoo.evaluation.statistics import compare, summary, table
    from zoo.evaluation.statistics_picture import picture
    from zoo.registry import load as load_model

    if options.pieces < 1:
        raise PromptError("--pieces must be at least 1.")
    composer = load_model(options.model)
    if options.out:
        _make(options.out)
    pieces, _ = load(options.corpus, only=composer.card.supports.styles)
    comparisons = compare(composer, pieces, options.pieces)
    result = summary(composer.card.name, comparisons)
    print(json.dumps(result) if options.json else table(result))
    for style, comparison in comparisons.items() if options.out else ():
        (options.out / f"{style}.png").write_bytes(picture(composer.card.name, style, comparison))
