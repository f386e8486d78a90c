// A run is shown as a benchmark of one cell with one run, without intervals and speed-ups.
function cellOf(report) {
  const figures = {in_progress: report.in_progress.mean, executing: report.executing.mean, quadrant: report.quadrant};
  return {mode: report.mode, cores: report.cores, differences: [], summary: figures, runs: [figures]};
}
// Predictions take the place of a benchmark's measurements.
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
// The bars of "time by stage": cells, or the inputs of a run.
const barsOf = () => isRun ? data.inputs.map(input => ({name: input.input, frames: input.frames_out - input.frames_kept || 1, stages: input.stages}))
  : isAdvice ? [{name: 'one frame, measured', frames: 1, stages: data.calibration.stages}]
  : measured.map(cell => ({name: nameOf(cell), frames: cell.runs[0].frames || 1, stages: cell.summary.stages}));
const nameOf = cell => `${cell.mode}, ${cores(cell.cores)}`;

// One line per mode over the cores; a mode with one point is only a marker.
const linesOf = figureOf => modes.map(mode => ({
  label: mode, borderColor: colourOf(mode), backgroundColor: colourOf(mode), pointStyle: signOf(mode), pointRadius: 6, showLine: true,
  data: byMode(mode).map(cell => ({x: cell.cores, y: figureOf(cell).median, low: figureOf(cell).low, high: figureOf(cell).high})),
}));
const highest = figureOf => Math.max(...measured.map(cell => figureOf(cell).high)) * 1.05;  // room for the whiskers
const dashed = (label, points, colour) => ({label, data: points, showLine: true, pointRadius: 0, pointStyle: 'line', borderDash: [6, 5], borderWidth: 2,
  borderColor: colour, backgroundColor: colour});
const coreAxis = () => axis('cores', {scale: {type: 'linear', min: 0.5, max: most + 0.5, afterBuildTicks: scale => { scale.ticks = counts.map(value => ({value})); }}});

// Only between measured points: beyond them a law is a guess.
const curveOf = (mode, fit) => dashed(`${mode}: ${fit.law}`, Array.from({length: 41}, (_, i) => {
  const n = 1 + (fit.most_cores - 1) * i / 40;
  return {x: n, y: fit.lambda.value * n / (1 + fit.sigma.value * (n - 1) + fit.kappa.value * n * (n - 1))};
}), colourOf(mode));

function quadrantChart() {
  const top = Math.max(1.5, ...measured.flatMap(cell => cell.runs.map(run => run.executing))) * 1.15;
  const right = Math.max(2, ...measured.flatMap(cell => cell.runs.map(run => run.in_progress))) * 1.4;
  // The left quadrants get a third of the width, so that their names fit on a phone.
  const left = Math.min(border / Math.sqrt(right / border), ...measured.flatMap(cell => cell.runs.map(run => run.in_progress * 0.8)).filter(x => x > 0));
  figure('Quadrants', 'One marker per run: how many frames were in progress, and how many cores were executing, on average.',
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
  figure('Time by stage', 'Milliseconds per frame, stacked: what executes is filled, what waits is pale and stands beside it. Waiting is summed over all frames that wait at once.',
    () => ({type: 'bar', data: {labels: bars.map(bar => bar.name), datasets: [
      ...names.map((name, i) => part(name, i, 'cpu_seconds', 'executing', 'e0')),
      ...waits.map(name => part(name, names.indexOf(name), 'wait_seconds', 'waiting', '40'))]},
      options: options(axis(''), axis('ms per frame', {scale: {stacked: true, beginAtZero: true}}))}),
    table('Time by stage, milliseconds per frame', [['of', true], ...names.map(name => [name]), ...waits.map(name => [`${name} waiting`])],
      bars.map(bar => [bar.name, ...names.map(name => fixed(of(bar, name, 'cpu_seconds'), 3)), ...waits.map(name => fixed(of(bar, name, 'wait_seconds'), 3))])));
}

// A stepped line: each value is for the interval that ends at its second.
const steps = (seconds, values, colour) => ({data: [{x: 0, y: values[0]}, ...seconds.map((x, i) => ({x, y: values[i]}))],
  borderColor: colour, backgroundColor: colour, showLine: true, stepped: 'after'});

const kinds = {order: 'before its turn', queue: 'queued', window: 'held for a window', stage: 'being worked on', wait: 'waiting in a stage', storage: 'being written'};
const stateName = state => state.kind === 'stage' || state.kind === 'storage' ? state.at : state.kind === 'wait' ? `wait in ${state.at}` : `${state.kind} before ${state.at}`;

// The plan as an ordered list, readable by a screen reader; the style sheet draws boxes and arrows.
function planOf(plan) {
  const states = isRun ? data.in_progress.states : [];
  const there = (name, waits) => states.filter(state => state.at === name && waits === !['stage', 'wait'].includes(state.kind)).reduce((sum, state) => sum + state.mean, 0);
  const box = node => element('li', {}, element('strong', {}, node.name), element('span', {}, node.how), ...node.about.map(text => element('span', {class: 'about'}, text)),
    ...(there(node.name, false) + there(node.name, true) > 0 ? [element('span', {class: 'here'},
      `${fixed(there(node.name, false), 2)} frames here on average, ${fixed(there(node.name, true), 2)} held before it`)] : []),
    ...(node.output ? [element('span', {class: 'output'}, `output ${node.output}`)] : []));
  return [element('ol', {class: 'plan'}, ...plan.nodes.map(box)),
    ...(plan.passthrough.length > 0 ? [element('p', {}, 'Other streams:'), element('ul', {class: 'passthrough'}, ...plan.passthrough.map(node => element('li', {}, `${node.name}: ${node.how}`)))] : [])];
}

function plans(all) {
  for (const {plan, inputs} of all.filter(one => one.plan.nodes.length > 0))
    main.append(element('section', {class: 'wide'}, element('h2', {}, `The plan of ${inputs[0]}${inputs.length > 1 ? ` and ${inputs.length - 1} more` : ''}`), ...planOf(plan)));
}
