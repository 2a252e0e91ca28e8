/** @import { Step } from './types.d.ts' */

/** So many pixels of the chart, at least, are for a step. */
const LEAST_PIXELS = 4
/** The service streams minutes however many there are. A browser draws and keeps them all. */
export const MOST_ENTRIES = 50_000

/**
 * From fine to coarse. `minutes`: how long one is, about.
 * @type {readonly { step: Step, minutes: number, word: string }[]}
 */
export const steps = [
  { step: 'minute', minutes: 1, word: 'minute' },
  { step: 'quarter', minutes: 15, word: 'quarter of an hour' },
  { step: 'hour', minutes: 60, word: 'hour' },
  { step: 'day', minutes: 1440, word: 'day' },
  { step: 'week', minutes: 10_080, word: 'week' },
  { step: 'month', minutes: 43_830, word: 'month' },
]

/** The finest step that a chart of that width has room for. @param {number} rangeMs @param {number} widthPixels */
export function fittingStep(rangeMs, widthPixels) {
  const most = widthPixels / LEAST_PIXELS
  return steps.find(({ step }) => countSteps(step, rangeMs) <= most)?.step ?? 'month'
}

/** How many steps a range has, about. @param {Step} step @param {number} rangeMs */
export function countSteps(step, rangeMs) {
  return Math.ceil(rangeMs / 60_000 / minutesOf(step))
}

/** The next coarser step that a range has at least one of; null: there is none. @param {Step} step @param {number} rangeMs */
export function coarserStep(step, rangeMs) {
  const next = steps[steps.findIndex(each => each.step === step) + 1]
  return next === undefined || next.minutes * 60_000 > rangeMs ? null : next.step
}

/** @param {Step} step */
export function stepWord(step) {
  return steps.find(each => each.step === step)?.word ?? step
}

/** Its word at the head of a column, or alone. @param {Step} step */
export function stepTitle(step) {
  const word = stepWord(step)
  return word.charAt(0).toUpperCase() + word.slice(1)
}

/** @param {Step} step */
export function minutesOf(step) {
  return steps.find(each => each.step === step)?.minutes ?? 1
}
