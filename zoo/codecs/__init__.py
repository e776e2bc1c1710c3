"""Codecs: Score <-> what models read (event sequences here)."""
