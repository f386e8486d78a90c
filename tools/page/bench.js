function throughput() {
  const one = measured[0].summary.fps.median;
  figure('Throughput against cores', 'Median frames per second of each mode, with its 95 % interval; dashed: as many times sequential as there are cores.',
    () => ({type: 'scatter', plugins: [whiskers], data: {datasets: [...linesOf(cell => cell.summary.fps),
      dashed('ideal', [{x: 1, y: one}, {x: Math.max(most, 1), y: one * most}], css('--quiet')),
      ...data.laws.flatMap(({mode, fits}) => fits.map(fit => curveOf(mode, fit)))]},
      options: options(coreAxis(), axis('frames per second', {scale: {beginAtZero: true, suggestedMax: highest(cell => cell.summary.fps)}}))}),
    table('Throughput, frames per second', [['mode', true], ['cores'], ['median'], ['95 % interval'], ['speed-up'], ['95 % interval']],
      measured.map(({mode, cores: n, summary: s}) => [mode, n, fixed(s.fps.median, 2), range(s.fps, 2), fixed(s.speed_up.median, 2), range(s.speed_up, 2)])));
}

function efficiency() {
  figure('Efficiency', 'Speed-up over sequential by the number of cores: 100 % where each core does what one core did alone; a mode that waits less can pass it.',
    () => ({type: 'scatter', plugins: [whiskers], data: {datasets: [...linesOf(cell => {
      const e = cell.summary.efficiency;
      return {median: e.median * 100, low: e.low * 100, high: e.high * 100};
    }), dashed('ideal', [{x: 0.5, y: 100}, {x: most + 0.5, y: 100}], css('--quiet'))]},
      options: options(coreAxis(), axis('%', {scale: {beginAtZero: true, suggestedMax: 100 * highest(cell => cell.summary.efficiency)}}))}),
    table('Efficiency', [['mode', true], ['cores'], ['efficiency, %'], ['95 % interval'], ['fps per core'], ['CPU s per 1000 frames']],
      measured.map(({mode, cores: n, summary: s}) => [mode, n, fixed(s.efficiency.median * 100, 1), range(s.efficiency, 1, 100), fixed(s.fps_per_core, 2),
        fixed(s.cpu_seconds_per_1000_frames, 2)])));
}

// For a benchmark: one line per cell, from its typical run.
function overTimeOfCells() {
  const drawn = measured.filter(cell => cell.over_time.seconds.length > 0);
  const mib = bytes => bytes / 2 ** 20;
  const chart = (title, told, key, y, digits, scaled = value => value) => figure(title, told, () => ({type: 'scatter', data: {datasets: drawn.map((cell, c) => {
    const t = cell.over_time, values = t[key].map(scaled), colour = colourOf(cell.mode);
    return {label: nameOf(cell), ...steps(t.seconds, values, colour),
      borderWidth: 1.5, borderDash: cell.cores > 1 ? [] : [4, 3], pointStyle: signOf(cell.mode), pointRadius: t.seconds.map((_, i) => i % Math.ceil(t.seconds.length / 8) === c % 2 ? 4 : 0)};
  })}, options: options(axis('seconds', {scale: {type: 'linear', min: 0}}), axis(y, {scale: {beginAtZero: true}}))}),
    table(`${title}: the mean of each interval, which ends at`, [['of', true], ['second'], [y]],
      drawn.flatMap(cell => cell.over_time.seconds.map((s, i) => [nameOf(cell), fixed(s, 2), fixed(scaled(cell.over_time[key][i]), digits)]))));
  const which = 'The run of the median time of each cell; dashed: one core.';
  chart('In progress over time', which, 'in_progress', 'frames in progress', 2);
  chart('Executing over time', which, 'executing', 'cores executing', 2);
  chart('Memory over time', which, 'rss_bytes', 'MiB', 0, mib);
}

// For a benchmark: means over a cell's runs, by kind of state.
function statesOfCells() {
  const names = Object.keys(kinds).filter(kind => measured.some(cell => cell.summary.in_progress_by_kind[kind] > 0));
  const of = (cell, kind) => cell.summary.in_progress_by_kind[kind] || 0;
  figure('Where frames in progress are', 'Mean number of frames by what becomes of them just then: being worked on is filled, waiting is pale.',
    () => ({type: 'bar', data: {labels: measured.map(nameOf), datasets: names.map((kind, i) => ({label: kinds[kind], borderWidth: 1, borderColor: stageColours[i],
      backgroundColor: stageColours[i] + (kind === 'stage' ? 'e0' : '40'), data: measured.map(cell => of(cell, kind))}))},
      options: options(axis('', {scale: {stacked: true}}), axis('frames', {scale: {stacked: true, beginAtZero: true}}))}),
    table('Where frames in progress are', [['of', true], ...names.map(kind => [kinds[kind]])], measured.map(cell => [nameOf(cell), ...names.map(kind => fixed(of(cell, kind), 3))])));
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
    table('Each cell: medians, and the greatest peaks', [['mode', true], ['cores'], ['fps'], ['95 % interval'], ['speed-up'], ['efficiency'], ['fps per core'], ['CPU s per 1000'], ['in progress'],
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

function showBench() {
  head(`quadrant bench: ${data.config}`, `${inputsText}, ${cells.length} cells on ${cores(data.machine.available_cores)}, ${data.rounds} runs each in turn.`,
    [element('h2', {}, data.best ? `Fastest: ${nameOf(data.best)}` : 'Nothing was measured'), ...paragraphs(data.summary)],
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
