function predictions() {
  const checked = measured.filter(cell => cell.measured);
  const lines = modes.map(mode => ({label: mode, borderColor: colourOf(mode), backgroundColor: colourOf(mode), pointStyle: signOf(mode), pointRadius: 6, showLine: true,
    data: byMode(mode).map(cell => ({x: cell.cores, y: cell.predicted.fps}))}));
  const points = checked.length === 0 ? [] : [{label: 'measured', borderColor: css('--ink'), backgroundColor: css('--ink'), pointStyle: 'crossRot', pointRadius: 7,
    borderWidth: 2, data: checked.map(({cores: x, measured: m}) => ({x, y: m.fps, low: m.low, high: m.high}))}];
  figure('Predicted throughput against cores', 'Frames a second of each mode, as far as what was measured of each stage allows' + (checked.length > 0 ? '; crosses: measured, with their 95 % intervals.' : '.'),
    () => ({type: 'scatter', plugins: [whiskers], data: {datasets: [...lines, ...points]}, options: options(coreAxis(), axis('frames per second', {scale: {beginAtZero: true}}))}),
    table('Predictions', [['mode', true], ['cores'], ['fps'], ['in progress'], ['executing'], ['quadrant', true], ['MiB'], ['limited by', true], ['measured fps'], ['error, %']],
      measured.map(({mode, cores: n, predicted: p, limited_by: limit, measured: m}) => [mode, n, fixed(p.fps, 2), fixed(p.in_progress, 2), fixed(p.executing, 2), p.quadrant,
        fixed(p.peak_bytes / 2 ** 20, 0), limit, m ? fixed(m.fps, 2) : '', m ? fixed(m.error * 100, 1) : ''])));
}

function changes() {
  main.append(element('section', {class: 'wide', id: 'figures'}, element('h2', {}, 'What a change would gain'), data.changes.length === 0 ? element('p', {}, 'No change that was tried makes it 3 % faster.')
    : table('Over the recommended mode', [['change', true], ['fps'], ['times'], ['then best in', true]], data.changes.map(c => [c.change, fixed(c.fps, 2), fixed(c.gain, 2), nameOf(c)]))));
}

function showAdvice() {
  head(`quadrant advise: ${data.config}`, `${inputsText}. Predicted from ${data.calibration.frames} frames, measured in ${fixed(data.calibration.seconds, 1)} s.`,
    [element('h2', {}, `Recommended: ${nameOf(data.recommended)}`), element('pre', {}, data.recommended.command), ...paragraphs(data.summary)],
    [...data.calibration.notes, ...cells.filter(cell => cell.impossible).map(cell => `${nameOf(cell)} is not possible: ${cell.impossible}`)]);
  predictions();
  quadrantChart();
  stages();
  changes();
  plans(data.plans);
  facts('Machine and versions', [['processor', data.machine.cpu], ['cores', `${data.machine.cores}, of which this process may use ${data.machine.available_cores}`],
    ['memory', `${fixed(data.machine.memory_bytes / 2 ** 30, 1)} GiB`], ['kernel', data.machine.kernel], ['versions', data.version], ['inputs', data.inputs.join(', ')]]);
}
