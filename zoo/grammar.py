"""What may follow where: masks before sampling, so that no malformed piece can be drawn.

MelodyGrammar is for one line; PolyphonicGrammar for what a polyphonic codec writes: voices, hands, chord symbols.
"""

from collections.abc import Sequence

import numpy as np

from zoo.codecs.events import HIGHEST, LOWEST, MAX_PARTS, EventCodec, Walk
from zoo.codecs.grid import on_grid
from zoo.theory import TICKS_PER_QUARTER, Key, Meter

_CHORD_GRID = TICKS_PER_QUARTER // 2  # chord symbols change on eighths


class MelodyGrammar:
    """What may follow where, so that a melody has exactly the bars asked for, in one metre, and comes home.

    Notes end on the grid and within the piece, and no bar passes without one sounding. The last note is the tonic, on a
    strong place, at least half a beat long; all that sounds after the last strong place is part of it. It reaches the
    final bar line; after an upbeat it may stop as much earlier as the upbeat lasts, as printed music does.
    """

    def __init__(self, codec: EventCodec, bars: int, meter: Meter, mode: str, may_begin_with_upbeat: bool):
        self.bars = bars
        self.may_begin_with_upbeat = may_begin_with_upbeat
        self.end, self.bar, self.upbeat = (codec.ids[word] for word in ("end", "bar", "upbeat"))
        kinds, values = np.array(codec.kinds), codec.values
        self.positions = np.flatnonzero(kinds == "pos")
        self.durations = np.flatnonzero(kinds == "dur")
        self.pitches = np.flatnonzero(kinds == "pitch")
        self.position_ticks = np.array([values[i] for i in self.positions])
        self.duration_ticks = np.array([values[i] for i in self.durations])
        self.home = Key.from_fifths(0, mode).pitch_class
        self.home_pitches = self.pitches[np.arange(LOWEST, HIGHEST + 1) % 12 == self.home]
        self.size = len(codec)
        half, beat = meter.bar_ticks // 2, meter.beat_ticks
        self.strong = half if half % beat == 0 else beat  # ticks from one strong place to the next
        self.last_strong = (meter.bar_ticks - 1) // self.strong * self.strong
        self.shortest_last = beat // 2

    def allowed(self, walk: Walk) -> np.ndarray:
        """Bool (V,): the tokens that may follow. At least one always may."""
        mask = np.zeros(self.size, bool)
        if walk.in_header:
            mask[self.bar] = True
            mask[self.upbeat] = self.may_begin_with_upbeat
        else:
            self._allow(walk, mask)
        return mask

    def _allow(self, walk: Walk, mask: np.ndarray) -> None:
        """Set what may follow after the header; at least one token."""
        if walk.kind == "dur":
            is_last = walk.cursor + walk.duration > self._last_place(walk)
            mask[self.home_pitches if is_last else self.pitches] = True
        else:
            if walk.cursor < walk.bar_ticks and walk.cursor <= self._last_place(walk):
                mask[self.durations[self._durations(walk)]] = walk.kind != "upbeat"  # it begins later in its bar
                mask[self.positions[self._positions(walk)]] = walk.kind != "pos"
            if walk.kind not in ("pos", "upbeat") and walk.cursor > 0:
                mask[self.end if walk.bar == self.bars else self.bar] = self._may_close(walk)
            if not mask.any():  # a prompt may leave no room for the way home
                mask[self.end if walk.bar == self.bars else self.bar] = True

    def _last_place(self, walk: Walk) -> int:
        """Ticks from this bar line to the last place where a note can begin."""
        return (self.bars - walk.bar) * walk.bar_ticks + self.last_strong

    def _durations(self, walk: Walk) -> np.ndarray:
        """Those that end on the grid and leave room for the last note, or make one."""
        ends = walk.cursor + self.duration_ticks
        last_place = self._last_place(walk)
        fits = ends <= last_place
        if walk.cursor % self.strong == 0:
            final_line = last_place - self.last_strong + walk.bar_ticks
            closes = (ends > last_place) & (ends >= final_line - walk.pickup) & (ends <= final_line)
            fits |= closes & (self.duration_ticks >= self.shortest_last)
        return fits & on_grid(ends % walk.bar_ticks)

    def _positions(self, walk: Walk) -> np.ndarray:
        """Later places of this bar; an upbeat begins in its second half."""
        earliest = walk.bar_ticks // 2 if walk.kind == "upbeat" else walk.cursor + 1
        latest = min(walk.bar_ticks - 1, self._last_place(walk))
        return (self.position_ticks >= earliest) & (self.position_ticks <= latest)

    def _may_close(self, walk: Walk) -> bool:
        """Whether the bar may be left, or in the last bar the piece."""
        if walk.bar < self.bars:
            return True
        begins_strong = (walk.onset - walk.bar_start) % self.strong == 0
        return walk.pitch % 12 == self.home and begins_strong and walk.cursor + walk.pickup >= walk.bar_ticks


class PolyphonicGrammar(MelodyGrammar):
    """The same for a texture of codecs.events.TEXTURES: every part is complete, and all come home together.

    In each bar the parts are written in order, each from the bar line or from where its last note ends. Voices ('3' to
    '8') sing one note at a time and none is silent for a bar; hands ('1', '2') may play chords, rising, and rest while
    the other plays. In the last bar every part reaches the final bar line, the first with the tonic on top, the last
    with the tonic as its lowest. Chord symbols ('chords') stand in the first bar, and the last bar's are on the tonic.
    """

    def __init__(
        self, codec: EventCodec, bars: int, meter: Meter, mode: str, texture: str,
        given_until: Sequence[int] = (), pickup: int = 0, shift: int = 0,
    ):
        """given_until: for each part, the tick (counted as Walk does) up to which a prompt has written it.

        pickup: the prompt's, in ticks. shift: semitones from the white keys to the piece's own, on a piano's keys too.
        """
        super().__init__(codec, bars, meter, mode, may_begin_with_upbeat=not any(given_until))
        self.given_until = [*given_until, *[0] * (MAX_PARTS - len(given_until))]
        self.pickup = pickup
        pitches = np.arange(LOWEST, HIGHEST + 1) + shift
        self.on_piano = (pitches >= LOWEST) & (pitches <= HIGHEST)
        self.parts = int(texture) if texture.isdigit() else 1
        self.has_chords = texture in ("1", "2")
        self.has_harmony = texture == "chords"
        self.part_tokens = [codec.ids.get(f"part_{part}", -1) for part in range(MAX_PARTS)]
        self.harmony = codec.ids["harmony"]
        self.chords = np.array([i for i, kind in enumerate(codec.kinds) if kind == "chord"])
        roots = [codec.values[i] and codec.values[i][0] for i in self.chords]
        self.end_of_bar = [self.bar, self.end]
        self.ways_out = np.isin(codec.kinds, ("part", "harmony", "bar", "end"))
        self.home_chords = self.chords[np.array([root == self.home for root in roots])]

    def _allow(self, walk: Walk, mask: np.ndarray) -> None:
        if walk.kind == "dur":
            self._allow_pitches(walk, mask, above=LOWEST - 1)
        elif walk.part == MAX_PARTS:
            self._allow_harmony(walk, mask)
        else:
            is_own = walk.kind == "pitch" and walk.onset >= self.given_until[walk.part]
            if is_own and self.has_chords:
                self._allow_pitches(walk, mask, above=walk.pitch)
            if not (is_own and self._is_closing(walk) and not self._is_home(walk)):
                self._allow_notes(walk, mask)
                self._allow_leaving(walk, mask)
        if not mask.any():  # a prompt may leave no room for the way home
            mask[self.way_out(walk)] = True

    def way_out(self, walk: Walk) -> int:
        """The token that leaves this part: for the next one, or the bar."""
        following = walk.part + 1
        return self.part_tokens[following] if following < self.parts else self._end_of_bar(walk)

    def _allow_pitches(self, walk: Walk, mask: np.ndarray, above: int) -> None:
        """Those not sounding in the part already; of the last note those that come home, or can."""
        pitches = np.arange(LOWEST, HIGHEST + 1)
        fits = self.on_piano & (pitches > above)
        for onset, end, pitch in walk.written[walk.part]:
            if onset < walk.onset + walk.duration and walk.onset < end:
                fits[pitch - LOWEST] = False
        if walk.onset + walk.duration > walk.bar_start + self._last_place(walk):
            home = pitches % 12 == self.home
            lowest_first = walk.part == self.parts - 1 and self.parts > 1 and walk.kind == "dur"
            if (walk.part == 0 and not self.has_chords) or lowest_first:
                fits &= home
            elif walk.part == 0:
                homes = pitches[home & self.on_piano]
                # The next tonic above ends the chord; without that it would be built up and up.
                fits &= pitches <= (homes.max() if walk.kind == "dur" else homes[homes >= walk.pitch].min())
        mask[self.pitches[fits]] = True

    def _allow_notes(self, walk: Walk, mask: np.ndarray) -> None:
        """A note here, or where one may begin later in the bar; a hand may also go back while it holds a note."""
        first = max(0, self.given_until[walk.part] - walk.bar_start)
        if walk.bar == 0:  # in an upbeat nobody comes before its first note
            pickup = self.pickup or walk.pickup or walk.upbeat_ticks // 2
            first = max(first, walk.upbeat_ticks - pickup)
        latest = min(walk.bar_ticks - 1, self._last_place(walk))
        if first <= walk.cursor <= latest:
            mask[self.durations[self._durations(walk)]] = True
        if walk.kind == "pos":
            return
        earliest = walk.cursor + 1
        if self.has_chords and walk.written[walk.part] and walk.bar < self.bars:
            earliest = max(onset for onset, _, _ in walk.written[walk.part]) + 1 - walk.bar_start
        ticks = self.position_ticks
        fits = (ticks >= max(first, earliest)) & (ticks <= latest) & (ticks != walk.cursor)
        mask[self.positions[fits]] = True

    def _allow_leaving(self, walk: Walk, mask: np.ndarray) -> None:
        """The next part, the chord symbols, the next bar or the end, where this part is complete."""
        if walk.kind in ("pos", "upbeat"):
            return
        if walk.bar == self.bars:
            # Only a note that closes the part goes beyond the last strong place, see _durations.
            complete = walk.cursor > self.last_strong and walk.cursor + walk.pickup >= walk.bar_ticks
        else:
            complete = walk.cursor > 0 or (self.has_chords and self.parts > 1)
        if not complete:
            return
        if walk.part + 1 < self.parts:
            mask[self.part_tokens[walk.part + 1]] = True
            return
        if self.has_harmony:
            mask[self.harmony] = walk.kind != "bar"
            root = ((walk.chords and walk.chords[-1][1]) or (-1,))[0]
            if (root < 0 and walk.bar == 1) or (walk.bar == self.bars and root != self.home):
                mask[self.harmony] = True
                return
        mask[self._end_of_bar(walk)] = any(cursor > walk.bar_start for cursor in walk.cursors[: self.parts])

    def _allow_harmony(self, walk: Walk, mask: np.ndarray) -> None:
        chords = self.home_chords if walk.bar == self.bars else self.chords
        ticks = self.position_ticks
        later = self.positions[(ticks > walk.cursor) & (ticks < walk.bar_ticks) & (ticks % _CHORD_GRID == 0)]
        if walk.kind in ("harmony", "pos"):
            mask[chords] = True
        if walk.kind in ("harmony", "chord"):
            mask[later] = True
        if walk.kind == "chord":
            mask[self._end_of_bar(walk)] = True

    def _end_of_bar(self, walk: Walk) -> int:
        return self.end if walk.bar == self.bars else self.bar

    def _is_closing(self, walk: Walk) -> bool:
        return walk.onset + walk.duration > walk.bar_start + self._last_place(walk)

    def _is_home(self, walk: Walk) -> bool:
        """Whether the last chord of the first part may be left: with the tonic on top."""
        return walk.part != 0 or walk.pitch % 12 == self.home


def fifth_repeat(bars: list[list[int]]) -> int | None:
    """The token that must not begin the bar now to be written, since the four before it are all alike; or None.

    bars: the tokens of each bar so far, the last one still being written.
    """
    *before, now = bars
    if now or len(before) < 4 or not before[-1] or any(bar != before[-1] for bar in before[-4:]):
        return None
    return before[-1][0]
