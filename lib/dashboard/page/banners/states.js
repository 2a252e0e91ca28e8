/** @import { Banner, StateKind } from './types.d.ts' */
/** @import { Clock } from '../clock.js' */

/**
 * @param {Pick<Banner, 'isActive' | 'activeFrom' | 'activeUntil'>} banner
 * @param {number} nowMs
 * @returns {StateKind}
 */
export function stateOf({ isActive, activeFrom, activeUntil }, nowMs) {
  if (!isActive) return 'inactive'
  // An end that is over counts more than a beginning: the banner will not be active again.
  if (activeUntil !== null && Date.parse(activeUntil) <= nowMs) return 'ended'
  return activeFrom !== null && Date.parse(activeFrom) > nowMs ? 'early' : 'active'
}

/**
 * A banner's state in words, and the moment that goes with it.
 * @param {Pick<Banner, 'isActive' | 'activeFrom' | 'activeUntil'>} banner
 * @param {number} nowMs
 * @param {Clock} clock
 */
export function stateWords(banner, nowMs, clock) {
  const kind = stateOf(banner, nowMs)
  const moment = (/** @type {string | null} */ time) => (time === null ? '' : clock.minute(Date.parse(time)))
  switch (kind) {
    case 'inactive':
      return { kind, word: 'inactive', moment: '' }
    case 'early':
      return { kind, word: 'starts on', moment: moment(banner.activeFrom) }
    case 'ended':
      return { kind, word: 'ended', moment: moment(banner.activeUntil) }
    case 'active':
      return {
        kind,
        word: banner.activeUntil === null ? 'active' : 'active until',
        moment: moment(banner.activeUntil),
      }
  }
}
