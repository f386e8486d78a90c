(isRun ? showRun : isAdvice ? showAdvice : showBench)();

// Colours follow the system's setting while the page is open.
dark.addEventListener('change', () => charts.forEach(chart => {
  const {data: drawn, options: opts} = chart.make();
  chart.data = drawn;
  chart.options = opts;
  chart.update();
}));
})();
