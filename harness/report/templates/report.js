
"use strict";
(() => {
  const text = (row, column) => row.cells[column].textContent.trim();
  // "<0.001" is a number below that bound, as ">1000" is one above it.
  const number = (value) => {
    const found = /^([<>]?)([-\u2212]?\d+(?:\.\d+)?(?:e[-+]?\d+)?)/i.exec(value);
    if (!found) return NaN;
    const bound = Number(found[2].replace("\u2212", "-"));
    const beyond = Math.abs(bound) * 1e-9;
    return found[1] === "<" ? bound - beyond : found[1] === ">" ? bound + beyond : bound;
  };
  // Numbers before words, words in the order of the alphabet, and what is missing last either way.
  const order = (a, b, sign) => {
    const missing = (value) => value === "" || value === "\u2013";
    if (missing(a) || missing(b)) return missing(a) - missing(b);
    const [x, y] = [number(a), number(b)];
    if (Number.isNaN(x) && Number.isNaN(y)) return sign * a.localeCompare(b);
    if (Number.isNaN(x) || Number.isNaN(y)) return Number.isNaN(x) - Number.isNaN(y);
    return sign * (x - y);
  };
  const sort = (table, heading, column) => {
    const ascending = heading.getAttribute("aria-sort") !== "ascending";
    for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
    heading.setAttribute("aria-sort", ascending ? "ascending" : "descending");
    const rows = [...table.tBodies[0].rows];
    rows.sort((a, b) => order(text(a, column), text(b, column), ascending ? 1 : -1));
    table.tBodies[0].append(...rows);
  };
  for (const table of document.querySelectorAll("table[data-sortable]")) {
    [...table.tHead.rows[0].cells].forEach((heading, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...heading.childNodes);
      button.addEventListener("click", () => sort(table, heading, column));
      heading.append(button);
    });
  }
  addEventListener("beforeprint", () => {
    for (const details of document.querySelectorAll("details")) details.open = true;
  });
})();
