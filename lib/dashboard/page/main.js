/** @import { Situation, Zone } from './types.d.ts' */
import { AccessView } from './access.js'
import { redrawAll } from './charts.js'
import { Clock, localZoneName } from './clock.js'
import { ExploreView } from './explore.js'
import { formatHash, parseHash } from './explore-query.js'
import { rate } from './format.js'
import { watchHealth } from './health.js'
import { gapAt, History, sampleOf } from './history.js'
import { LiveView, showComplaints, showSentence } from './live.js'
import { otherComplaints, sentence, stateWords } from './sentence.js'
import { learn, nothingKnown } from './situation.js'

const clock = new Clock()
const past = new History()
try {
  past.restore(sessionStorage, Date.now() / 1000)
  addEventListener('pagehide', () => past.save(sessionStorage))
} catch {
  // The browser forbids storage: the charts begin anew with each reload.
}

/** @type {Situation} */
let situation = nothingKnown
const live = new LiveView(clock)
const explore = new ExploreView(clock, { onAsked: writeHash, onRefused: () => void access.want() })

const goOn = watchHealth(answer => {
  const nowMs = Date.now()
  const wasRefused = situation.refusal !== null
  situation = learn(situation, answer, nowMs)
  const { health, refusal, silentSinceMs } = situation
  const isKnown = health !== null && refusal === null && silentSinceMs === null
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
    explore.askAgain()
  },
  onLoggedOut() {
    // Nothing stays of what was shown. Emptied first: the page keeps its samples when it goes.
    past.samples = []
    location.reload()
  },
})

function showState() {
  showSentence(sentence(situation, Date.now(), atMs => clock.timeOfDay(atMs)))
  showComplaints(otherComplaints(situation))
  const { health, refusal, silentSinceMs } = situation
  const isShown = silentSinceMs === null && refusal === null
  const isCounting = isShown && (health?.status === 'ok' || health?.status === 'degraded')
  const figure = isCounting ? `${rate(health.clicks.perSecond)}/s` : ''
  document.title = [stateWords(situation), figure, 'clickcounter'].filter(part => part !== '').join(' · ')
}

/* The address has the zone and the question: a link shows others the same. */

const localZone = /** @type {HTMLElement} */ (document.getElementById('local-zone'))
localZone.textContent = localZoneName ? `, ${localZoneName}` : ''
const zoneInputs = /** @type {NodeListOf<HTMLInputElement>} */ (document.querySelectorAll('[name=zone]'))
for (const input of zoneInputs)
  input.addEventListener('change', () => {
    const { query } = explore
    setZone(/** @type {Zone} */ (input.value))
    explore.query = query
    writeHash()
    explore.redraw()
  })
addEventListener('hashchange', readHash)
readHash()

/** @param {Zone} zone */
function setZone(zone) {
  clock.zone = zone
  for (const input of zoneInputs) input.checked = input.value === zone
  for (const name of document.querySelectorAll('.zone-name'))
    name.textContent = zone === 'utc' ? '(UTC)' : '(local)'
  redrawAll()
}

function readHash() {
  // The skip link has set it, and it says nothing of a question.
  if (location.hash === '#explore') return
  const { query, zone } = parseHash(location.hash)
  setZone(zone)
  explore.query = query
  if (query.banner !== '') void explore.ask({ isFocused: false })
}

/** Uses replaceState, which raises no hashchange: the question has been asked already. */
function writeHash() {
  history.replaceState(null, '', `#${formatHash(explore.query, clock.zone)}`)
}
