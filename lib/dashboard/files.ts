const NAMES = [
  'access.css',
  'access.js',
  'access-words.js',
  'base.css',
  'charts.css',
  'charts.js',
  'choices.css',
  'clock.js',
  'explore.css',
  'explore.js',
  'explore-query.js',
  'format.js',
  'health.js',
  'history.js',
  'icon.svg',
  'icon-bad.svg',
  'icon-warn.svg',
  'live.js',
  'main.js',
  'panels.css',
  'panels.js',
  'sentence.css',
  'sentence.js',
  'situation.js',
]

const ours = (name: string) => new URL(`page/${name}`, import.meta.url)
const uplot = (name: string) => new URL(import.meta.resolve(`uplot/dist/${name}`))

export const dashboardPage = ours('index.html')

/** The files that the page loads, by their names under /dashboard. */
export const dashboardFiles: ReadonlyMap<string, URL> = new Map([
  ...NAMES.map(name => [name, ours(name)] as const),
  ['uplot.js', uplot('uPlot.esm.js')],
  ['uplot.css', uplot('uPlot.min.css')],
])
