"use strict";
(() => {
  // Everything below sets text only, never markup: names in the data came from a cloud.
  const STATUSES = ["fail", "unknown", "pass", "excepted"];
  const SEVERITIES = ["critical", "high", "medium", "low", "info"];
  const PAGE = 100;
  const data = JSON.parse(document.getElementById("data").textContent);
  const { rules, resources, findings, left_out: leftOut } = data;
  const $ = (id) => document.getElementById(id);
  // places in the arrays that the report writes, see html/data.rs
  const RULE = 0, STATUS = 1, SEVERITY = 2, RESOURCE = 3, ITEM = 4, MESSAGE = 5, MORE = 6;

  const make = (name, text, className) => {
    const element = document.createElement(name);
    if (text !== undefined) element.textContent = text;
    if (className) element.className = className;
    return element;
  };
  // `code` in prose, as in the markup that the report writes itself
  const prose = (element, text) => {
    const parts = text.split("`");
    parts.forEach((part, index) => {
      if (index % 2 === 0) element.append(part);
      else if (index + 1 < parts.length) element.append(make("code", part));
      else element.append("`" + part);
    });
    return element;
  };
  const lower = (text) => text.toLowerCase();
  const ruleWords = rules.map((rule) => lower(`${rule.title}\n${rule.id}\n${rule.service}`));
  const resourceWords = resources.map((parts) => lower(parts.join("\n")));
  const grouped = new Intl.NumberFormat("en");

  let shown = [];
  let page = 0;
  let sort = { by: "", down: false };

  const fillSelect = (select, words) => {
    select.append(new Option("all", ""));
    for (const word of words) select.append(new Option(word, word));
  };
  fillSelect($("status"), STATUSES);
  fillSelect($("severity"), SEVERITIES);
  fillSelect($("service"), [...new Set(rules.map((rule) => rule.service))].filter(Boolean).sort());

  const ranks = (words) => {
    const order = words.map((word, index) => [word, index]).sort((a, b) => (a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : a[1] - b[1]));
    const rank = new Uint32Array(words.length);
    order.forEach(([, index], place) => { rank[index] = place; });
    return rank;
  };
  const rankOf = {};
  const keyFor = (by) => {
    if (by === "status") return (finding) => finding[STATUS];
    if (by === "severity") return (finding) => finding[SEVERITY];
    if (by === "rule") {
      const rank = rankOf.rule ??= ranks(rules.map((rule) => lower(rule.title)));
      return (finding) => rank[finding[RULE]];
    }
    const place = by === "region" ? 3 : 1;
    const rank = rankOf[by] ??= ranks(resources.map((parts) => lower(parts[place])));
    return (finding) => rank[finding[RESOURCE]];
  };

  const select = () => {
    const status = STATUSES.indexOf($("status").value);
    const severity = SEVERITIES.indexOf($("severity").value);
    const service = $("service").value;
    const terms = lower($("search").value).split(/\s+/).filter(Boolean).map((term) => ({
      term,
      rules: ruleWords.map((words) => words.includes(term)),
      resources: resourceWords.map((words) => words.includes(term)),
    }));
    shown = [];
    for (let index = 0; index < findings.length; index += 1) {
      const finding = findings[index];
      if (status >= 0 && finding[STATUS] !== status) continue;
      if (severity >= 0 && finding[SEVERITY] !== severity) continue;
      if (service && rules[finding[RULE]].service !== service) continue;
      if (terms.every(({ term, rules: inRule, resources: inResource }) =>
        inRule[finding[RULE]] || inResource[finding[RESOURCE]] ||
        lower(finding[MESSAGE]).includes(term) ||
        (finding[ITEM] && lower(finding[ITEM]).includes(term)))) shown.push(index);
    }
    if (sort.by) {
      const key = keyFor(sort.by);
      const keys = new Uint32Array(findings.length);
      for (const index of shown) keys[index] = key(findings[index]);
      const sign = sort.down ? -1 : 1;
      shown.sort((a, b) => sign * (keys[a] - keys[b]) || a - b);
    }
    page = 0;
    draw();
  };

  const draw = () => {
    const pages = Math.max(1, Math.ceil(shown.length / PAGE));
    const rows = document.createDocumentFragment();
    for (const index of shown.slice(page * PAGE, (page + 1) * PAGE)) rows.append(row(findings[index]));
    if (!shown.length) {
      const cell = make("td", "No finding matches");
      cell.colSpan = 5;
      const empty = make("tr");
      empty.append(cell);
      rows.append(empty);
    }
    $("rows").replaceChildren(rows);
    $("count").textContent = `${grouped.format(shown.length)} of ${grouped.format(findings.length)} findings`;
    $("place").textContent = `page ${grouped.format(page + 1)} of ${grouped.format(pages)}`;
    $("previous").disabled = page === 0;
    $("next").disabled = page + 1 >= pages;
    for (const button of document.querySelectorAll("[data-sort]")) {
      const head = button.closest("th");
      if (button.dataset.sort === sort.by) head.setAttribute("aria-sort", sort.down ? "descending" : "ascending");
      else head.removeAttribute("aria-sort");
    }
  };

  const row = (finding) => {
    const rule = rules[finding[RULE]];
    const [id, name, type, region, account] = resources[finding[RESOURCE]];
    const status = STATUSES[finding[STATUS]], severity = SEVERITIES[finding[SEVERITY]];
    const line = make("tr");
    const cell = (...parts) => {
      const cell = make("td");
      cell.append(...parts);
      line.append(cell);
    };
    const open = prose(make("button", undefined, "link"), rule.title);
    open.type = "button";
    open.setAttribute("aria-expanded", "false");
    open.addEventListener("click", () => {
      const opened = open.getAttribute("aria-expanded") === "true";
      open.setAttribute("aria-expanded", String(!opened));
      if (opened) line.nextElementSibling.remove();
      else line.after(detail(finding, rule, id));
    });
    cell(make("span", status, `state ${status}`));
    cell(make("span", severity, `tag ${severity}`));
    cell(open, make("small", rule.service));
    cell(finding[ITEM] ? `${name || id} › ${finding[ITEM]}` : name || id, make("small", type));
    cell(region, ...(account ? [make("small", account)] : []));
    return line;
  };

  const detail = (finding, rule, resource) => {
    const more = finding[MORE] || {};
    const box = make("td");
    box.colSpan = 5;
    const paragraph = (text, className) => box.append(prose(make("p", undefined, className), text));
    const heading = (text) => box.append(make("h3", text));
    paragraph(finding[MESSAGE]);
    paragraph(resource, "mono soft");
    if (more.accepted) paragraph(`accepted: ${more.accepted}`);
    for (const cause of more.causes || []) paragraph(`unknown because ${cause}`);
    if (more.evidence) {
      heading("What decided");
      const list = make("dl", undefined, "evidence");
      for (const [path, value, operation, time] of more.evidence) {
        const told = make("dd", value, "mono");
        told.append(make("br"), make("span", `${operation}, ${time}`, "soft"));
        list.append(make("dt", path), told);
      }
      box.append(list);
    }
    if (rule.fix && (STATUSES[finding[STATUS]] === "fail" || more.accepted)) {
      heading("Why it matters");
      paragraph(rule.rationale);
      heading("How to mend it");
      const fix = { ...rule.fix, ...more.fix };
      if (fix.text) paragraph(fix.text);
      for (const [part, label] of [["console", "Console"], ["cli", "Command line"], ["terraform", "Terraform"]]) {
        if (!fix[part]) continue;
        paragraph(label, "soft");
        if (part === "console") paragraph(fix[part]);
        else box.append(make("pre", fix[part]));
      }
    }
    if (more.controls) paragraph(`Controls: ${more.controls.join(", ")}`, "soft");
    paragraph(more.id ? `${rule.id}, finding ${more.id}` : rule.id, "mono soft");
    const line = make("tr", undefined, "detail");
    line.append(box);
    return line;
  };

  let waiting;
  $("search").addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(select, 120);
  });
  for (const id of ["status", "severity", "service"]) $(id).addEventListener("change", select);
  $("filters").addEventListener("submit", (event) => event.preventDefault());
  $("filters").addEventListener("reset", () => setTimeout(select));
  const turn = (by) => { page += by; draw(); $("count").scrollIntoView(); };
  $("previous").addEventListener("click", () => turn(-1));
  $("next").addEventListener("click", () => turn(1));
  for (const button of document.querySelectorAll("[data-sort]")) {
    button.addEventListener("click", () => {
      const by = button.dataset.sort;
      sort = { by, down: sort.by === by && !sort.down };
      select();
    });
  }
  for (const button of document.querySelectorAll("[data-rule]")) {
    button.hidden = false;
    button.addEventListener("click", () => {
      $("filters").reset();
      $("search").value = button.dataset.rule;
      $("status").value = "fail";
      select();
      $("findings").scrollIntoView();
    });
  }
  if (leftOut) {
    $("left-out").textContent = `This page holds the first ${grouped.format(findings.length)} findings, the worst first; ${grouped.format(leftOut)} more are in the other formats.`;
    $("left-out").hidden = false;
  }
  $("browser").hidden = false;
  select();
})();
