"""Requests' folders: each its own, and gone after an hour."""

import os
import time

from studio.files import MAX_AGE, fresh_folder


def test_folders_are_new_and_old_ones_go(tmp_path, monkeypatch):
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))
    old, young = fresh_folder(), fresh_folder()
    (old / "a.wav").write_bytes(b"x")
    (young / "b.wav").write_bytes(b"x")
    foreign = tmp_path / "somebody-elses"
    foreign.mkdir()
    for folder in (old, foreign):
        os.utime(folder, (time.time() - MAX_AGE - 1,) * 2)
    fresh = fresh_folder()
    assert fresh not in (old, young)
    assert not old.exists() and (young / "b.wav").exists() and foreign.exists()
