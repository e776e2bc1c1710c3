"""import zoo is light, and zoo never needs the app."""

import subprocess
import sys


def _modules_after(code: str) -> set[str]:
    program = f"{code}; import sys; print(' '.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_import_loads_no_heavy_library():
    heavy = {"torch", "transformers", "gradio", "music21", "pretty_midi", "matplotlib"}
    assert not heavy & _modules_after("import zoo")


def test_listing_models_and_cards_loads_no_weights():
    loaded = _modules_after("import zoo; [zoo.card(name) for name in zoo.list_models()]; zoo.Prompt(notes='C4 E4 G4')")
    assert not {"torch", "gradio"} & loaded


def test_zoo_never_imports_gradio():
    loaded = _modules_after(
        "import zoo, zoo.cli, zoo.models.lstm, zoo.arranging, zoo.rendering, zoo.draw, zoo.files, zoo.training,"
        " zoo.evaluation.likelihood, zoo.corpus"
    )
    assert "torch" in loaded and "gradio" not in loaded
