/** @import { Health, Refusal, Sentence, Situation } from './types.d.ts' */
import { count, duration } from './format.js'

/**
 * The state of the service in words.
 * @param {Situation} situation
 * @param {number} nowMs milliseconds since the epoch
 * @param {(atMs: number) => string} timeOfDay writes a time in milliseconds since the epoch
 * @returns {Sentence}
 */
export function sentence(situation, nowMs, timeOfDay) {
  const { health, refusal, silentSinceMs } = situation
  if (silentSinceMs !== null) {
    const silence = duration((nowMs - silentSinceMs) / 1000)
    const detail = `No answer since ${timeOfDay(silentSinceMs)}, for ${silence}.`
    return say('bad', 'The service does not answer.', detail)
  }
  if (refusal !== null) return refused(refusal, health)
  if (health === null) return say('idle', 'Asking the service …', '')
  switch (health.status) {
    case 'starting':
      return say('warn', 'Starting.', 'Clicks are not taken yet.')
    case 'stopping':
      return say('warn', 'Stopping.', `Send new clicks elsewhere; ${waiting(health)}.`)
    case 'refusing':
      return refusing(health)
    case 'degraded':
      return degraded(health, nowMs)
    case 'ok':
      return say('good', 'Counting.', progress(health))
  }
}

/** @param {Refusal} refusal @param {Health | null} health */
function refused({ needsLogIn, message }, health) {
  if (health !== null)
    return say('idle', 'Not shown any more.', 'These are the last figures: log in to go on.')
  const reason = needsLogIn ? 'log in with a key that has the scope operate' : message
  return say('idle', 'Not shown.', `The state of the service: ${reason}.`)
}

/** @param {Health} health */
function refusing(health) {
  const complaint = health.reason === 'journal_full' ? 'The journal is full' : 'The journal cannot be written'
  return say('bad', 'Not counting.', `${complaint}: clicks get 503; ${waiting(health)}.`, `${complaint}.`)
}

/** @param {Health} health @param {number} nowMs */
function degraded(health, nowMs) {
  const [first] = health.reasons
  switch (first?.reason) {
    case 'database_down': {
      const away = duration((nowMs - Date.parse(health.database.downSince ?? '')) / 1000)
      const detail = `Postgres has been away for ${away}; ${waiting(health)}.`
      return say('warn', 'Counting.', detail, 'Postgres is away.')
    }
    case 'database_unknown':
      return wanting('Postgres has not been reached yet', health)
    case 'flush_failing':
      return wanting('Clicks cannot be stored in Postgres', health)
    default: {
      // The detail of every other reason is a sentence.
      const complaint = first?.detail ?? ''
      const rest = health.flush.lastError === null ? '' : ` Meanwhile ${waiting(health)}.`
      return say('warn', 'Counting.', complaint + rest, complaint)
    }
  }
}

/** @param {string} complaint @param {Health} health */
function wanting(complaint, health) {
  return say('warn', 'Counting.', `${complaint}; ${waiting(health)}.`, `${complaint}.`)
}

/** @param {Health} health */
function progress({ clicks: { accepted, stored, pending } }) {
  if (accepted === 0) return 'No click since the start.'
  const sum = `${count(stored)} ${stored === 1 ? 'click' : 'clicks'} stored since the start`
  return pending === 0 ? `${sum}.` : `${sum}, ${count(pending)} on the way.`
}

/**
 * What else is wrong, one sentence each: all reasons but the first, which is in the sentence of the state.
 * @param {Situation} situation
 * @returns {string[]}
 */
export function otherComplaints({ health, refusal, silentSinceMs }) {
  if (health === null || refusal !== null || silentSinceMs !== null) return []
  return health.reasons.slice(1).map(({ reason, detail }) => detail ?? reason)
}

/**
 * The state in a word or two, for the tab's title; '' while all is well.
 * @param {Situation} situation
 */
export function stateWords({ health, refusal, silentSinceMs }) {
  if (silentSinceMs !== null) return 'no answer'
  if (refusal !== null) return 'not shown'
  if (health === null) return 'asking'
  return {
    ok: '',
    degraded: 'degraded',
    refusing: 'not counting',
    starting: 'starting',
    stopping: 'stopping',
  }[health.status]
}

/** @param {Health} health */
function waiting({ clicks: { pending } }) {
  if (pending === 0) return 'no click waits'
  return pending === 1 ? '1 click waits in the journal' : `${count(pending)} clicks wait in the journal`
}

/**
 * @param {Sentence['tone']} tone
 * @param {string} verdict
 * @param {string} detail
 * @param {string} reason the detail without its figures, for the announcement
 * @returns {Sentence}
 */
function say(tone, verdict, detail, reason = '') {
  return { tone, verdict, detail, announcement: `${verdict} ${reason}`.trim() }
}
