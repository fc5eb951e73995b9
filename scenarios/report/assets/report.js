"use strict";
(function () {
  const root = document.documentElement;
  const all = (selector, within) => Array.from((within || document).querySelectorAll(selector));
  const one = (selector) => document.querySelector(selector);
  root.classList.add("live");

  // Light or dark: what the system says, until somebody says otherwise.
  const themes = { get() { try { return localStorage.getItem("theme"); } catch { return null; } },
                   set(value) { try { localStorage.setItem("theme", value); } catch { /* a private window forgets */ } } };
  const dark = () => root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  const asked = new URLSearchParams(location.search).get("theme") || themes.get();
  if (asked === "dark" || asked === "light") root.dataset.theme = asked;
  function turn() { root.dataset.theme = dark() ? "light" : "dark"; themes.set(root.dataset.theme); }
  const button = one("button.theme");
  if (button) button.addEventListener("click", turn);

  // What can be chosen: the lines of the transcript, or the runs of the index.
  const lines = all(".transcript li");
  const runs = all(".runs li");
  const inspector = one(".inspector");
  const pieces = new Map();
  for (const piece of all("[data-r]")) {
    if (!pieces.has(piece.dataset.r)) pieces.set(piece.dataset.r, []);
    pieces.get(piece.dataset.r).push(piece);
  }
  let chosen = null;

  function show(number) {
    const line = document.getElementById("r" + number);
    if (!line || !inspector) return;
    const head = document.createElement("b");
    head.textContent = line.querySelector(".kind").textContent;
    const word = (text) => Object.assign(document.createElement("span"), { textContent: text });
    const [sent, way, source] = ["time", ".way", ".source"].map((selector) => line.querySelector(selector));
    const times = way ? ["sent " + sent.textContent + " s", way.textContent.replace("→ never", "never arrived").replace("→", "arrived")] : [sent.textContent + " s"];
    if (source) times.push(source.textContent + " of the trace");
    inspector.querySelector(".times").replaceChildren(head, ...times.map(word));
    inspector.querySelector(".full").replaceChildren(...copies(line.querySelector(".what")));
    inspector.hidden = false;
  }
  const copies = (element) => element ? Array.from(element.childNodes, (node) => node.cloneNode(true)) : [];

  function choose(number, scroll) {
    for (const piece of pieces.get(chosen) || []) piece.classList.remove("on");
    chosen = number;
    for (const piece of pieces.get(chosen) || []) piece.classList.add("on");
    if (number === null) { if (inspector) inspector.hidden = true; return; }
    show(number);
    try { history.replaceState(null, "", "#r" + number); } catch { /* some browsers keep file addresses as they are */ }
    if (!scroll) return;
    const target = (pieces.get(number) || []).find((piece) => piece.closest(".canvas") && !piece.closest("svg")) || document.getElementById("r" + number);
    if (target) target.scrollIntoView({ block: "center", inline: "nearest" });
  }

  document.addEventListener("click", (event) => {
    const piece = event.target.closest("[data-r]");
    if (!piece || getSelection().toString()) return;
    if (piece.closest(".canvas")) event.preventDefault();
    choose(piece.dataset.r, false);
  });
  const canvas = one(".canvas");
  if (canvas) {
    canvas.addEventListener("mouseover", (event) => { const piece = event.target.closest("[data-r]"); if (piece) show(piece.dataset.r); });
    canvas.addEventListener("mouseleave", () => { if (chosen) show(chosen); else inspector.hidden = true; });
    canvas.addEventListener("focusin", (event) => { const piece = event.target.closest("[data-r]"); if (piece) choose(piece.dataset.r, false); });
  }
  if (inspector) inspector.querySelector(".close").addEventListener("click", () => choose(null, false));

  function step(by, among) {
    const numbers = among.map((line) => line.dataset.r);
    if (!numbers.length) return;
    let index = numbers.indexOf(chosen);
    if (index < 0 && chosen !== null) index = numbers.findIndex((number) => Number(number) > Number(chosen)) - (by > 0 ? 1 : 0);
    index = chosen === null && by < 0 ? numbers.length - 1 : Math.min(Math.max(index + by, 0), numbers.length - 1);
    choose(numbers[index], true);
  }
  function walk(by) {
    const links = runs.filter((run) => run.offsetParent !== null).map((run) => run.querySelector("a"));
    const index = links.indexOf(document.activeElement);
    const next = links[index < 0 ? (by > 0 ? 0 : links.length - 1) : Math.min(Math.max(index + by, 0), links.length - 1)];
    if (next) next.focus();
  }

  // Find: what does not match steps back.
  const input = one(".search input");
  const found = one(".found");
  function seek() {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    root.classList.toggle("seeking", words.length > 0);
    let count = 0;
    for (const line of lines.length ? lines : runs) {
      const hit = words.every((word) => line.textContent.toLowerCase().includes(word));
      if (hit) count += 1;
      for (const piece of line.dataset.r ? pieces.get(line.dataset.r) : [line]) piece.classList.toggle("hit", hit);
    }
    for (const section of all(".rows")) section.hidden = words.length > 0 && !section.querySelector("li.hit");
    found.textContent = words.length ? count + " found" : "";
  }
  if (input) input.addEventListener("input", seek);

  const copy = one(".copy");
  if (copy) copy.addEventListener("click", () => {
    const text = one(".replay code").textContent;
    const done = () => { copy.textContent = "Copied"; setTimeout(() => { copy.textContent = "Copy"; }, 1500); };
    const byHand = () => { const range = document.createRange(); range.selectNodeContents(one(".replay code")); const selection = getSelection(); selection.removeAllRanges(); selection.addRange(range); };
    if (navigator.clipboard) navigator.clipboard.writeText(text).then(done, byHand); else byHand();
  });

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target === input) {
      if (event.key === "Escape") { input.value = ""; seek(); input.blur(); }
      if (event.key === "Enter") { input.blur(); if (lines.length) step(1, lines.filter((line) => line.classList.contains("hit"))); else walk(1); }
      return;
    }
    const visible = () => root.classList.contains("seeking") ? lines.filter((line) => line.classList.contains("hit")) : lines;
    const chapters = () => all(".chapter");
    const keys = {
      j: () => lines.length ? step(1, visible()) : walk(1), k: () => lines.length ? step(-1, visible()) : walk(-1),
      n: () => step(1, chapters()), p: () => step(-1, chapters()),
      "/": () => { input.focus(); input.select(); }, t: turn, Escape: () => choose(null, false),
    };
    if (keys[event.key]) { keys[event.key](); event.preventDefault(); }
  });

  if (/^#r\d+$/.test(location.hash)) choose(location.hash.slice(2), true);
  root.dataset.ready = String(lines.length || runs.length);
})();
