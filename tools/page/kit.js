// Draws what quadrant measured: one run (quadrant-report/2), a benchmark (quadrant-bench/2) or
// advice (quadrant-advice/3). The page contains the data as JSON; every chart has a table of its
// figures after it, for keyboards, screen readers and copying. The build joins the scripts of this
// directory into one.
'use strict';
(() => {
const data = JSON.parse(document.getElementById('data').textContent);
const main = document.querySelector('main');
const dark = matchMedia('(prefers-color-scheme: dark)');
const charts = window.quadrantCharts = [];

// Colours by Okabe and Ito, which the colour-blind can tell apart; each mode also has its own
// marker.
const looks = {
  sequential: ['#7a7a7a', '#b5b5b5', 'rect'], concurrent: ['#0072b2', '#56b4e9', 'circle'], tiles: ['#c26a00', '#e69f00', 'triangle'],
  frames: ['#007a5a', '#2fd09b', 'rectRot'], segments: ['#a3457f', '#e08fc0', 'star'],
};
const stageColours = ['#0072b2', '#e69f00', '#009e73', '#cc79a7', '#56b4e9', '#d55e00', '#b8ab00', '#7a7a7a', '#8c6bb1', '#4d9221'];
const colourOf = mode => (looks[mode] || looks.sequential)[dark.matches ? 1 : 0];
const signOf = mode => (looks[mode] || looks.sequential)[2];
const css = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const fixed = (value, digits) => Number(value).toFixed(digits);
const range = (e, digits, scale = 1) => `${fixed(e.low * scale, digits)} – ${fixed(e.high * scale, digits)}`;
const counted = (n, thing) => `${n} ${thing}${n === 1 ? '' : 's'}`;
const cores = n => counted(n, 'core');

function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

// columns: [heading, is it text]; the first cell of a row is its heading.
function table(caption, columns, rows, bad = () => false) {
  const head = element('tr', {}, ...columns.map(([name, text]) => element('th', text ? {scope: 'col', class: 'text'} : {scope: 'col'}, name)));
  const body = rows.map((row, r) => element('tr', bad(r) ? {class: 'bad'} : {}, ...row.map((text, c) =>
    c === 0 ? element('th', {scope: 'row'}, String(text)) : element('td', columns[c][1] ? {class: 'text'} : {}, String(text)))));
  return element('div', {class: 'scroll', tabindex: '0', role: 'region', 'aria-label': caption},
    element('table', {}, element('caption', {}, caption), element('thead', {}, head), element('tbody', {}, ...body)));
}

function figure(title, told, make, behind, wide = false) {
  const canvas = element('canvas', {role: 'img', 'aria-label': `${title}. ${told} The figures are in the table after this chart.`});
  main.append(element('figure', wide ? {class: 'wide'} : {}, element('h2', {}, title), element('p', {}, told),
    element('div', {class: 'canvas'}, canvas), element('details', {}, element('summary', {}, `Figures of “${title}”`), behind)));
  if (!window.Chart) return;  // built without it: the tables show everything
  charts.push(new Chart(canvas, make()));
  charts.at(-1).make = make;
}

// Whiskers from low to high at each point with an interval.
const whiskers = {id: 'whiskers', afterDatasetsDraw(chart) {
  const c = chart.ctx;
  chart.data.datasets.forEach((dataset, d) => {
    if (!chart.isDatasetVisible(d)) return;
    chart.getDatasetMeta(d).data.forEach((point, i) => {
      const {low, high} = dataset.data[i];
      if (low === undefined) return;
      const top = chart.scales.y.getPixelForValue(high), bottom = chart.scales.y.getPixelForValue(low);
      c.save();
      c.strokeStyle = dataset.borderColor;
      c.lineWidth = 1.5;
      c.beginPath();
      c.moveTo(point.x, top); c.lineTo(point.x, bottom);
      for (const y of [top, bottom]) { c.moveTo(point.x - 4, y); c.lineTo(point.x + 4, y); }
      c.stroke();
      c.restore();
    });
  });
}};

// The four quadrants, divided at more than one frame in progress and more than one core executing.
const border = 1.05;
const quadrants = {id: 'quadrants', beforeDatasetsDraw({ctx: c, chartArea: a, scales: {x, y}}) {
  const px = x.getPixelForValue(border), py = y.getPixelForValue(border);
  c.save();
  c.strokeStyle = c.fillStyle = css('--quiet');
  c.setLineDash([5, 4]);
  c.beginPath();
  c.moveTo(px, a.top); c.lineTo(px, a.bottom); c.moveTo(a.left, py); c.lineTo(a.right, py);
  c.stroke();
  c.font = '12px system-ui, sans-serif';
  const name = (lines, left, top) => lines.forEach((line, i) => c.fillText(line, left, top + 15 * i, (left < px ? px : a.right) - left - 4));
  name(['parallel,', 'not concurrent'], a.left + 6, a.top + 16);
  name(['concurrent and parallel'], px + 6, a.top + 16);
  name(['neither'], a.left + 6, a.bottom - 8);
  name(['concurrent, not parallel'], px + 6, a.bottom - 8);
  c.restore();
}};

function axis(text, more = {}) {
  return {title: {display: true, text, color: css('--ink')}, ticks: {color: css('--quiet'), ...more.ticks}, grid: {color: css('--line')}, ...more.scale};
}

function options(x, y, more = {}) {
  return {responsive: true, maintainAspectRatio: false, animation: false, scales: {x, y},
    plugins: {legend: {position: 'bottom', labels: {color: css('--ink'), usePointStyle: true}}, ...more.plugins}};
}

function facts(title, pairs, id = '') {
  main.append(element('section', id ? {class: 'wide', id} : {class: 'wide'}, element('h2', {}, title), element('table', {class: 'facts'},
    element('tbody', {}, ...pairs.filter(([, value]) => value).map(([key, value]) => element('tr', {}, element('th', {scope: 'row'}, key), element('td', {class: 'text'}, String(value))))))));
}

// The result, or the best cell, comes first: readers open the page for it.
function head(title, lead, answer, notes) {
  document.title = document.querySelector('h1').textContent = title;
  document.getElementById('lead').textContent = `${lead} Concurrency is what is in progress, parallelism is what is executing.`;
  main.append(element('section', {class: 'wide answer', id: 'answer'}, ...answer));
  if (notes.length > 0)
    main.append(element('div', {class: 'warnings', role: 'note'}, element('strong', {}, 'Read the figures with care'), element('ul', {}, ...notes.map(note => element('li', {}, note)))));
}

const paragraphs = texts => texts.map(text => element('p', {}, text));

// A heading and its list, or nothing; long lists are cut, since a table has all entries.
function told(title, texts, most = 20) {
  if (texts.length === 0) return [];
  const more = texts.length > most ? [element('li', {}, `and ${texts.length - most} more, in the table of inputs`)] : [];
  return [element('h3', {}, title), element('ul', {}, ...texts.slice(0, most).map(text => element('li', {}, text)), ...more)];
}

const inputsText = counted(data.inputs.length, 'input');
