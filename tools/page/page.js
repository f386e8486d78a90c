// Draws what quadrant measured: a benchmark (quadrant-bench/2), or one run (quadrant-report/2). The
// data lies in the page as JSON; every chart has the table of its figures behind it, for keyboards,
// screen readers and copying.
'use strict';
(() => {
const data = JSON.parse(document.getElementById('data').textContent);
const main = document.querySelector('main');
const dark = matchMedia('(prefers-color-scheme: dark)');
const charts = window.quadrantCharts = [];

// Colours of Okabe and Ito, told apart by the colour-blind too; each mode has its own sign besides.
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
const cores = n => `${n} core${n === 1 ? '' : 's'}`;

function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

// columns: [head, is text]; the first cell of a row heads it.
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
  if (!window.Chart) return;  // built without it: the tables say it all
  charts.push(new Chart(canvas, make()));
  charts.at(-1).make = make;
}

// Whiskers from low to high at each point that has them.
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

// The four quadrants: a line at more than one in progress, one at more than one executing.
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

// A run is a benchmark of one cell with one run, without intervals and speed-ups.
function cellOf(report) {
  const figures = {in_progress: report.in_progress.mean, executing: report.executing.mean, quadrant: report.quadrant};
  return {mode: report.mode, cores: report.cores, differences: [], summary: figures, runs: [figures]};
}
// What is predicted stands where a benchmark has what was measured.
function predictedCell(cell) {
  return {...cell, differences: [], summary: cell.predicted, runs: cell.predicted ? [cell.predicted] : []};
}
const isRun = data.schema === 'quadrant-report/2';
const isAdvice = data.schema === 'quadrant-advice/3';
const cells = isRun ? [cellOf(data)] : isAdvice ? data.cells.map(predictedCell) : data.cells;
const measured = cells.filter(cell => cell.summary);
const modes = [...new Set(measured.map(cell => cell.mode))];
const byMode = mode => measured.filter(cell => cell.mode === mode);
const counts = [...new Set(measured.map(cell => cell.cores))].sort((a, b) => a - b);
const most = counts.at(-1);
// What has a bar of its own in time by stage: a cell, or an input of a run.
const barsOf = () => isRun ? data.inputs.map(input => ({name: input.input, frames: input.frames_out - input.frames_kept || 1, stages: input.stages}))
  : isAdvice ? [{name: 'a frame, measured', frames: 1, stages: data.calibration.stages}]
  : measured.map(cell => ({name: nameOf(cell), frames: cell.runs[0].frames || 1, stages: cell.summary.stages}));
const nameOf = cell => `${cell.mode}, ${cores(cell.cores)}`;

// One line a mode over the cores; a mode with one point is a sign alone.
const linesOf = figureOf => modes.map(mode => ({
  label: mode, borderColor: colourOf(mode), backgroundColor: colourOf(mode), pointStyle: signOf(mode), pointRadius: 6, showLine: true,
  data: byMode(mode).map(cell => ({x: cell.cores, y: figureOf(cell).median, low: figureOf(cell).low, high: figureOf(cell).high})),
}));
const highest = figureOf => Math.max(...measured.map(cell => figureOf(cell).high)) * 1.05;  // room for the whiskers
const dashed = (label, points, colour) => ({label, data: points, showLine: true, pointRadius: 0, pointStyle: 'line', borderDash: [6, 5], borderWidth: 2,
  borderColor: colour, backgroundColor: colour});
const coreAxis = () => axis('cores', {scale: {type: 'linear', min: 0.5, max: most + 0.5, afterBuildTicks: scale => { scale.ticks = counts.map(value => ({value})); }}});

// Only between points that were measured: beyond them a law is a guess.
const curveOf = (mode, fit) => dashed(`${mode}: ${fit.law}`, Array.from({length: 41}, (_, i) => {
  const n = 1 + (fit.most_cores - 1) * i / 40;
  return {x: n, y: fit.lambda.value * n / (1 + fit.sigma.value * (n - 1) + fit.kappa.value * n * (n - 1))};
}), colourOf(mode));

function throughput() {
  const one = measured[0].summary.fps.median;
  figure('Throughput against cores', 'Median frames a second of each mode, with its 95 % interval; dashed: as many times sequential as there are cores.',
    () => ({type: 'scatter', plugins: [whiskers], data: {datasets: [...linesOf(cell => cell.summary.fps),
      dashed('ideal', [{x: 1, y: one}, {x: Math.max(most, 1), y: one * most}], css('--quiet')),
      ...data.laws.flatMap(({mode, fits}) => fits.map(fit => curveOf(mode, fit)))]},
      options: options(coreAxis(), axis('frames a second', {scale: {beginAtZero: true, suggestedMax: highest(cell => cell.summary.fps)}}))}),
    table('Throughput, frames a second', [['mode', true], ['cores'], ['median'], ['95 % interval'], ['speed-up'], ['95 % interval']],
      measured.map(({mode, cores: n, summary: s}) => [mode, n, fixed(s.fps.median, 2), range(s.fps, 2), fixed(s.speed_up.median, 2), range(s.speed_up, 2)])));
}

function predictions() {
  const checked = measured.filter(cell => cell.measured);
  const lines = modes.map(mode => ({label: mode, borderColor: colourOf(mode), backgroundColor: colourOf(mode), pointStyle: signOf(mode), pointRadius: 6, showLine: true,
    data: byMode(mode).map(cell => ({x: cell.cores, y: cell.predicted.fps}))}));
  const points = checked.length === 0 ? [] : [{label: 'measured', borderColor: css('--ink'), backgroundColor: css('--ink'), pointStyle: 'crossRot', pointRadius: 7,
    borderWidth: 2, data: checked.map(({cores: x, measured: m}) => ({x, y: m.fps, low: m.low, high: m.high}))}];
  figure('Predicted throughput against cores', 'Frames a second of each mode, as far as what was measured of each stage allows' + (checked.length > 0 ? '; crosses: measured, with their 95 % intervals.' : '.'),
    () => ({type: 'scatter', plugins: [whiskers], data: {datasets: [...lines, ...points]}, options: options(coreAxis(), axis('frames a second', {scale: {beginAtZero: true}}))}),
    table('Predictions', [['mode', true], ['cores'], ['fps'], ['in progress'], ['executing'], ['quadrant', true], ['MiB'], ['limited by', true], ['measured fps'], ['error, %']],
      measured.map(({mode, cores: n, predicted: p, limited_by: limit, measured: m}) => [mode, n, fixed(p.fps, 2), fixed(p.in_progress, 2), fixed(p.executing, 2), p.quadrant,
        fixed(p.peak_bytes / 2 ** 20, 0), limit, m ? fixed(m.fps, 2) : '', m ? fixed(m.error * 100, 1) : ''])));
}

function advice() {
  main.append(element('section', {class: 'wide'}, element('h2', {}, 'Summary'), ...data.summary.map(text => element('p', {}, text))));
}

function changes() {
  main.append(element('section', {class: 'wide', id: 'figures'}, element('h2', {}, 'What a change would buy'), data.changes.length === 0 ? element('p', {}, 'Nothing that was tried would make it 3 % faster.')
    : table('Over the recommended mode', [['change', true], ['fps'], ['times'], ['then best in', true]], data.changes.map(c => [c.change, fixed(c.fps, 2), fixed(c.gain, 2), nameOf(c)]))));
}

function efficiency() {
  figure('Efficiency', 'Speed-up over sequential by the number of cores: 100 % where each core does what one core did alone; a mode that waits less can pass it.',
    () => ({type: 'scatter', plugins: [whiskers], data: {datasets: [...linesOf(cell => {
      const e = cell.summary.efficiency;
      return {median: e.median * 100, low: e.low * 100, high: e.high * 100};
    }), dashed('ideal', [{x: 0.5, y: 100}, {x: most + 0.5, y: 100}], css('--quiet'))]},
      options: options(coreAxis(), axis('%', {scale: {beginAtZero: true, suggestedMax: 100 * highest(cell => cell.summary.efficiency)}}))}),
    table('Efficiency', [['mode', true], ['cores'], ['efficiency, %'], ['95 % interval'], ['fps a core'], ['CPU s a 1000 frames']],
      measured.map(({mode, cores: n, summary: s}) => [mode, n, fixed(s.efficiency.median * 100, 1), range(s.efficiency, 1, 100), fixed(s.fps_per_core, 2),
        fixed(s.cpu_seconds_per_1000_frames, 2)])));
}

function quadrantChart() {
  const top = Math.max(1.5, ...measured.flatMap(cell => cell.runs.map(run => run.executing))) * 1.15;
  const right = Math.max(2, ...measured.flatMap(cell => cell.runs.map(run => run.in_progress))) * 1.4;
  // The left quadrants get a third of the width, so that their names have room on a phone.
  const left = Math.min(border / Math.sqrt(right / border), ...measured.flatMap(cell => cell.runs.map(run => run.in_progress * 0.8)).filter(x => x > 0));
  figure('Quadrants', 'A sign a run: how many frames were in progress, and how many cores were executing, on average.',
    () => ({type: 'scatter', plugins: [quadrants], data: {datasets: measured.map(cell => ({
      label: nameOf(cell), borderColor: colourOf(cell.mode), backgroundColor: cell.cores > 1 ? colourOf(cell.mode) : 'transparent', borderWidth: 2,
      pointStyle: signOf(cell.mode), pointRadius: 6, data: cell.runs.map(run => ({x: run.in_progress, y: run.executing}))}))},
      options: options(axis('frames in progress', {scale: {type: 'logarithmic', min: left, max: right}, ticks: {callback: v => [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500].includes(v) ? v : ''}}),
        axis('cores executing', {scale: {min: 0, max: top}, ticks: {callback: v => fixed(v, 1)}}))}),
    table('Quadrants', [['mode', true], ['cores'], ['in progress'], ['executing'], ['quadrant', true]],
      measured.map(({mode, cores: n, summary: s}) => [mode, n, fixed(s.in_progress, 2), fixed(s.executing, 2), s.quadrant])));
}

function stages() {
  const bars = barsOf(), names = [...new Set(bars.flatMap(bar => bar.stages.map(stage => stage.name)))];
  const of = (bar, name, key) => bar.stages.filter(stage => stage.name === name).reduce((sum, stage) => sum + stage[key], 0) * 1000 / bar.frames;
  const part = (name, i, key, label, alpha) => ({label: `${name}, ${label}`, stack: label, borderWidth: 1, borderColor: stageColours[i % stageColours.length],
    backgroundColor: stageColours[i % stageColours.length] + alpha, data: bars.map(bar => of(bar, name, key))});
  const waits = names.filter(name => bars.some(bar => of(bar, name, 'wait_seconds') > 0));
  figure('Time by stage', 'Milliseconds a frame, stacked: what executes is filled, what waits is pale and stands beside it. Waiting is summed over all frames that wait at once.',
    () => ({type: 'bar', data: {labels: bars.map(bar => bar.name), datasets: [
      ...names.map((name, i) => part(name, i, 'cpu_seconds', 'executing', 'e0')),
      ...waits.map(name => part(name, names.indexOf(name), 'wait_seconds', 'waiting', '40'))]},
      options: options(axis(''), axis('ms a frame', {scale: {stacked: true, beginAtZero: true}}))}),
    table('Time by stage, milliseconds a frame', [['of', true], ...names.map(name => [name]), ...waits.map(name => [`${name} waiting`])],
      bars.map(bar => [bar.name, ...names.map(name => fixed(of(bar, name, 'cpu_seconds'), 3)), ...waits.map(name => fixed(of(bar, name, 'wait_seconds'), 3))])));
}

// A line of values that each stand for a stretch, by the second at which it ends.
const steps = (seconds, values, colour) => ({data: [{x: 0, y: values[0]}, ...seconds.map((x, i) => ({x, y: values[i]}))],
  borderColor: colour, backgroundColor: colour, showLine: true, stepped: 'after'});

// Of the run as it went. Two scales: frames are counted in tens, cores in ones.
function overTime() {
  const t = data.over_time, mib = t.rss_bytes.map(bytes => bytes / 2 ** 20);
  const line = (label, values, colour, more) => ({label, ...steps(t.seconds, values, colour), borderWidth: 2, pointRadius: t.seconds.length > 60 ? 0 : 2, ...more});
  const seconds = () => axis('seconds', {scale: {type: 'linear', min: 0, max: t.seconds.at(-1) || 1}});
  const rows = t.seconds.map((s, i) => [fixed(s, 2), fixed(t.in_progress[i], 2), fixed(t.executing[i], 2), fixed(mib[i], 0)]);
  const behind = () => table('Over time: the mean of each stretch, which ends at', [['second'], ['in progress'], ['executing'], ['memory, MiB']], rows);
  figure('In progress and executing over time', 'Solid, left scale: frames in progress. Dashed, right scale: cores executing.', () => {
    const o = options(seconds(), axis('frames in progress', {scale: {beginAtZero: true, suggestedMax: 1}}));
    o.scales.cores = axis('cores executing', {scale: {position: 'right', beginAtZero: true, suggestedMax: data.cores, grid: {drawOnChartArea: false}}});
    return {type: 'scatter', data: {datasets: [line('in progress', t.in_progress, colourOf('concurrent'), {pointStyle: 'circle'}),
      line('executing', t.executing, colourOf('tiles'), {yAxisID: 'cores', pointStyle: 'triangle', borderDash: [5, 3]})]}, options: o};
  }, behind());
  figure('Memory over time', 'Resident memory of the run, the most of each stretch.', () => ({type: 'scatter', data: {datasets: [line('memory', mib, colourOf('frames'), {pointStyle: 'rect'})]},
    options: options(seconds(), axis('MiB', {scale: {beginAtZero: true}}))}), behind());
}

// Of a benchmark: a line a cell, its typical run.
function overTimeOfCells() {
  const drawn = measured.filter(cell => cell.over_time.seconds.length > 0);
  const mib = bytes => bytes / 2 ** 20;
  const chart = (title, told, key, y, digits, scaled = value => value) => figure(title, told, () => ({type: 'scatter', data: {datasets: drawn.map((cell, c) => {
    const t = cell.over_time, values = t[key].map(scaled), colour = colourOf(cell.mode);
    return {label: nameOf(cell), ...steps(t.seconds, values, colour),
      borderWidth: 1.5, borderDash: cell.cores > 1 ? [] : [4, 3], pointStyle: signOf(cell.mode), pointRadius: t.seconds.map((_, i) => i % Math.ceil(t.seconds.length / 8) === c % 2 ? 4 : 0)};
  })}, options: options(axis('seconds', {scale: {type: 'linear', min: 0}}), axis(y, {scale: {beginAtZero: true}}))}),
    table(`${title}: the mean of each stretch, which ends at`, [['of', true], ['second'], [y]],
      drawn.flatMap(cell => cell.over_time.seconds.map((s, i) => [nameOf(cell), fixed(s, 2), fixed(scaled(cell.over_time[key][i]), digits)]))));
  const which = 'The run of the median time of each cell; dashed: one core.';
  chart('In progress over time', which, 'in_progress', 'frames in progress', 2);
  chart('Executing over time', which, 'executing', 'cores executing', 2);
  chart('Memory over time', which, 'rss_bytes', 'MiB', 0, mib);
}

const kinds = {order: 'before its turn', queue: 'queued', window: 'held for a window', stage: 'being worked on', wait: 'waiting in a stage', storage: 'being written'};
const stateName = state => state.kind === 'stage' || state.kind === 'storage' ? state.at : state.kind === 'wait' ? `wait in ${state.at}` : `${state.kind} before ${state.at}`;

function states() {
  const all = data.in_progress.states, names = Object.keys(kinds).filter(kind => all.some(state => state.kind === kind));
  figure('Where frames in progress are', `On average ${fixed(data.in_progress.mean, 2)} frames in progress, each at one place at a time: the bars sum to that. What is being worked on is filled, ` +
    'what waits is pale; so the pale bars are the difference between in progress and executing.',
    () => ({type: 'bar', data: {labels: all.map(stateName), datasets: names.map((kind, i) => ({label: kinds[kind], borderWidth: 1, borderColor: stageColours[i], skipNull: true,
      backgroundColor: stageColours[i] + (kind === 'stage' ? 'e0' : '40'), data: all.map(state => state.kind === kind ? state.mean : null)}))},
      options: {...options(axis('frames, on average', {scale: {stacked: true, beginAtZero: true}}), axis('', {scale: {stacked: true}})), indexAxis: 'y'}}),
    table('Where frames in progress are', [['state', true], ['what', true], ['frames, on average'], ['frame seconds']],
      all.map(state => [stateName(state), kinds[state.kind], fixed(state.mean, 3), fixed(state.frame_seconds, 3)])));
}

// Of a benchmark: by kind of state, means over a cell's runs.
function statesOfCells() {
  const names = Object.keys(kinds).filter(kind => measured.some(cell => cell.summary.in_progress_by_kind[kind] > 0));
  const of = (cell, kind) => cell.summary.in_progress_by_kind[kind] || 0;
  figure('Where frames in progress are', 'Mean number of frames by what becomes of them just then: being worked on is filled, waiting is pale.',
    () => ({type: 'bar', data: {labels: measured.map(nameOf), datasets: names.map((kind, i) => ({label: kinds[kind], borderWidth: 1, borderColor: stageColours[i],
      backgroundColor: stageColours[i] + (kind === 'stage' ? 'e0' : '40'), data: measured.map(cell => of(cell, kind))}))},
      options: options(axis('', {scale: {stacked: true}}), axis('frames', {scale: {stacked: true, beginAtZero: true}}))}),
    table('Where frames in progress are', [['of', true], ...names.map(kind => [kinds[kind]])], measured.map(cell => [nameOf(cell), ...names.map(kind => fixed(of(cell, kind), 3))])));
}

function histogram(title, told, of, bins, head) {
  const all = bins.reduce((sum, bin) => sum + bin.seconds, 0) || 1;
  figure(title, told, () => ({type: 'bar', data: {labels: bins.map(bin => bin.name), datasets: [{label: '% of the time', borderColor: colourOf(of), backgroundColor: colourOf(of),
    data: bins.map(bin => 100 * bin.seconds / all)}]}, options: options(axis(head), axis('% of the time', {scale: {beginAtZero: true}}))}),
    table(title, [[head, true], ['seconds'], ['% of the time']], bins.map(bin => [bin.name, fixed(bin.seconds, 3), fixed(100 * bin.seconds / all, 1)])));
}

function histograms() {
  histogram('How long how many were in progress', 'Exact: each admission and each end counts.', 'concurrent',
    data.in_progress.histogram.map(bin => ({name: String(bin.frames), seconds: bin.seconds})), 'frames in progress');
  histogram('How long how many cores were executing', 'CPU seconds over wall seconds of stretches of about 50 ms.', 'tiles',
    data.executing.histogram.map(bin => ({name: `${bin.from} – ${bin.to}`, seconds: bin.seconds})), 'cores executing');
}

function threads() {
  const all = data.executing.threads;
  main.append(element('section', {class: 'wide'}, element('h2', {}, 'Marks and clocks'), element('p', {},
    'At work: between the marks of a piece of work, by the wall clock. Executing: by the thread’s CPU clock. ' +
    `CPU time that the timers do not explain: ${fixed(data.executing.unaccounted_cpu * 100, 1)} % of all CPU seconds.`), table('Seconds of each thread', [['thread', true], ['at work'], ['of that executing'],
    ['executing'], ['descheduled']], all.map(thread => [thread.library ? `${thread.name} (a library’s)` : thread.name, fixed(thread.busy_seconds, 3), fixed(thread.busy_cpu_seconds, 3),
    fixed(thread.cpu_seconds, 3), fixed(thread.descheduled_seconds, 3)]))));
}

// The plan as an ordered list, which is its own text for a screen reader; the look makes boxes and arrows of it.
function planOf(plan) {
  const states = isRun ? data.in_progress.states : [];
  const there = (name, waits) => states.filter(state => state.at === name && waits === !['stage', 'wait'].includes(state.kind)).reduce((sum, state) => sum + state.mean, 0);
  const box = node => element('li', {}, element('strong', {}, node.name), element('span', {}, node.how), ...node.about.map(text => element('span', {class: 'about'}, text)),
    ...(there(node.name, false) + there(node.name, true) > 0 ? [element('span', {class: 'here'},
      `${fixed(there(node.name, false), 2)} frames here on average, ${fixed(there(node.name, true), 2)} held before it`)] : []),
    ...(node.output ? [element('span', {class: 'output'}, `output ${node.output}`)] : []));
  return [element('ol', {class: 'plan'}, ...plan.nodes.map(box)),
    ...(plan.passthrough.length > 0 ? [element('p', {}, 'Beside the frames:'), element('ul', {class: 'passthrough'}, ...plan.passthrough.map(node => element('li', {}, `${node.name}: ${node.how}`)))] : [])];
}

function plansOfRun() {
  const seen = new Map();
  for (const {input, plan} of data.inputs) {
    const key = JSON.stringify(plan);
    seen.set(key, {plan, inputs: [...(seen.has(key) ? seen.get(key).inputs : []), input]});
  }
  return [...seen.values()];
}

function plans(all) {
  for (const {plan, inputs} of all.filter(one => one.plan.nodes.length > 0))
    main.append(element('section', {class: 'wide'}, element('h2', {}, `The plan of ${inputs[0]}${inputs.length > 1 ? ` and ${inputs.length - 1} more` : ''}`), ...planOf(plan)));
}

function facts(title, pairs) {
  main.append(element('section', {class: 'wide'}, element('h2', {}, title), element('table', {class: 'facts'},
    element('tbody', {}, ...pairs.filter(([, value]) => value).map(([key, value]) => element('tr', {}, element('th', {scope: 'row'}, key), element('td', {class: 'text'}, String(value))))))));
}

function laws() {
  const said = (fit, key) => `${key} ${fixed(fit[key].value, 4)} (${range(fit[key], 4)})`;
  facts('Laws of scaling', data.laws.flatMap(({mode, fits, why_not}) => [
    ...fits.map(fit => [`${mode}: ${fit.law}`, `${said(fit, 'sigma')}${fit.law === 'Amdahl' ? '' : ', ' + said(fit, 'kappa')}; off by ${fixed(fit.relative_error * 100, 1)} %`]),
    ...why_not.map(({law, reason}) => [`${mode}: ${law}`, `not fitted: ${reason}`])]));
}

function machine() {
  const m = data.machine;
  facts('Machine and versions', [['processor', m.cpu], ['cores', `${m.cores}, of which this process may use ${m.available_cores}`], ['CPU quota', m.quota_cores],
    ['memory', `${fixed(m.memory_bytes / 2 ** 30, 1)} GiB`], ['clock governor', m.governor], ['kernel', m.kernel], ['versions', data.libraries],
    ['measured', `${data.rounds} rounds after ${data.warm_up} dropped, order and intervals from seed ${data.seed}, output ${data.output}`],
    ['inputs', data.inputs.join(', ')]]);
}

function figures() {
  const bad = cell => cell.differences.length > 0;
  const rows = measured;
  const section = element('section', {class: 'wide', id: 'figures'}, element('h2', {}, 'All figures'),
    table('Each cell: medians, and the greatest peaks', [['mode', true], ['cores'], ['fps'], ['95 % interval'], ['speed-up'], ['efficiency'], ['fps a core'], ['CPU s a 1000'], ['in progress'],
      ['executing'], ['quadrant', true], ['peak RSS, MiB'], ['threads'], ['switches'], ['same as sequential', true]],
      rows.map(cell => { const s = cell.summary; return [cell.mode, cell.cores, fixed(s.fps.median, 2), range(s.fps, 2), `${fixed(s.speed_up.median, 2)}×`, `${fixed(s.efficiency.median * 100, 0)} %`,
        fixed(s.fps_per_core, 2), fixed(s.cpu_seconds_per_1000_frames, 2), fixed(s.in_progress, 2), fixed(s.executing, 2), s.quadrant, fixed(s.peak_rss_bytes / 2 ** 20, 0), s.peak_threads,
        s.context_switches.voluntary + s.context_switches.involuntary, bad(cell) ? cell.differences.join('; ') : 'yes']; }), r => bad(rows[r])),
    element('details', {}, element('summary', {}, 'Every run'), table('Each run', [['mode', true], ['cores'], ['round'], ['frames'], ['wall, s'], ['CPU, s'], ['fps'], ['in progress'], ['executing'],
      ['peak RSS, MiB'], ['threads'], ['switches'], ['others’ load, cores']],
      rows.flatMap(cell => cell.runs.map((run, i) => [cell.mode, cell.cores, i + 1, run.frames, fixed(run.wall_seconds, 3), fixed(run.cpu_seconds, 3), fixed(run.fps, 2),
        fixed(run.in_progress, 2), fixed(run.executing, 2), fixed(run.peak_rss_bytes / 2 ** 20, 0), run.peak_threads, run.context_switches.voluntary + run.context_switches.involuntary,
        fixed(run.machine.other_cores, 2)])))));
  main.append(section);
}

function inputs() {
  const failed = data.inputs.map(input => input.status === 'failed');
  main.append(element('section', {class: 'wide', id: 'figures'}, element('h2', {}, 'Inputs'), table('Each input', [['input', true], ['status', true], ['frames'], ['wall, s'], ['fps'], ['segments'],
    ['output', true], ['told', true]], data.inputs.map(input => [input.input, input.status, input.frames_out, fixed(input.wall_seconds, 2), fixed(input.fps, 2), input.segments, input.output,
    [input.error, ...input.losses, ...input.damage].filter(Boolean).join('; ')]), r => failed[r])));
}

function run() {
  facts('The run', [['mode', `${data.mode}: ${data.mode_reason}`], ['reading', `${fixed(data.in_progress.mean, 2)} frames in progress (${data.in_progress.peak} at most), ` +
    `${fixed(data.executing.mean, 2)} of ${cores(data.cores)} executing: ${data.quadrant}`], ['speed', `${fixed(data.fps, 2)} frames a second, ${fixed(data.wall_seconds, 2)} s, ${fixed(data.cpu_seconds, 2)} CPU s`],
    ['peak memory', `${fixed(data.peak_rss_bytes / 2 ** 20, 0)} MiB`], ['peak threads', data.peak_threads],
    ['context switches', `${data.context_switches.voluntary} voluntary, ${data.context_switches.involuntary} involuntary`],
    ['processor', data.machine.cpu], ['cores', `${data.machine.cores}, of which the run used ${data.cores}`], ['memory', `${fixed(data.machine.memory_bytes / 2 ** 30, 1)} GiB`],
    ['clock governor', data.machine.governor], ['kernel', data.machine.kernel], ['versions', data.libraries]]);
}

function head(title, lead, notes) {
  document.title = document.querySelector('h1').textContent = title;
  document.getElementById('lead').textContent = `${lead} Concurrency is what is in progress, parallelism is what is executing.`;
  if (notes.length > 0)
    main.append(element('div', {class: 'warnings', role: 'note'}, element('strong', {}, 'Read the figures with care'), element('ul', {}, ...notes.map(note => element('li', {}, note)))));
}

const inputsText = `${data.inputs.length} input${data.inputs.length === 1 ? '' : 's'}`;
if (isRun) {
  head(`quadrant run: ${data.mode} on ${cores(data.cores)}`, `${inputsText}.`, data.executing.unaccounted);
  quadrantChart();
  overTime();
  states();
  stages();
  histograms();
  plans(plansOfRun());
  threads();
  run();
  inputs();
} else if (isAdvice) {
  head(`quadrant advise: ${data.config}`, `${inputsText}: ${nameOf(data.recommended)}, is recommended. Predicted from ${data.calibration.frames} frames, measured in ${fixed(data.calibration.seconds, 1)} s.`,
    [...data.calibration.notes, ...cells.filter(cell => cell.impossible).map(cell => `${nameOf(cell)} is not possible: ${cell.impossible}`)]);
  predictions();
  quadrantChart();
  stages();
  advice();
  changes();
  plans(data.plans);
  facts('Machine and versions', [['processor', data.machine.cpu], ['cores', `${data.machine.cores}, of which this process may use ${data.machine.available_cores}`], ['memory', `${fixed(data.machine.memory_bytes / 2 ** 30, 1)} GiB`], ['kernel', data.machine.kernel], ['versions', data.version], ['inputs', data.inputs.join(', ')]]);
} else {
  head(`quadrant bench: ${data.config}`, `${inputsText}, ${cells.length} cells on ${cores(data.machine.available_cores)}, ${data.rounds} runs each in turn.`,
    [...cells.flatMap(cell => [...cell.differences.map(text => `${nameOf(cell)} differs from sequential: ${text}`),
      ...(cell.impossible ? [`${nameOf(cell)} is not possible: ${cell.impossible}`] : [])]), ...data.warnings]);
  throughput();
  efficiency();
  quadrantChart();
  stages();
  statesOfCells();
  overTimeOfCells();
  plans(data.plans);
  laws();
  machine();
  figures();
}

// Colours follow the system's choice while the page is open.
dark.addEventListener('change', () => charts.forEach(chart => {
  const {data: drawn, options: opts} = chart.make();
  chart.data = drawn;
  chart.options = opts;
  chart.update();
}));
})();
