"""The event codec: a Score as a sequence of tokens for LSTM and transformer alike.

    style_folk meter_6/8 mode_major density_4 length_16        the header: what the piece is
    upbeat pos_60 dur_12 pitch_67                              an incomplete first bar, if there is one
    bar dur_12 pitch_72 dur_12 pitch_76 dur_12 pitch_72 ...    a bar: each note is its duration, then its pitch
    bar dur_24 pitch_60 pitch_64 part_1 dur_72 pitch_48 ...    a chord shares a duration; part_1 starts at the bar line
    bar dur_96 pitch_72 harmony chord_0:m7 pos_48 chord_7:7    chord symbols, each until the next
    end

A note begins where the one before it in its part ended; `pos` says where, when it does not. What is left of a bar
is silence. `bar meter_3/4` changes the metre. Pitches are those of the piece transposed to no sharps or flats
(C major, A minor, D dorian ...), so that a small model need not learn each tune twelve times.

MidiTok's REMI (Huang and Yang 2020) spends position, pitch, duration on every note. Here a melody's note costs two
tokens, and the model is shown where in the bar it is by `Walk` instead; benchmarks/codec.py measures what that gains.

A melody codec is for models of one line. A polyphonic one has a sixth header word, `texture_4` (so many parts),
`texture_chords` (a line with chord symbols) or `texture_melody`, the chord symbols, and shows the model what the
other parts do.
"""

from bisect import bisect_right
from collections import Counter
from dataclasses import dataclass, field
from itertools import pairwise

from zoo.chords import PLAIN_QUALITIES, chord_symbol, simplify
from zoo.codecs.grid import DURATIONS, MAX_BAR_TICKS, POSITIONS, nearest_duration, nearest_position
from zoo.errors import ScoreError
from zoo.score import Note, Part, Score
from zoo.theory import MODES, TICKS_PER_QUARTER, Key, Meter

METERS = (
    "2/4", "3/4", "4/4", "2/2", "3/2", "4/2", "3/8", "6/8", "9/8", "12/8", "6/4", "5/4", "4/8", "5/8", "7/8", "2/8",
)
LOWEST, HIGHEST = 21, 108  # a piano's keys
MAX_LENGTH = 64  # bars that the header counts; longer pieces say length_more
MAX_PARTS = 8
LOOKBACK_BARS = (1, 2, 4, 8)  # how far back models are shown what stood at the same place
TEXTURES = ("melody", "chords", *(str(parts) for parts in range(1, MAX_PARTS + 1)))
NO_CHORD = "N.C."
_HARMONY = MAX_PARTS  # the number under which Walk keeps the chord symbols
_MOST_BARS_LEFT = 32
_BAR_CYCLE = 32  # bars are counted round and round, so that a model can tell neighbours apart in a piece of any length
_MOST_TOKENS = 64  # of a bar that are counted
_DENSITY_LIMITS = (0.75, 1.1, 1.6, 2.2)  # onsets per quarter note, between density_1 and density_5


@dataclass(frozen=True)
class Header:
    """What the first tokens of a sequence say.

    density: 1 (sparse) to 5; length: full bars, above 64 for 'more'; texture: one of TEXTURES, '' in melody codecs.
    """

    style: str
    meter: Meter
    mode: str
    density: int
    length: int
    texture: str = ""

    def words(self) -> list[str]:
        length = str(self.length) if self.length <= MAX_LENGTH else "more"
        return [
            f"style_{self.style}", f"meter_{self.meter}", f"mode_{self.mode}",
            f"density_{self.density}", f"length_{length}", *([f"texture_{self.texture}"] if self.texture else []),
        ]


_MODES = tuple(MODES)


def density(score: Score) -> int:
    """1 (at most 0.75 onsets a quarter note) to 5 (more than 2.2)."""
    onsets = len({note.onset for note in score.notes})
    rate = onsets * TICKS_PER_QUARTER / max(1, score.end)
    return 1 + sum(rate > limit for limit in _DENSITY_LIMITS)


def texture(score: Score) -> str:
    """What a score is made of, one of TEXTURES."""
    pitched = [part for part in score.parts if part.notes and not part.is_drum]
    if len(pitched) != 1:
        return str(max(1, min(len(pitched), MAX_PARTS)))
    if score.chords:
        return "chords"
    notes = pitched[0].notes
    return "1" if any(a.end > b.onset for a, b in pairwise(notes)) else "melody"


@dataclass
class Losses:
    """What an encoding could not keep, in notes (changes for the last two)."""

    counts: Counter = field(default_factory=Counter)


class EventCodec:
    """Score <-> token ids, for a fixed tuple of style names, of melodies or of polyphonic music.

    The vocabulary depends on nothing else, so that a checkpoint's config need only say these two.
    """

    def __init__(self, styles: tuple[str, ...], polyphonic: bool = False):
        self.styles = tuple(styles)
        self.polyphonic = polyphonic
        self.header_tokens = 6 if polyphonic else 5
        self.words: list[str] = [
            "end", "bar", "upbeat",
            *(f"style_{name}" for name in self.styles),
            *(f"meter_{meter}" for meter in METERS),
            *(f"mode_{mode}" for mode in MODES),
            *(f"density_{level}" for level in range(1, 6)),
            *(f"length_{bars}" for bars in range(1, MAX_LENGTH + 1)), "length_more",
            *(f"part_{part}" for part in range(1, MAX_PARTS)),
            *(f"pos_{ticks}" for ticks in POSITIONS),
            *(f"dur_{ticks}" for ticks in DURATIONS),
            *(f"pitch_{pitch}" for pitch in range(LOWEST, HIGHEST + 1)),
        ]
        if polyphonic:
            self.words += [
                *(f"texture_{texture}" for texture in TEXTURES), "harmony", f"chord_{NO_CHORD}",
                *(f"chord_{root}:{quality}" for quality in PLAIN_QUALITIES for root in range(12)),
            ]
        self.ids = {word: i for i, word in enumerate(self.words)}
        self.kinds = [word.partition("_")[0] for word in self.words]
        self.values = [_value(word) for word in self.words]

        # A note of quantised length can end between grid positions: the place is the last one passed.
        self.place_of = [bisect_right(POSITIONS, ticks) - 1 for ticks in range(MAX_BAR_TICKS)]

    def context_sizes(self) -> list[int]:
        """How many values each column of Walk.context can take."""
        lookback = [HIGHEST - LOWEST + 2, len(DURATIONS) + 1] * len(LOOKBACK_BARS)
        header = [len(self.styles) + 1, len(METERS) + 1, len(_MODES) + 1]
        melodic = [len(POSITIONS) + 1, _MOST_BARS_LEFT + 2, *header, *lookback]
        if not self.polyphonic:
            return melodic
        pitches, chord = HIGHEST - LOWEST + 2, [13, len(PLAIN_QUALITIES) + 1]
        previous = [pitches, len(DURATIONS) + 1]
        return [*melodic, MAX_PARTS + 1, len(TEXTURES) + 1, _BAR_CYCLE, _MOST_TOKENS, *previous, *[pitches] * 4, *chord]

    def __len__(self):
        return len(self.words)

    def header(self, score: Score, style: str) -> Header:
        """The header that encode would give the score.

        Raises ScoreError for a metre or style outside the vocabulary, and where there is no full bar.
        """
        if str(score.meter) not in METERS:
            raise ScoreError(f"The metre {score.meter} is not one the models know; they know {', '.join(METERS)}.")
        if style not in self.styles:
            raise ScoreError(f"The model does not know the style '{style}'; it knows {', '.join(self.styles)}.")
        if score.bars < 1:
            raise ScoreError("The piece has no full bar.")
        made_of = texture(score) if self.polyphonic else ""
        return Header(style, score.meter, score.key.mode, density(score), score.bars, made_of)

    def encode(self, score: Score, style: str, losses: Losses | None = None) -> list[int]:
        """Token ids of the whole piece, header first, `end` last. What is lost is added to losses."""
        lost = losses.counts if losses else Counter()
        header = self.header(score, style)
        words = [*header.words(), *self.body(score, lost), "end"]
        return [self.ids[word] for word in words]

    def body(self, score: Score, lost: Counter | None = None) -> list[str]:
        """The words between header and end, in the score's own bars."""
        lost = Counter() if lost is None else lost
        shift = score.key.to_white_keys
        lines = score.barlines
        bars = self._bars_of_parts(score, shift, lost)
        chords = self._bars_of_chords(score, shift, lost) if self.polyphonic else {}
        lost["key_changes"] += max(0, len(score.keys) - 1)
        lost["tempo_changes"] += max(0, len(score.tempos) - 1)

        words, meter = [], score.meter
        cursors = [-MAX_BAR_TICKS] * MAX_PARTS  # before any upbeat
        for index, start in enumerate(lines[:-1]):
            is_upbeat = index == 0 and score.pickup
            words.append("upbeat" if is_upbeat else "bar")
            new_meter = [m for tick, m in score.meters if tick <= start][-1]  # holds from the next bar line
            if not is_upbeat and new_meter != meter:
                if str(new_meter) not in METERS:
                    raise ScoreError(f"The metre {new_meter} is not one the models know.")
                words.append(f"meter_{new_meter}")
                meter = new_meter
            # An upbeat's positions count from where its bar would have begun.
            origin = start - (meter.bar_ticks - score.pickup) if is_upbeat else start
            for part, notes in sorted(bars.get(index, {}).items()):
                if part:
                    words.append(f"part_{part}")
                cursors[part] = max(cursors[part], origin)
                for (onset, duration), pitches in notes:
                    if onset != cursors[part]:
                        words.append(f"pos_{onset - origin}")
                    words.append(f"dur_{duration}")
                    words.extend(f"pitch_{pitch}" for pitch in pitches)
                    cursors[part] = onset + duration
            for number, (position, word) in enumerate(chords.get(index, ())):
                words += [*(["harmony"] if number == 0 else []), *([f"pos_{position}"] if position else []), word]
        return words

    def _bars_of_chords(self, score: Score, shift: int, lost: Counter) -> dict[int, list[tuple[int, str]]]:
        """{bar: [(position, word), ...]} of the chord symbols that change something."""
        lines, current, bars = score.barlines, NO_CHORD, {}
        for tick, symbol in score.chords:
            bar = bisect_right(lines, tick) - 1
            if bar >= len(lines) - 1:
                continue
            is_upbeat = bar == 0 and score.pickup
            position = nearest_position(tick - lines[bar] + (score.meter.bar_ticks - score.pickup if is_upbeat else 0))
            word = _chord_word(symbol, shift)
            lost["chords_without_bass"] += "/" in symbol
            placed = bars.setdefault(bar, [])
            if word != current and position < MAX_BAR_TICKS and all(position > before for before, _ in placed):
                placed.append((position, word))
                current = word
        return bars

    def _bars_of_parts(self, score: Score, shift: int, lost: Counter) -> dict:
        """{bar: {part: [((onset, duration), ascending pitches), ...]}}, on the grid, in white-key pitches."""
        lines = score.barlines
        pitched = [part for part in score.parts if not part.is_drum and part.notes]
        lost["notes"] += len(score.notes)
        lost["drums"] += sum(len(part.notes) for part in score.parts if part.is_drum)
        lost["parts_beyond_8"] += sum(len(part.notes) for part in pitched[MAX_PARTS:])
        bars: dict = {}
        for number, part in enumerate(pitched[:MAX_PARTS]):
            bar = 0
            for note in part.notes:
                while bar + 1 < len(lines) - 1 and note.onset >= lines[bar + 1]:
                    bar += 1
                origin = lines[bar] - (score.meter.bar_ticks - score.pickup if bar == 0 and score.pickup else 0)
                position = nearest_position(note.onset - origin)
                room = min(lines[bar + 1] - origin, MAX_BAR_TICKS)
                if position >= room:  # nearest to the next bar line: stay in the bar, on its last place
                    position = nearest_position(room - 3)
                    position = position if position < room else room - 3
                duration = nearest_duration(note.duration)
                pitch = note.pitch + shift
                lost["moved"] += origin + position != note.onset
                lost["lengthened_or_shortened"] += duration != note.duration
                if not LOWEST <= pitch <= HIGHEST:
                    lost["octave_shifted"] += 1
                    pitch = LOWEST + (pitch - LOWEST) % 12 if pitch < LOWEST else HIGHEST - (HIGHEST - pitch) % 12
                chord = bars.setdefault(bar, {}).setdefault(number, {}).setdefault((origin + position, duration), set())
                lost["doubled"] += pitch in chord
                chord.add(pitch)
        return {
            bar: {
                # Of notes that begin together the shortest comes last: the next one likely begins where it ends.
                part: [(when, sorted(chords[when])) for when in sorted(chords, key=lambda when: (when[0], -when[1]))]
                for part, chords in parts.items()
            }
            for bar, parts in bars.items()
        }

    def decode(self, tokens: list[int], key: Key | None = None, tempo: float = 120.0) -> Score:
        """The Score of a whole sequence, in the given key (by default that of no sharps or flats in its mode).

        Raises ScoreError for a malformed sequence.
        """
        walk = Walk(self)
        notes: list[list[Note]] = [[] for _ in range(MAX_PARTS)]
        for token in tokens:
            note = walk.step(token)
            if note:
                notes[walk.part].append(note)
        if not walk.ended:
            raise ScoreError("The token sequence has no end.")
        key = key or Key.from_fifths(0, walk.mode)
        first = min((part[0].onset for part in notes if part), default=0)
        pickup = walk.upbeat_ticks - first if 0 < first < walk.upbeat_ticks else 0
        start = 0 if first == 0 else walk.upbeat_ticks - pickup
        used = 1 + max((i for i, part in enumerate(notes) if part), default=0)
        return Score(
            parts=tuple(
                Part(tuple(
                    Note(n.onset - start, n.duration, n.pitch - key.to_white_keys, n.velocity) for n in part
                ))
                for part in notes[:used]
            ),
            meters=tuple((max(0, tick - start), meter) for tick, meter in walk.meters),
            keys=((0, key),),
            tempos=((0, tempo),),
            chords=tuple((max(0, tick - start), _symbol(chord, key)) for tick, chord in walk.chords),
            pickup=pickup,
        )


class Walk:
    """Where in the music a token sequence has got to: the codec's one reading of its own grammar.

    Ticks count from the beginning of the first bar, the upbeat's full bar included. Used to decode, to show models
    their place in the bar and in the piece, and to know what may follow.
    """

    def __init__(self, codec: EventCodec):
        self.codec = codec
        self.kind = "start"  # of the last token
        self.style = ""
        self.mode = "major"
        self.density = 0
        self.length = 0  # full bars by the header; MAX_LENGTH + 1 for 'more'
        self.texture = ""
        self.meters: list[tuple[int, Meter]] = []
        self.bar_ticks = 0
        self.bar = 0  # full bars begun
        self.bar_start = 0
        self.bar_tokens = 0  # since the bar line
        self.upbeat_ticks = 0  # a full bar where the piece has an upbeat
        self.pickup = 0  # ticks from its first note to the first full bar
        self.part = 0
        self.cursors = [0] * (MAX_PARTS + 1)  # the last is the chord symbols'
        self.onset = 0  # of the note being written
        self.duration = 0
        self.pitch = -1  # the last one, on white keys
        self.starts: dict[tuple[int, int], tuple[int, int]] = {}  # (part, onset): (pitch, duration)
        # What sounds in this bar, by part: (onset, end, pitch).
        self.written: list[list[tuple[int, int, int]]] = [[] for _ in range(MAX_PARTS)]
        self.last = [(0, 0)] * (MAX_PARTS + 1)  # each part's last (pitch, duration)
        self.chords: list[tuple[int, tuple[int, str] | None]] = []  # (tick, (root, quality)); None: no chord
        self.ended = False

    @property
    def cursor(self) -> int:
        """Ticks from the bar line to where the next note of this part begins by default."""
        return max(self.cursors[self.part], self.bar_start) - self.bar_start

    @property
    def in_header(self) -> bool:
        """Whether the last token was the header's last, so that the music begins."""
        return self.kind == ("texture" if self.codec.polyphonic else "length")

    @property
    def bars_left(self) -> int:
        """Full bars still to begin; large for pieces of unknown length."""
        return self.length - self.bar

    def context(self) -> list[int]:
        """Small whole numbers, below context_sizes(), that tell a model where the next token stands.

        The place in the bar, the bars left, style, metre and mode; then, for each of LOOKBACK_BARS, pitch and duration
        of the note that began at this place so many bars ago, 0 for none (after Magenta's Lookback RNN, Waite 2016).
        """
        codec = self.codec
        cursor = self.cursor
        row = [
            codec.place_of[cursor] if cursor < self.bar_ticks else len(POSITIONS),
            max(0, min(self.bars_left, _MOST_BARS_LEFT)) if self.length else _MOST_BARS_LEFT + 1,
            codec.ids[f"style_{self.style}"] - codec.ids[f"style_{codec.styles[0]}"] + 1 if self.style else 0,
            METERS.index(str(self.meters[-1][1])) + 1 if self.meters else 0,
            _MODES.index(self.mode) if self.length else len(_MODES),
        ]
        here = self.bar_start + cursor
        for bars in LOOKBACK_BARS:
            pitch, duration = self.starts.get((self.part, here - bars * self.bar_ticks), (0, 0))
            row += [pitch - LOWEST + 1, DURATIONS.index(duration) + 1] if pitch else [0, 0]
        return row + self._polyphony(here) if codec.polyphonic else row

    def _polyphony(self, here: int) -> list[int]:
        """More columns, for many parts.

        Part, texture, bar and token of the bar; this part's last note; what sounds here in the first three parts and
        as the lowest of all others; the last chord symbol.
        """
        pitch, duration = self.last[self.part]
        tops, lowest = [0, 0, 0], 0
        for part, notes in enumerate(self.written):
            if part != self.part:
                for onset, end, sounding in notes:
                    if onset <= here < end:
                        if part < 3:
                            tops[part] = max(tops[part], sounding - LOWEST + 1)
                        lowest = min(lowest or 127, sounding - LOWEST + 1)
        root, quality = (self.chords and self.chords[-1][1]) or (-1, "")
        return [
            self.part, TEXTURES.index(self.texture) + 1 if self.texture else 0,
            self.bar % _BAR_CYCLE, min(self.bar_tokens, _MOST_TOKENS - 1),
            *([pitch - LOWEST + 1, DURATIONS.index(duration) + 1] if pitch else [0, 0]),
            *tops, lowest,
            root + 1, _QUALITY_INDEX[quality] + 1 if root >= 0 else 0,
        ]

    def step(self, token: int) -> Note | None:
        """Take one token; returns the note it completes, with ticks from the first bar's beginning."""
        kind, value = self.codec.kinds[token], self.codec.values[token]
        note = None
        self.bar_tokens += 1
        if kind == "pitch":
            if self.kind not in ("dur", "pitch"):
                raise ScoreError("A pitch token without a duration.")
            self.pitch = value
            self.cursors[self.part] = self.onset + self.duration
            if self.upbeat_ticks and not self.starts:
                self.pickup = max(0, self.upbeat_ticks - self.onset)
            self.starts[self.part, self.onset] = self.last[self.part] = (value, self.duration)
            self.written[self.part].append((self.onset, self.onset + self.duration, value))
            note = Note(self.onset, self.duration, value)
        elif kind == "dur":
            self.onset = self.bar_start + self.cursor
            self.duration = value
        elif kind == "pos":
            self.cursors[self.part] = self.bar_start + value
        elif kind in ("bar", "upbeat"):
            if not self.bar_ticks:
                raise ScoreError("A bar before the header's metre.")
            if not self.in_header:
                self.bar_start += self.bar_ticks
            self.bar += kind == "bar"
            self.upbeat_ticks = self.bar_ticks if kind == "upbeat" else self.upbeat_ticks
            self.part = 0
            self.bar_tokens = 0
            self.written = [[note for note in notes if note[1] > self.bar_start] for notes in self.written]
        elif kind == "part":
            self.part = value
        elif kind == "harmony":
            self.part = _HARMONY
        elif kind == "chord":
            self.chords.append((self.bar_start + self.cursor, value))
        elif kind == "meter":
            meter = Meter.parse(value)
            self.bar_ticks = meter.bar_ticks
            self.meters.append((self.bar_start, meter))
        elif kind == "end":
            self.ended = True
        else:
            setattr(self, kind, value)
        self.kind = kind
        return note


_QUALITY_INDEX = {quality: i for i, quality in enumerate(PLAIN_QUALITIES)}


def _chord_word(symbol: str, shift: int) -> str:
    """The token of a chord symbol in a piece that is moved by shift semitones; its bass and rare tones are left out."""
    simple = simplify(symbol)
    return f"chord_{(simple[0] + shift) % 12}:{simple[1]}" if simple else f"chord_{NO_CHORD}"


def _symbol(chord: tuple[int, str] | None, key: Key) -> str:
    """The chord symbol in a key."""
    if chord is None:
        return NO_CHORD
    root, quality = chord
    return chord_symbol((root - key.to_white_keys) % 12, quality, key)


def _value(word: str) -> int | str | tuple[int, str] | None:
    kind, _, text = word.partition("_")
    if kind in ("style", "meter", "mode", "texture"):
        return text
    if kind == "chord":
        root, _, quality = text.partition(":")
        return None if text == NO_CHORD else (int(root), quality)
    if word == "length_more":
        return MAX_LENGTH + 1
    return int(text) if text else 0
