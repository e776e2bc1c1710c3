"""Standard MIDI files <-> Score, through mido.

A MIDI file can't hold everything a Score does. What it lacks goes into text events that other programs pass over:
'Key: D dorian' (its signatures know major and minor only), 'Pickup: 24' (ticks; a short first bar says the same to
other programs) and, as markers, 'Chord: Am7' and 'Form: A'.
"""

import re
from io import BytesIO

import mido

from zoo.errors import ScoreError
from zoo.notation.changes import from_the_start, in_order
from zoo.notation.tokens import printable
from zoo.score import MAX_NOTES, MAX_TICKS, Note, Part, Score
from zoo.theory import MODES, TICKS_PER_QUARTER, Key, Meter

MAX_BYTES = 500_000
MAX_EVENTS = 3 * MAX_NOTES

_TICKS_PER_BEAT = 480  # the usual resolution: twenty MIDI ticks to one of ours
_SCALE = _TICKS_PER_BEAT // TICKS_PER_QUARTER
_DRUM_CHANNEL = 9
_MELODIC_CHANNELS = [channel for channel in range(16) if channel != _DRUM_CHANNEL]
_ENDLESS_NUMBER = re.compile(rb"[\x80-\xff]{1000}")  # mido reads numbers of any length, in quadratic time


def read(data: bytes) -> Score:
    """Read a MIDI file of type 0 or 1, its times rounded to the tick grid; one part for each channel of each track.

    Pitch bends and controllers are passed over; a note without an end lasts until its track ends.

    Raises ScoreError when the file is no MIDI file, is damaged, or is too long.
    """
    file = _parse(data)
    changes = _Changes()
    parts: list[Part] = []
    for number, track in enumerate(file.tracks):
        name, found = _read_track(track, file.ticks_per_beat, changes)
        if number == 0 and name and (file.type == 0 or not found):
            changes.title = name
        for channel, (program, notes) in found.items():
            drum = channel == _DRUM_CHANNEL
            parts.append(Part(tuple(notes), "" if file.type == 0 else name, program, drum))
    return changes.score(parts)


def write(score: Score) -> bytes:
    """The Score as a MIDI file of type 1, 480 ticks to the quarter: one track for metre, key and tempo, one a part."""
    file = mido.MidiFile(type=1, ticks_per_beat=_TICKS_PER_BEAT, charset="utf-8")
    file.tracks.append(_track(_conductor_events(score)))
    for part, channel in zip(score.parts, _channels(score.parts)):
        file.tracks.append(_track(_part_events(part, channel)))
    stream = BytesIO()
    file.save(file=stream)
    return stream.getvalue()


# --- reading ---------------------------------------------------------------------------------------------------------


def _parse(data: bytes) -> mido.MidiFile:
    if data[:4] != b"MThd":
        raise ScoreError("This is not a MIDI file; MIDI files begin with the letters MThd.")
    if len(data) > MAX_BYTES:
        raise ScoreError(f"The MIDI file is larger than {MAX_BYTES // 1000} kB; use a shorter piece.")
    damaged = "The MIDI file is damaged or cut off; save it again from the program that made it."
    if _ENDLESS_NUMBER.search(data):
        raise ScoreError(damaged)
    try:
        file = mido.MidiFile(file=BytesIO(data), clip=True)
    except Exception as error:  # mido lets through whatever its parsing meets: EOFError, OSError, KeyError, ValueError
        raise ScoreError(damaged) from error
    if file.type == 2:
        raise ScoreError("The MIDI file is of type 2, a set of separate patterns; save it as type 0 or 1.")
    if file.ticks_per_beat <= 0:
        raise ScoreError("The MIDI file counts time in film frames, not beats; save it with ticks per quarter note.")
    if sum(len(track) for track in file.tracks) > MAX_EVENTS:
        raise ScoreError(f"The MIDI file has more than {MAX_EVENTS:,} events; use a shorter piece.")
    return file


def _read_track(track: mido.MidiTrack, ticks_per_beat: int, changes: "_Changes"):
    """The track's name and, for each channel with notes, its first program and its notes."""
    name, now = "", 0
    programs: dict[int, int] = {}
    notes: dict[int, list[Note]] = {}
    sounding: dict[tuple[int, int], list[tuple[int, int]]] = {}  # (channel, pitch): [(onset, velocity)], oldest first

    def end(channel: int, pitch: int, tick: int) -> None:
        onset, velocity = sounding[channel, pitch].pop(0)
        notes.setdefault(channel, []).append(Note(onset, max(1, tick - onset), pitch, velocity))

    for message in track:
        now += message.time
        tick = (2 * now * TICKS_PER_QUARTER + ticks_per_beat) // (2 * ticks_per_beat)
        if tick > MAX_TICKS:
            raise ScoreError("The MIDI file is longer than four thousand bars; use a shorter piece.")
        if message.type == "track_name":
            name = name or _text(message.name)
        elif message.is_meta:
            changes.note(tick, message)
        elif message.type == "program_change":
            programs.setdefault(message.channel, message.program)
        elif message.type == "note_on" and message.velocity > 0:
            sounding.setdefault((message.channel, message.note), []).append((tick, message.velocity))
        elif message.type in ("note_on", "note_off") and sounding.get((message.channel, message.note)):
            end(message.channel, message.note, tick)
    last = tick if track else 0
    for (channel, pitch), onsets in sounding.items():
        while onsets:
            end(channel, pitch, last)
    return name, {channel: (programs.get(channel, 0), notes[channel]) for channel in sorted(notes)}


class _Changes:
    """Gathers what the meta events of all tracks say, and builds the Score."""

    def __init__(self):
        self.title = ""
        self.meters: dict[int, Meter] = {}
        self.keys: dict[int, Key] = {}
        self.exact_keys: dict[int, Key] = {}
        self.tempos: dict[int, float] = {}
        self.chords: list[tuple[int, str]] = []
        self.form: list[tuple[int, str]] = []
        self.pickup: int | None = None

    def note(self, tick: int, message: mido.MetaMessage) -> None:
        try:
            if message.type == "time_signature":
                self.meters[tick] = Meter(message.numerator, message.denominator)
            elif message.type == "key_signature":
                self.keys[tick] = Key.parse(message.key)
            elif message.type == "set_tempo":
                bpm = 60_000_000 / max(message.tempo, 1)
                self.tempos[tick] = min(max(round(bpm, 3), 4.0), 1000.0)
            elif message.type == "text" and message.text.startswith("Key: "):
                self.exact_keys[tick] = Key.parse(message.text[5:])
            elif message.type == "text" and re.fullmatch(r"Pickup: [0-9]{1,4}", message.text):
                self.pickup = int(message.text[8:])
            elif message.type == "marker" and message.text.startswith("Chord: "):
                self.chords.append((tick, _text(message.text[7:])))
            elif message.type == "marker" and message.text.startswith("Form: "):
                self.form.append((tick, _text(message.text[6:])))
        except ValueError:
            pass  # a signature that no Score can have leaves the one before it standing

    def score(self, parts: list[Part]) -> Score:
        meters = in_order(self.meters)
        pickup, meters = _find_pickup(meters, self.pickup)
        if not meters or meters[0][0] > 0:
            meters.insert(0, (0, Meter(4, 4)))
        keys = from_the_start(in_order(self.keys | self.exact_keys))
        tempos = in_order(self.tempos)
        if not tempos or tempos[0][0] > 0:
            tempos.insert(0, (0, 120.0))  # the standard's own default
        chords, form = (sorted(found, key=lambda mark: mark[0]) for found in (self.chords, self.form))
        return Score(parts or [Part(())], meters, keys, tempos, chords, pickup, self.title, form)


def _find_pickup(meters: list[tuple[int, Meter]], told: int | None) -> tuple[int, list[tuple[int, Meter]]]:
    """The pickup, and the metres without the short bar that stood for it."""
    if len(meters) > 1:
        (start, short), (end, full) = meters[:2]
        if start == 0 and end == short.bar_ticks < full.bar_ticks and told in (None, end):
            return end, [(0, full), *meters[2:]]
    first_bar = meters[0][1].bar_ticks if meters else Meter(4, 4).bar_ticks
    return (told if told is not None and told < first_bar else 0), meters


def _text(text: str) -> str:
    """mido takes text for Latin-1; most programs write UTF-8."""
    try:
        return text.encode("latin-1").decode("utf-8").strip()
    except UnicodeDecodeError:
        return text.strip()


# --- writing ---------------------------------------------------------------------------------------------------------


def _conductor_events(score: Score) -> list[tuple[int, int, mido.MetaMessage]]:
    """(tick, rank, message): at one tick the lower rank comes first."""
    events = [(0, 0, mido.MetaMessage("track_name", name=printable(score.title)))] if score.title else []
    events += [(tick, 1, _time_signature(meter)) for tick, meter in _with_pickup_bar(score)]
    for tick, key in score.keys:
        signature = _signature(key)
        events.append((tick, 2, mido.MetaMessage("key_signature", key=signature)))
        if Key.parse(signature) != key:
            events.append((tick, 2, mido.MetaMessage("text", text=f"Key: {key}")))
    events += [(tick, 3, mido.MetaMessage("set_tempo", tempo=round(60_000_000 / bpm))) for tick, bpm in score.tempos]
    for tick, symbol in score.chords:
        events.append((tick, 4, mido.MetaMessage("marker", text=f"Chord: {printable(symbol)}")))
    for tick, label in score.form:
        events.append((tick, 4, mido.MetaMessage("marker", text=f"Form: {printable(label)}")))
    if score.pickup or _find_pickup(list(score.meters), None)[0]:
        events.append((0, 4, mido.MetaMessage("text", text=f"Pickup: {score.pickup}")))
    return events


def _with_pickup_bar(score: Score) -> list[tuple[int, Meter]]:
    """The metres; a pickup of whole 32nds becomes a first bar of its own length."""
    unit = next((unit for unit in (24, 12, 6, 3) if score.pickup and score.pickup % unit == 0), None)
    if unit is None or score.pickup // unit > 32:
        return list(score.meters)
    short = Meter(score.pickup // unit, 4 * TICKS_PER_QUARTER // unit)
    return [(0, short), (score.pickup, score.meter), *score.meters[1:]]


def _time_signature(meter: Meter) -> mido.MetaMessage:
    return mido.MetaMessage("time_signature", numerator=meter.numerator, denominator=meter.denominator)


def _signature(key: Key) -> str:
    """The major or minor key with the same signature, as mido names it."""
    mode = "major" if MODES[key.mode] > MODES["dorian"] else "minor"
    fifths = (key.fifths + 7) % 12 - 7 if abs(key.fifths) > 7 else key.fifths  # G# major is written as Ab major
    same = Key.from_fifths(fifths, mode)
    return same.tonic + ("m" if mode == "minor" else "")


def _channels(parts: tuple[Part, ...]) -> list[int]:
    """A channel for each part: its own while they last, else one for each program, shared when those run out too."""
    melodic = [number for number, part in enumerate(parts) if not part.is_drum]
    if len(melodic) > len(_MELODIC_CHANNELS):
        programs = list(dict.fromkeys(parts[number].program for number in melodic))
        order = {number: programs.index(parts[number].program) for number in melodic}
    else:
        order = {number: place for place, number in enumerate(melodic)}
    return [
        _DRUM_CHANNEL if part.is_drum else _MELODIC_CHANNELS[order[number] % len(_MELODIC_CHANNELS)]
        for number, part in enumerate(parts)
    ]


def _part_events(part: Part, channel: int) -> list[tuple[int, int, mido.Message]]:
    events: list[tuple[int, int, mido.Message]] = []
    if part.name:
        events.append((0, 0, mido.MetaMessage("track_name", name=printable(part.name))))
    events.append((0, 1, mido.Message("program_change", channel=channel, program=part.program)))
    for note in part.notes:
        velocity = max(1, note.velocity)  # a note-on of velocity 0 means note-off
        events.append((note.onset, 3, mido.Message("note_on", channel=channel, note=note.pitch, velocity=velocity)))
        events.append((note.end, 2, mido.Message("note_off", channel=channel, note=note.pitch, velocity=0)))
    return events


def _track(events: list[tuple[int, int, mido.Message]]) -> mido.MidiTrack:
    track = mido.MidiTrack()
    now = 0
    for tick, _, message in sorted(events, key=lambda event: event[:2]):
        message.time = (tick - now) * _SCALE
        track.append(message)
        now = tick
    track.append(mido.MetaMessage("end_of_track"))
    return track
