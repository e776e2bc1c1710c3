// Player: fills the constant template from props.value and keeps the playhead in step with the sound.
// A value has one or more stops, each a tune with a sound of its own. All sounds are loaded at once, so that going from
// stop to stop asks the server nothing.
const $ = (name) => element.querySelector(".player-" + name);
const [play, seek, time, roll, sheet, head, slider] = ["play", "seek", "time", "roll", "sheet", "head", "stop"].map($);
let audios = [];  // one a stop
let audio = null;  // the one of the stop that is shown
let current = 0;  // its number, from 0
let request = null;  // what the stops are an answer to
let wanted = false;  // whether the sound that is shown is to play once it is there,
let from = 0;  // and from which second on
let svg = null;
let seconds = [];  // the time of each bar line,
let places = [];  // and where the roll has it, in the drawing's units

const clock = (s) => Math.floor(s / 60) + ":" + String(Math.floor(s % 60)).padStart(2, "0");
const numbers = (text) => text.split(" ").map(Number);

// From one scale to the other, straight between two bar lines.
const along = (value, from, to) => {
  const last = Math.min(from.length, to.length) - 1;
  let i = 1;
  while (i < last && value > from[i]) i += 1;
  const share = (value - from[i - 1]) / (from[i] - from[i - 1] || 1);
  return to[i - 1] + Math.min(1, Math.max(0, share)) * (to[i] - to[i - 1]);
};
const zoom = () => svg.getBoundingClientRect().width / svg.viewBox.baseVal.width;

const showTime = () => {
  const now = audio.hasAttribute("src") ? audio.currentTime : from;
  time.textContent = clock(now) + " / " + clock(audio.duration || 0);
  if (document.activeElement !== seek || !seek.matches(":active")) seek.value = now;
  seek.setAttribute("aria-valuetext", time.textContent);
  if (!svg) return;
  const x = along(now, seconds, places) * zoom();
  head.style.transform = `translateX(${x}px)`;
  head.hidden = audio.paused && now === 0;
  const left = x - roll.scrollLeft;
  if (!audio.paused && (left < 0 || left > roll.clientWidth * 0.85)) roll.scrollLeft = x - roll.clientWidth * 0.25;
};
const tick = () => { showTime(); if (!audio.paused && element.isConnected) requestAnimationFrame(tick); };

const showControls = () => {
  play.disabled = seek.disabled = !audio.hasAttribute("src");
  seek.max = audio.duration || 1;
  play.classList.toggle("playing", !audio.paused);
  play.setAttribute("aria-label", audio.paused ? props.play : props.pause);
  showTime();
};
const start = () => { audio.play().catch(() => {}); };  // a browser that forbids it leaves the button to press
const newAudio = () => {
  const made = document.createElement("audio");
  made.preload = "auto";
  for (const name of ["play", "pause", "seeked", "loadedmetadata"]) {
    made.addEventListener(name, () => {
      if (made !== audio) return;
      showControls();
      if (name !== "play") return;
      tick();
      // Neither another stop nor another tab's tune is to sound beside it.
      for (const other of document.querySelectorAll(".player audio")) if (other !== made) other.pause();
    });
  }
  return made;
};
play.addEventListener("click", () => { if (audio.paused) start(); else audio.pause(); });
seek.addEventListener("input", () => { audio.currentTime = seek.value; });

// A click on the roll goes to that place; the slider does the same for the keyboard.
sheet.addEventListener("click", (event) => {
  if (!svg || !audio.hasAttribute("src")) return;
  const x = (event.clientX - svg.getBoundingClientRect().left) / zoom();
  audio.currentTime = along(x, places, seconds);
});
// The note names stay in sight while the roll scrolls.
const keepAxis = () => {
  if (!svg || !zoom()) return;  // in a tab that is not shown nothing has a size
  svg.querySelector(".axis").setAttribute("transform", `translate(${roll.scrollLeft / zoom()} 0)`);
};
roll.addEventListener("scroll", keepAxis);

const showRoll = (text) => {
  if (svg && $("svg").dataset.text === text) return;
  $("svg").dataset.text = text;
  $("svg").innerHTML = text;
  svg = $("svg").querySelector("svg");
  seconds = numbers(svg.dataset.seconds);
  places = numbers(svg.dataset.x);
  keepAxis();
};
const showLegend = (parts, given) => {
  const entry = (name, kind) => {
    const item = document.createElement("li");
    item.className = kind;
    item.textContent = name;
    return item;
  };
  const items = parts.map((name, i) => entry(name, "part-" + (i % 6)));
  $("legend").replaceChildren(...items, ...(given ? [entry(props.legend_given, "given")] : []));
};
const showFiles = (files) => {
  const links = files.map(({ label, file }) => {
    const link = document.createElement("a");
    link.textContent = label;
    link.href = file.url;
    link.download = file.orig_name;
    return link;
  });
  $("files").replaceChildren($("files").firstElementChild, ...links);
};
const canPlay = (file) => audio.canPlayType(file.orig_name.endsWith(".ogg") ? "audio/ogg; codecs=vorbis" : "audio/mpeg");

// Sounds that have come are loaded; the rest plays on as it did.
const load = (stops) => {
  stops.forEach(({ sounds }, number) => {
    const address = sounds.find(canPlay)?.url || "";
    const own = audios[number];
    if ((own.getAttribute("src") || "") === address) return;
    own.src = address;
    if (own !== audio) return;
    own.currentTime = from;
    if (wanted) start();
  });
};
const showStop = () => {
  const stop = props.value.stops[current];
  showRoll(stop.roll);
  showLegend(stop.parts, stop.given);
  $("summary").textContent = stop.summary;
  $("note").textContent = stop.note;
  showFiles(stop.files);
  showControls();
};
const showSlider = (stops) => {
  $("stops").hidden = stops.length < 2;
  slider.max = stops.length;
  slider.value = current + 1;
  const words = { number: current + 1, count: stops.length };
  slider.setAttribute("aria-valuetext", props.stop_text.replace(/\{(\w+)\}/g, (_, word) => words[word]));
  $("marks").replaceChildren(...stops.map((_, number) => {
    const mark = document.createElement("li");
    mark.textContent = number + 1;
    mark.classList.toggle("ready", audios[number].hasAttribute("src"));
    mark.classList.toggle("chosen", number === current);
    return mark;
  }));
};
// Another stop goes on at the same place of the music, whatever its tempo.
const choose = (number) => {
  const stops = props.value.stops;
  const [before, old] = [audio, seconds];
  const now = before.ended ? 0 : before.hasAttribute("src") ? before.currentTime : from;
  if (before.hasAttribute("src")) wanted = !before.paused;
  current = number;
  audio = audios[number];
  before.pause();
  showRoll(stops[number].roll);
  from = along(now, old, seconds);
  if (audio.hasAttribute("src")) {
    audio.currentTime = from;
    if (wanted) start();
  }
  showSlider(stops);
  showStop();
};
slider.addEventListener("input", () => choose(slider.value - 1));
$("marks").addEventListener("click", ({ target }) => { if (target.matches("li")) choose(target.textContent - 1); });

const show = () => {
  const stops = props.value?.stops;
  $("empty").hidden = Boolean(stops);
  $("body").hidden = !stops;
  if (!stops) return;
  const answered = stops[0].files[0].file.url;
  if (answered !== request) {
    request = answered;
    for (const old of audios) { old.pause(); old.removeAttribute("src"); old.load(); }
    audios = stops.map(newAudio);
    $("sounds").replaceChildren(...audios);
    [audio, current, wanted, from] = [audios[0], 0, true, 0];
    roll.scrollLeft = 0;
  }
  load(stops);
  showSlider(stops);
  showStop();
};
watch("value", show);
show();
