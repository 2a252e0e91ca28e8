/** Numbers and times for people. A narrow space stands between thousands, and before the unit. */

const SPACE = '\u202f'
const BYTE_UNITS = ['B', 'kB', 'MB', 'GB', 'TB']
const UNKNOWN = '–'
/** By their decimals. Making one takes longer than writing a hundred numbers with it. */
const FORMATS = [0, 1, 2].map(
  digits => new Intl.NumberFormat('en', { minimumFractionDigits: digits, maximumFractionDigits: digits }),
)

/** @param {number | null} value */
export function count(value) {
  return value === null ? UNKNOWN : fixed(value, 0)
}

/**
 * Per second. Below 100 it has a decimal: three clicks in ten seconds are 0.3, not 0.
 * @param {number | null} value
 */
export function rate(value) {
  return value === null ? UNKNOWN : fixed(value, value < 100 && !Number.isInteger(value) ? 1 : 0)
}

/** Milliseconds, with about three digits. @param {number | null} value */
export function milliseconds(value) {
  if (value === null) return UNKNOWN
  return fixed(value, value >= 100 || value === 0 ? 0 : value >= 10 ? 1 : 2)
}

/** @param {number | null} value */
export function percent(value) {
  return value === null ? UNKNOWN : fixed(value, value > 0 && value < 10 ? 1 : 0)
}

/** @param {number | null} value */
export function bytes(value) {
  if (value === null) return UNKNOWN
  const power = Math.min(BYTE_UNITS.length - 1, value < 1000 ? 0 : Math.floor(Math.log10(value) / 3))
  const scaled = value / 1000 ** power
  return `${fixed(scaled, power > 0 && scaled < 100 ? 1 : 0)}${SPACE}${BYTE_UNITS[power]}`
}

/** Its two largest parts. @param {number | null} seconds */
export function duration(seconds) {
  if (seconds === null) return UNKNOWN
  const whole = Math.max(0, Math.floor(seconds))
  const parts = [
    { value: Math.floor(whole / 86_400), unit: 'd' },
    { value: Math.floor(whole / 3600) % 24, unit: 'h' },
    { value: Math.floor(whole / 60) % 60, unit: 'min' },
    { value: whole % 60, unit: 's' },
  ]
  const largest = parts.findIndex(({ value }) => value > 0)
  if (largest === -1) return `0${SPACE}s`
  return parts
    .slice(largest, largest + 2)
    .filter(({ value }) => value > 0)
    .map(({ value, unit }) => `${value}${SPACE}${unit}`)
    .join(' ')
}

/** Short, for the scale of a chart. @param {number} value */
export function scaleLabel(value) {
  if (value >= 1e15) return `${trimmed(value / 1e15)}P`
  if (value >= 1e12) return `${trimmed(value / 1e12)}T`
  if (value >= 1e9) return `${trimmed(value / 1e9)}G`
  if (value >= 1e6) return `${trimmed(value / 1e6)}M`
  return value >= 1e4 ? `${trimmed(value / 1e3)}k` : trimmed(value)
}

/** @param {number} value */
function trimmed(value) {
  return String(Number(value.toPrecision(4)))
}

/** @param {number} value @param {number} digits */
function fixed(value, digits) {
  return (FORMATS[digits]?.format(value) ?? '').replaceAll(',', SPACE)
}
