// The course of a run over time. Two scales: frames go up to tens, cores only to a few.
function overTime() {
  const t = data.over_time, mib = t.rss_bytes.map(bytes => bytes / 2 ** 20);
  const line = (label, values, colour, more) => ({label, ...steps(t.seconds, values, colour), borderWidth: 2, pointRadius: t.seconds.length > 60 ? 0 : 2, ...more});
  const seconds = () => axis('seconds', {scale: {type: 'linear', min: 0, max: t.seconds.at(-1) || 1}});
  const rows = t.seconds.map((s, i) => [fixed(s, 2), fixed(t.in_progress[i], 2), fixed(t.executing[i], 2), fixed(mib[i], 0)]);
  const behind = () => table('Over time: the mean of each interval, which ends at', [['second'], ['in progress'], ['executing'], ['memory, MiB']], rows);
  figure('In progress and executing over time', 'Solid, left scale: frames in progress. Dashed, right scale: cores executing.', () => {
    const o = options(seconds(), axis('frames in progress', {scale: {beginAtZero: true, suggestedMax: 1}}));
    o.scales.cores = axis('cores executing', {scale: {position: 'right', beginAtZero: true, suggestedMax: data.cores, grid: {drawOnChartArea: false}}});
    return {type: 'scatter', data: {datasets: [line('in progress', t.in_progress, colourOf('concurrent'), {pointStyle: 'circle'}),
      line('executing', t.executing, colourOf('tiles'), {yAxisID: 'cores', pointStyle: 'triangle', borderDash: [5, 3]})]}, options: o};
  }, behind());
  figure('Memory over time', 'Resident memory of the run, the maximum of each interval.', () => ({type: 'scatter', data: {datasets: [line('memory', mib, colourOf('frames'), {pointStyle: 'rect'})]},
    options: options(seconds(), axis('MiB', {scale: {beginAtZero: true}}))}), behind());
}

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

function histogram(title, told, of, bins, head) {
  const all = bins.reduce((sum, bin) => sum + bin.seconds, 0) || 1;
  figure(title, told, () => ({type: 'bar', data: {labels: bins.map(bin => bin.name), datasets: [{label: '% of the time', borderColor: colourOf(of), backgroundColor: colourOf(of),
    data: bins.map(bin => 100 * bin.seconds / all)}]}, options: options(axis(head), axis('% of the time', {scale: {beginAtZero: true}}))}),
    table(title, [[head, true], ['seconds'], ['% of the time']], bins.map(bin => [bin.name, fixed(bin.seconds, 3), fixed(100 * bin.seconds / all, 1)])));
}

function histograms() {
  histogram('Share of time by frames in progress', 'Exact: each admission and each end counts.', 'concurrent',
    data.in_progress.histogram.map(bin => ({name: String(bin.frames), seconds: bin.seconds})), 'frames in progress');
  histogram('Share of time by cores executing', 'CPU seconds over wall seconds of stretches of about 50 ms.', 'tiles',
    data.executing.histogram.map(bin => ({name: `${bin.from} – ${bin.to}`, seconds: bin.seconds})), 'cores executing');
}

function threads() {
  const all = data.executing.threads;
  main.append(element('section', {class: 'wide'}, element('h2', {}, 'Threads'), element('p', {},
    'At work: between the marks of a piece of work, by the wall clock. Executing: by the thread’s CPU clock. ' +
    `CPU time that the timers do not explain: ${fixed(data.executing.unaccounted_cpu * 100, 1)} % of all CPU seconds.`), table('Seconds of each thread', [['thread', true], ['at work'], ['of that executing'],
    ['executing'], ['descheduled']], all.map(thread => [thread.library ? `${thread.name} (of a library)` : thread.name, fixed(thread.busy_seconds, 3), fixed(thread.busy_cpu_seconds, 3),
    fixed(thread.cpu_seconds, 3), fixed(thread.descheduled_seconds, 3)]))));
}

function plansOfRun() {
  const seen = new Map();
  for (const {input, plan} of data.inputs) {
    const key = JSON.stringify(plan);
    seen.set(key, {plan, inputs: [...(seen.has(key) ? seen.get(key).inputs : []), input]});
  }
  return [...seen.values()];
}

function happened() {
  const by = status => data.inputs.filter(input => input.status === status);
  const each = key => data.inputs.flatMap(input => input[key].map(text => `${input.input}: ${text}`));
  const stopped = by('stopped'), failed = by('failed');
  const frames = data.inputs.reduce((sum, input) => sum + input.frames_out - input.frames_kept, 0);
  return [element('h2', {}, 'What happened'),
    ...paragraphs([[`${by('done').length} done`, `${by('up-to-date').length} up to date`, `${failed.length} failed`, ...(stopped.length > 0 ? [`${stopped.length} stopped`] : [])].join(', ') + '.',
      `${counted(frames, 'frame')} in ${fixed(data.wall_seconds, 1)} s: ${fixed(data.fps, 1)} frames per second.`,
      `${fixed(data.in_progress.mean, 1)} frames in progress, ${fixed(data.executing.mean, 2)} of ${cores(data.cores)} executing: ${data.quadrant}.`]),
    ...told('Failed', failed.map(input => input.error)),
    ...told('Stopped: the same command continues them', stopped.map(input => input.input)),
    ...told('Lost', each('losses')), ...told('Damaged', each('damage')), ...told('Retried', each('retried')), ...told('Reprocessed', each('reprocessed'))];
}

function inputs() {
  const bad = data.inputs.map(input => input.status === 'failed');
  main.append(element('section', {class: 'wide', id: 'inputs'}, element('h2', {}, 'Inputs'), table('Each input', [['input', true], ['status', true], ['frames'], ['wall, s'], ['fps'], ['segments'],
    ['output', true], ['messages', true]], data.inputs.map(input => [input.input, input.status, input.frames_out, fixed(input.wall_seconds, 2), fixed(input.fps, 2), input.segments, input.output,
    [input.error, ...input.losses, ...input.damage].filter(Boolean).join('; ')]), r => bad[r])));
}

function run() {
  facts('The run in figures', [['mode', `${data.mode}: ${data.mode_reason}`], ['reading', `${fixed(data.in_progress.mean, 2)} frames in progress (${data.in_progress.peak} at most), ` +
    `${fixed(data.executing.mean, 2)} of ${cores(data.cores)} executing: ${data.quadrant}`], ['speed', `${fixed(data.fps, 2)} frames per second, ${fixed(data.wall_seconds, 2)} s, ${fixed(data.cpu_seconds, 2)} CPU s`],
    ['peak memory', `${fixed(data.peak_rss_bytes / 2 ** 20, 0)} MiB`], ['peak threads', data.peak_threads],
    ['context switches', `${data.context_switches.voluntary} voluntary, ${data.context_switches.involuntary} involuntary`],
    ['processor', data.machine.cpu], ['cores', `${data.machine.cores}, of which the run used ${data.cores}`], ['memory', `${fixed(data.machine.memory_bytes / 2 ** 30, 1)} GiB`],
    ['clock governor', data.machine.governor], ['kernel', data.machine.kernel], ['versions', data.libraries]], 'figures');
}

function showRun() {
  head(`quadrant run: ${data.mode} on ${cores(data.cores)}`, `${inputsText}.`, happened(), data.executing.unaccounted);
  inputs();
  quadrantChart();
  overTime();
  states();
  stages();
  histograms();
  plans(plansOfRun());
  threads();
  run();
}
