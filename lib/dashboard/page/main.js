/** @import { BannerView } from './banner/view.js' */
/** @import { BannersView } from './banners/view.js' */
/** @import { FleetView } from './fleet/view.js' */
/** @import { OverviewView } from './overview/view.js' */
/** @import { Session, Situation, ShownView } from './types.d.ts' */
import { AccessView } from './access.js'
import { redrawAll } from './charts.js'
import { Clock } from './clock.js'
import { byId } from './dom.js'
import { rate } from './format.js'
import { askHistory, watchHealth } from './health.js'
import { gapAt, History } from './history.js'
import { Keyboard } from './keyboard.js'
import { LateView } from './late-view.js'
import { LiveView, showComplaints, showSentence } from './live.js'
import { Navigation } from './navigation.js'
import { sampleOf } from './sample.js'
import { startSchemeChoice } from './scheme-choice.js'
import { otherComplaints, sentence, stateWords } from './sentence.js'
import { learn, nothingKnown } from './situation.js'

const clock = new Clock()
const past = new History()

/** @type {Situation} */
let situation = nothingKnown
const live = new LiveView(clock)
/** @type {OverviewView | null} null: it has not been shown yet */
let overview = null
/** @type {BannersView | null} null: it has not been shown yet */
let banners = null
/** @type {BannerView | null} null: it has not been shown yet */
let banner = null
/** @type {FleetView | null} null: it has not been shown yet */
let fleet = null
/** @type {Session | null} null: it is not known yet */
let session = null

const goOn = watchHealth(answer => {
  const nowMs = Date.now()
  const wasRefused = situation.refusal !== null
  situation = learn(situation, answer, nowMs)
  const { health, refusal, silentSinceMs } = situation
  const isKnown = health !== null && refusal === null && silentSinceMs === null
  if (isKnown && past.hasGapBefore(nowMs / 1000)) void fillGap()
  past.add(isKnown ? sampleOf(health, nowMs / 1000, past.samples) : gapAt(nowMs / 1000))
  live.show(health, past.samples)
  live.isHidden = health === null && refusal !== null
  showState()
  // The session may just have ended.
  if (refusal !== null && !wasRefused) void access.look()
})

const access = new AccessView({
  onLoggedIn() {
    void goOn()
    overview?.askAgain()
    banner?.askAgain()
    banners?.askAgain()
    fleet?.askAgain()
  },
  onLoggedOut() {
    // Nothing stays of what was shown.
    location.reload()
  },
  onSession(latest) {
    session = latest
    banners?.permit(latest)
  },
})

const overviewView = new LateView({
  section: byId('overview'),
  skip: { words: 'Skip to the clicks', to: 'overview-title' },
  styles: ['dashboard/overview/board.css', 'dashboard/overview/lists.css'],
  async load() {
    const { OverviewView } = await import('./overview/view.js')
    overview = new OverviewView(clock, byId('overview'), () => void access.want())
    return overview
  },
})

/** @type {ShownView} */
const liveView = {
  section: byId('live'),
  skip: { words: 'Skip to the figures', to: 'panels' },
  values: new URLSearchParams(),
  show() {},
  hide() {},
  redraw() {},
}

const bannerView = new LateView({
  section: byId('banner'),
  skip: { words: 'Skip to the clicks', to: 'banner-title' },
  styles: ['view', 'steps'].map(name => `dashboard/banner/${name}.css`),
  async load() {
    const { BannerView } = await import('./banner/view.js')
    banner = new BannerView(clock, byId('banner'), {
      onMoved: step => navigation.write(step),
      onRefused: () => void access.want(),
      onZone: zone => navigation.rezone(zone),
    })
    return banner
  },
})

const bannersView = new LateView({
  section: byId('banners'),
  skip: { words: 'Skip to the list', to: 'list' },
  styles: ['list', 'rows', 'narrow-rows', 'dialogs', 'form', 'details'].map(
    name => `dashboard/banners/${name}.css`,
  ),
  async load() {
    const { BannersView } = await import('./banners/view.js')
    banners = new BannersView(clock, {
      onMoved: step => navigation.write(step),
      onRefused: () => void access.want(),
    })
    if (session !== null) banners.permit(session)
    return banners
  },
})

const fleetView = new LateView({
  section: byId('fleet'),
  skip: { words: 'Skip to the instances', to: 'fleet-title' },
  styles: ['dashboard/fleet/fleet.css'],
  async load() {
    const { FleetView } = await import('./fleet/view.js')
    fleet = new FleetView(clock, byId('fleet'), () => void access.want())
    return fleet
  },
})

const views = {
  overview: overviewView,
  live: liveView,
  banners: bannersView,
  banner: bannerView,
  fleet: fleetView,
}
const navigation = new Navigation(clock, views, showState)
navigation.start()
startSchemeChoice(redrawAll)

const keyboard = new Keyboard({
  'g o': () => navigation.go('overview'),
  'g l': () => navigation.go('live'),
  'g b': () => navigation.go('banners'),
  'g c': () => navigation.go('banner'),
  'g f': () => navigation.go('fleet'),
  '/': () => void search(),
  t: () => navigation.rezone(clock.zone === 'utc' ? 'local' : 'utc'),
  '?': () => void help(),
})
byId('shortcuts').addEventListener('click', () => void help())

async function help() {
  const { showHelp } = await import('./help.js')
  await showHelp(keyboard)
}

/** The field of the view that finds a banner. Views without one leave it to the list of all. */
async function search() {
  if (navigation.view !== 'banner') navigation.go('banners')
  const isOne = navigation.view === 'banner'
  await (isOne ? bannerView : bannersView).ready
  const field = document.querySelector(isOne ? '#banner .id-field input' : '#search')
  // There is none where the view could not be loaded.
  if (field instanceof HTMLElement) field.focus()
}

async function fillGap() {
  past.fillIn(await askHistory())
  live.show(situation.health, past.samples)
}

function showState() {
  showSentence(sentence(situation, Date.now(), atMs => clock.timeOfDay(atMs)))
  showComplaints(otherComplaints(situation))
  const { health, refusal, silentSinceMs } = situation
  const isShown = silentSinceMs === null && refusal === null
  const isCounting = isShown && (health?.status === 'ok' || health?.status === 'degraded')
  const figure = isCounting ? `${rate(health.clicks.perSecond)}/s` : ''
  const view = { overview: '', live: 'Live', banners: 'Banners', banner: 'Banner', fleet: 'Fleet' }[
    navigation.view
  ]
  // Who may not see the state is told so where it is asked for, and not on each view.
  byId('state').hidden = refusal !== null && navigation.view !== 'live'
  document.title = [stateWords(situation), view, figure, 'clickcounter']
    .filter(part => part !== '')
    .join(' · ')
}
