const NAMES = [
  'access.css',
  'access.js',
  'access-words.js',
  'address.js',
  'ask.js',
  'base.css',
  'charts.css',
  'charts.js',
  'choices.css',
  'clock.js',
  'controls.css',
  'dom.js',
  'download.js',
  'filtered-words.js',
  'format.js',
  'health.js',
  'help.css',
  'help.js',
  'history.js',
  'icon.svg',
  'icon-bad.svg',
  'icon-warn.svg',
  'keyboard.js',
  'keys.js',
  'late-view.js',
  'live.js',
  'main.js',
  'modal.js',
  'navigation.js',
  'panels.css',
  'panels.js',
  'scheme.js',
  'scheme-choice.js',
  'sentence.css',
  'sentence.js',
  'shortcuts.js',
  'situation.js',
]

/** In the folder `banners`. */
const BANNERS_NAMES = [
  'api.js',
  'clicks.js',
  'code.js',
  'conflict.js',
  'details.css',
  'dialogs.css',
  'difference.js',
  'difference-list.js',
  'editor.js',
  'export.js',
  'field.js',
  'fields.js',
  'filter-form.js',
  'filters.js',
  'form.css',
  'form.js',
  'history.js',
  'import.js',
  'import-words.js',
  'list.css',
  'list.js',
  'list-page.js',
  'narrow-rows.css',
  'notice.js',
  'position.js',
  'rows.css',
  'rows.js',
  'sample.js',
  'sheet.js',
  'snippets.js',
  'states.js',
  'switching.js',
  'view.js',
  'words.js',
]

/** In the folder `banner`. */
const BANNER_NAMES = [
  'answer-box.js',
  'asker.js',
  'bars.js',
  'chart-keys.js',
  'chart.js',
  'entries.js',
  'file.js',
  'figure-words.js',
  'form.js',
  'head.js',
  'plot.js',
  'problem-box.js',
  'question.js',
  'ranges.js',
  'reader.js',
  'step-words.js',
  'steps.css',
  'steps.js',
  'summary.js',
  'table.js',
  'ticks.js',
  'tip.js',
  'tip-words.js',
  'view.css',
  'view.js',
  'zoom.js',
]

/** In the folder `fleet`. */
const FLEET_NAMES = ['fleet.css', 'row.js', 'view.js', 'words.js']

/** In the folder `overview`. */
const OVERVIEW_NAMES = [
  'board.css',
  'board.js',
  'card.js',
  'cards.js',
  'change.js',
  'figure-card.js',
  'first-steps.js',
  'in-turn.js',
  'list-card.js',
  'lists.css',
  'moves.js',
  'questions.js',
  'refusals.js',
  'round.js',
  'rows.js',
  'span.js',
  'sparkline.js',
  'today.js',
  'today-card.js',
  'view.js',
]

const ours = (name: string) => new URL(`page/${name}`, import.meta.url)
/** The service makes its samples with it, too. */
const sample = new URL('../health/sample.js', import.meta.url)
const uplot = (name: string) => new URL(import.meta.resolve(`uplot/dist/${name}`))

export const dashboardPage = ours('index.html')

/** The files that the page loads, by their names under /dashboard. */
export const dashboardFiles: ReadonlyMap<string, URL> = new Map([
  ...NAMES.map(name => [name, ours(name)] as const),
  ['sample.js', sample],
  ['uplot.js', uplot('uPlot.esm.js')],
  ['uplot.css', uplot('uPlot.min.css')],
])

/** The files of the view Banner, by their names under /dashboard/banner. */
export const bannerFiles: ReadonlyMap<string, URL> = new Map(
  BANNER_NAMES.map(name => [name, ours(`banner/${name}`)]),
)

/** The files of the view Overview, by their names under /dashboard/overview. */
export const overviewFiles: ReadonlyMap<string, URL> = new Map(
  OVERVIEW_NAMES.map(name => [name, ours(`overview/${name}`)]),
)

/** The files of the view Banners, by their names under /dashboard/banners. */
export const bannersFiles: ReadonlyMap<string, URL> = new Map(
  BANNERS_NAMES.map(name => [name, ours(`banners/${name}`)]),
)

/** The files of the view Fleet, by their names under /dashboard/fleet. */
export const fleetFiles: ReadonlyMap<string, URL> = new Map(
  FLEET_NAMES.map(name => [name, ours(`fleet/${name}`)]),
)
