import type { Script } from './exchange.ts'

/**
 * Scripts run at the same time, and which of them comes first is chance. So none may use up another one's limit: each
 * comes from an address of its own, and what its X-Forwarded-For names is its own, too.
 */

/** Every second script comes from one of these, and is believed about others. */
export const TRUSTED_CLIENTS = '127.128.0.0/9'

/** In the corpus. What is put in their place has the same length, so that the script's cuts stay where they are. */
const IPV4 = '192.0.2.1'
const IPV6 = /d00d:f00d/gi

let count = 0

/** The script with a client of its own. */
export function ownClient(script: Script): Script {
  const nth = ++count
  const text = script.text.replaceAll(IPV4, ownIpv4(nth)).replaceAll(IPV6, ownIpv6(nth))
  const second = 1 + ((nth >> 16) & 0x3f) + (nth % 2) * 128
  return { ...script, text, address: `127.${second}.${(nth >> 8) & 0xff}.${nth & 0xff}` }
}

/** Such as 11.1.11.1: seven digits without a zero, so that 9^6 of them differ. */
function ownIpv4(nth: number): string {
  const digits = Array.from({ length: 6 }, (_, place) => 1 + (Math.floor(nth / 9 ** place) % 9))
  const [a, b, c, d, e, f] = digits as [number, number, number, number, number, number]
  return `${d}${e}.${f}.${b}${c}.${a}`
}

function ownIpv6(nth: number): string {
  return `${(0x1000 + (nth >> 12)).toString(16)}:${(0x1000 + (nth & 0xfff)).toString(16)}`
}
