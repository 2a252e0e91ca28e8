import { count } from '../format.js'

const SPACE = '\u202f'
const PERCENT = new Intl.NumberFormat('en', { maximumFractionDigits: 0 })

/** Such as “1 click”. @param {number} clicks */
export function clicksWords(clicks) {
  if (clicks === 0) return 'No click'
  return `${count(clicks)} ${clicks === 1 ? 'click' : 'clicks'}`
}

/** How much more or less, such as “+12 %”. @param {number} now @param {number} before */
export function changeWords(now, before) {
  if (now === before) return 'the same'
  if (before === 0) return 'none before'
  const percent = (100 * (now - before)) / before
  if (Math.abs(percent) < 0.5) return `${now > before ? '+' : '−'}${count(Math.abs(now - before))}`
  // A hundred times as many is easier to read than +9 900 %.
  if (percent >= 1000) return `×${SPACE}${count(now / before)}`
  return `${percent > 0 ? '+' : '−'}${PERCENT.format(Math.abs(percent))}${SPACE}%`
}
