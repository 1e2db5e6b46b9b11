(function () {
  "use strict";
  var root = document.documentElement;
  function stored() { try { return localStorage.getItem("treaty-theme"); } catch (e) { return null; } }
  function store(theme) { try { localStorage.setItem("treaty-theme", theme); } catch (e) { /* not kept */ } }
  if (stored()) root.dataset.theme = stored();
  document.querySelector(".theme").addEventListener("click", function () {
    var dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
    store(root.dataset.theme);
  });

  var menu = document.querySelector(".menu");
  menu.addEventListener("click", function () {
    var open = document.body.classList.toggle("menu-open");
    menu.setAttribute("aria-expanded", String(open));
  });

  document.querySelectorAll(".copy").forEach(function (button) {
    button.addEventListener("click", function () {
      var text = button.closest("figure").querySelector("code").textContent;
      navigator.clipboard.writeText(text).then(function () {
        button.textContent = "Copied";
        setTimeout(function () { button.textContent = "Copy"; }, 1500);
      });
    });
  });

  // What an address points into is shown, even where it is folded away.
  function unfold() {
    var target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    for (var e = target; e; e = e.parentElement) if (e.tagName === "DETAILS") e.open = true;
    if (target) target.scrollIntoView();
  }
  addEventListener("hashchange", unfold);
  if (location.hash) unfold();
  var folded = [];
  addEventListener("beforeprint", function () {
    folded = Array.prototype.filter.call(document.querySelectorAll("details"), function (d) { return !d.open; });
    folded.forEach(function (d) { d.open = true; });
  });
  addEventListener("afterprint", function () { folded.forEach(function (d) { d.open = false; }); });

  var field = document.getElementById("q"), results = document.getElementById("results");
  var weight = { service: 5, method: 4, message: 3, "enum": 3, field: 2, value: 1 };
  function score(entry, words) {
    var title = entry[1].toLowerCase(), within = entry[2].toLowerCase(), text = entry[4].toLowerCase(), sum = 0;
    for (var i = 0; i < words.length; i++) {
      var w = words[i];
      if (title === w) sum += 100;
      else if (title.indexOf(w) === 0) sum += 50;
      else if (title.indexOf(w) > 0) sum += 25;
      else if (within.indexOf(w) >= 0) sum += 10;
      else if (text.indexOf(w) >= 0) sum += 5;
      else return 0;
    }
    return sum + weight[entry[0]];
  }
  function address(entry) {
    var page = window.treatyPages[entry[3]];
    if (entry[0] === "service") return page;
    if (entry[0] === "method") return page + "#" + entry[1];
    return page + "#" + (entry[0] === "message" || entry[0] === "enum" ? entry[2] : entry[2] + "." + entry[1]);
  }
  function element(tag, className, text) {
    var e = document.createElement(tag);
    e.className = className;
    e.textContent = text;
    return e;
  }
  function show() {
    var words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
    results.textContent = "";
    results.hidden = !words.length;
    if (!words.length) return;
    var found = (window.treatySearch || []).map(function (entry) { return [score(entry, words), entry]; })
      .filter(function (pair) { return pair[0] > 0; })
      .sort(function (a, b) { return b[0] - a[0]; }).slice(0, 30);
    if (!found.length) results.appendChild(element("p", "none", "Nothing found."));
    found.forEach(function (pair) {
      var entry = pair[1], link = element("a", "", "");
      link.href = root.dataset.root + address(entry);
      link.appendChild(element("span", "kind", entry[0]));
      link.appendChild(element("strong", "", entry[1]));
      link.appendChild(element("span", "within", entry[2]));
      if (entry[4]) link.appendChild(element("span", "text", entry[4].slice(0, 120)));
      results.appendChild(link);
    });
  }
  field.addEventListener("input", show);
  field.addEventListener("focus", show);
  field.addEventListener("keydown", function (event) {
    var first = results.querySelector("a");
    if (event.key === "Enter" && first) first.click();
    if (event.key === "ArrowDown" && first) { event.preventDefault(); first.focus(); }
  });
  results.addEventListener("keydown", function (event) {
    var next = event.key === "ArrowDown" ? "nextElementSibling" : event.key === "ArrowUp" ? "previousElementSibling" : null;
    if (!next || !document.activeElement[next]) return;
    event.preventDefault();
    document.activeElement[next].focus();
  });
  document.addEventListener("keydown", function (event) {
    if (event.key === "Escape") { results.hidden = true; field.blur(); }
    if (event.key === "/" && !/^(INPUT|TEXTAREA)$/.test(document.activeElement.tagName)) { event.preventDefault(); field.focus(); }
  });
  document.addEventListener("click", function (event) {
    if (!event.target.closest(".search")) results.hidden = true;
    if (event.target.closest("#results a, nav.side a")) { results.hidden = true; document.body.classList.remove("menu-open"); }
  });
})();
