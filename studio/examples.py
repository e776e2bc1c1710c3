"""The ideas to click: what each fills in; the rest of the fields go back to their defaults."""

EXAMPLES = {
    "example_jig": {
        "style": "folk", "notes": "D4:0.5 F#4:0.5 A4:0.5 D5:0.5 A4:0.5 F#4:0.5", "key": "D major", "meter": "6/8",
    },
    "example_chorale": {"style": "chorale", "notes": "G4 A4 B4 C5", "key": "G major", "meter": "4/4", "mood": "calm"},
    "example_waltz": {"style": "song", "notes": "A4 C5 E5", "key": "A minor", "meter": "3/4", "mood": "sad"},
    "example_rag": {"style": "jazz", "notes": "C4 E4 G4", "key": "C major", "temperature": 1.0},
    "example_minuet": {
        "style": "classical", "notes": "D5 G4:0.5 A4:0.5 B4:0.5 C5:0.5", "key": "G major", "meter": "3/4",
    },
}
