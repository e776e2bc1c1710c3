// Player: fills the constant template from props.value and keeps the playhead in step with the sound.
const $ = (name) => element.querySelector(".player-" + name);
const audio = element.querySelector("audio");
const [play, seek, time, roll, sheet, head] = ["play", "seek", "time", "roll", "sheet", "head"].map($);
let svg = null;
let seconds = [];  // the time of each bar line,
let places = [];  // and where the roll has it, in the drawing's units

const clock = (s) => Math.floor(s / 60) + ":" + String(Math.floor(s % 60)).padStart(2, "0");
const numbers = (text) => text.split(" ").map(Number);

// From one scale to the other, straight between two bar lines.
const along = (value, from, to) => {
  let i = 1;
  while (i < from.length - 1 && value > from[i]) i += 1;
  const share = (value - from[i - 1]) / (from[i] - from[i - 1] || 1);
  return to[i - 1] + Math.min(1, Math.max(0, share)) * (to[i] - to[i - 1]);
};
const zoom = () => svg.getBoundingClientRect().width / svg.viewBox.baseVal.width;

const showTime = () => {
  const length = audio.duration || 0;
  time.textContent = clock(audio.currentTime) + " / " + clock(length);
  if (document.activeElement !== seek || !seek.matches(":active")) seek.value = audio.currentTime;
  seek.setAttribute("aria-valuetext", time.textContent);
  if (!svg) return;
  const x = along(audio.currentTime, seconds, places) * zoom();
  head.style.transform = `translateX(${x}px)`;
  head.hidden = audio.paused && audio.currentTime === 0;
  const left = x - roll.scrollLeft;
  if (!audio.paused && (left < 0 || left > roll.clientWidth * 0.85)) roll.scrollLeft = x - roll.clientWidth * 0.25;
};
const tick = () => { showTime(); if (!audio.paused && element.isConnected) requestAnimationFrame(tick); };

const showButton = () => {
  play.classList.toggle("playing", !audio.paused);
  play.setAttribute("aria-label", audio.paused ? props.play : props.pause);
};
audio.addEventListener("play", () => { showButton(); tick(); });
audio.addEventListener("pause", () => { showButton(); showTime(); });
audio.addEventListener("seeked", showTime);
audio.addEventListener("loadedmetadata", () => { seek.max = audio.duration; showTime(); });
play.addEventListener("click", () => { if (audio.paused) audio.play(); else audio.pause(); });
seek.addEventListener("input", () => { audio.currentTime = seek.value; });

// A click on the roll goes to that place; the slider does the same for the keyboard.
sheet.addEventListener("click", (event) => {
  if (!svg || !audio.src) return;
  const x = (event.clientX - svg.getBoundingClientRect().left) / zoom();
  audio.currentTime = along(x, places, seconds);
});
// The note names stay in sight while the roll scrolls.
roll.addEventListener("scroll", () => {
  svg?.querySelector(".axis")?.setAttribute("transform", `translate(${roll.scrollLeft / zoom()} 0)`);
});

const showRoll = (text) => {
  if (svg && $("svg").dataset.text === text) return;
  $("svg").dataset.text = text;
  $("svg").innerHTML = text;
  svg = $("svg").querySelector("svg");
  seconds = numbers(svg.dataset.seconds);
  places = numbers(svg.dataset.x);
  roll.scrollLeft = 0;
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
const showSound = (sounds) => {
  const address = sounds.find(canPlay)?.url || "";
  if (audio.getAttribute("src") === address) return;  // more files came; the tune plays on
  audio.pause();
  if (address) audio.src = address; else audio.removeAttribute("src");
  audio.load();
  play.disabled = seek.disabled = !address;
  showButton();
  showTime();
  if (address) audio.play().catch(() => {});  // a browser that forbids it leaves the button to press
};
const show = () => {
  const value = props.value;
  $("empty").hidden = Boolean(value);
  $("body").hidden = !value;
  if (!value) return;
  showRoll(value.roll);
  showLegend(value.parts, value.given);
  $("summary").textContent = value.summary;
  $("note").textContent = value.note;
  showFiles(value.files);
  showSound(value.sounds);
};
watch("value", show);
show();
