// A table of rules is filtered by what one types, and sorted by a click on its head.
const SEVERITIES = ["error", "warning", "note", "off"];

function weight(text) {
  const rank = SEVERITIES.indexOf(text);
  return rank < 0 ? text : String(rank);
}

function sort(table, head, column) {
  const up = head.getAttribute("aria-sort") !== "ascending";
  for (const other of head.parentElement.children) other.removeAttribute("aria-sort");
  head.setAttribute("aria-sort", up ? "ascending" : "descending");
  const key = (row) => weight(row.cells[column].textContent.trim());
  const rows = [...table.tBodies[0].rows].sort((a, b) => key(a).localeCompare(key(b)) * (up ? 1 : -1));
  table.tBodies[0].append(...rows);
}

function filter(table, words) {
  for (const row of table.tBodies[0].rows) {
    const text = row.textContent.toLowerCase();
    row.hidden = !words.every((word) => text.includes(word));
  }
}

for (const box of document.querySelectorAll(".rules")) {
  const table = box.querySelector("table");
  [...table.tHead.rows[0].cells].forEach((head, column) => head.addEventListener("click", () => sort(table, head, column)));
  if (table.tBodies[0].rows.length < 20) continue;  // what one sees at a glance needs no filter
  const field = document.createElement("input");
  field.type = "search";
  field.className = "rules-filter";
  field.placeholder = "Filter: memory, deploy error, cancel ...";
  field.setAttribute("aria-label", "Filter the rules");
  field.addEventListener("input", () => filter(table, field.value.toLowerCase().split(/\s+/)));
  box.prepend(field);
}
