"""What sound needs from the machine: the fluidsynth program and a General MIDI SoundFont."""

import os
import shutil
from pathlib import Path

from zoo.errors import RenderError

_FOLDERS = ("/usr/share/sounds/sf2", "/usr/share/soundfonts")
_NAMES = ("FluidR3_GM.sf2", "TimGM6mb.sf2")  # the better one first
_HOW = "install it with: apt-get install fluidsynth fluid-soundfont-gm"


def find_fluidsynth() -> str:
    """Path of the fluidsynth program. Raises RenderError where it is not installed."""
    program = shutil.which("fluidsynth")
    if program is None:
        raise RenderError(f"Sound needs the program fluidsynth, which is not here; {_HOW}")
    return program


def find_soundfont() -> str:
    """Path of the SoundFont: ZOO_SOUNDFONT where that is set, else FluidR3 GM, else TimGM6mb.

    Raises RenderError where there is none, or where the file is not a whole SoundFont.
    """
    chosen = os.environ.get("ZOO_SOUNDFONT")
    if chosen:
        candidates = [Path(chosen).expanduser()]
    else:
        candidates = [Path(folder, name) for name in _NAMES for folder in _FOLDERS]
    path = next((path for path in candidates if path.is_file()), None)
    if path is None:
        if chosen:
            raise RenderError(f"ZOO_SOUNDFONT names '{chosen}', which is no file; give the path of an .sf2 file.")
        raise RenderError(f"Sound needs a General MIDI SoundFont, and none is here; {_HOW}")
    if not _is_soundfont(path):
        raise RenderError(f"'{path}' is damaged or no SoundFont; give a whole .sf2 file, or {_HOW}")
    return str(path)


def _is_soundfont(path: Path) -> bool:
    """Whether the file has a SoundFont's head and is as long as the head says (a broken download is shorter)."""
    try:
        with path.open("rb") as file:
            head = file.read(12)
    except OSError:
        return False
    whole = int.from_bytes(head[4:8], "little") + 8 <= path.stat().st_size
    return head[:4] == b"RIFF" and head[8:] == b"sfbk" and whole
