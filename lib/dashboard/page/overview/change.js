import { count, percent } from '../format.js'

const SPACE = '\u202f'
/** Less would be written as +0.0 %. */
const HARDLY = 0.0005

/**
 * How a figure has changed. `words` says so in short, such as +12 %.
 * @param {number} now
 * @param {number} before
 * @returns {{ way: 'up' | 'down' | 'same', words: string }}
 */
export function changeOf(now, before) {
  if (before === 0) return now === 0 ? { way: 'same', words: '–' } : { way: 'up', words: 'new' }
  const ratio = Math.abs(now - before) / before
  if (ratio < HARDLY) return { way: 'same', words: `±0${SPACE}%` }
  const way = now > before ? 'up' : 'down'
  const words =
    ratio >= 10
      ? `×${SPACE}${count(Math.round(now / before))}`
      : `${signed(way)}${percent(ratio * 100)}${SPACE}%`
  return { way, words }
}

/** A difference of clicks, such as +1 204. @param {number} now @param {number} before */
export function difference(now, before) {
  return `${signed(now < before ? 'down' : 'up')}${count(Math.abs(now - before))}`
}

/** @param {'up' | 'down'} way */
function signed(way) {
  return way === 'up' ? '+' : '−'
}
