import { canonicalAddress } from '../../base/ip-address.ts'
import { CLASSES, type ClickClass, VALID } from '../../rows/classes.ts'
import type { Classifier } from './classifier.ts'
import type { Clients } from './clients.ts'
import { trimmed } from './trimmed.ts'

export type ClassName = (typeof CLASSES)[number]

/** One entry of a bulk's body. It may say which class its clicks have, or of which client its one click is. */
export interface BulkEntry {
  readonly id: number
  /** Clicks; 1 when it is missing. */
  readonly count?: number
  /** `valid` when it is missing, and the client as well. */
  readonly class?: ClassName
  /** With `ip`. Empty: the client has sent none. */
  readonly userAgent?: string
  /** With `userAgent`. An IP address. */
  readonly ip?: string
}

const BEYOND_LATIN1 = /[^\0-\xff]/

/**
 * The classes of sound entries, in their order; null: all are valid, and none says so. An entry of a client has the class
 * that its click would have had if the client had sent it here. Its note must be settled, see classifier.ts.
 */
export function classesOf(
  entries: readonly BulkEntry[],
  clients: Clients,
  classifier: Classifier,
): ClickClass[] | null {
  if (!haveClasses(entries)) return null
  return entries.map(({ id, class: name, userAgent, ip }) => {
    if (name !== undefined) return CLASSES.indexOf(name) as ClickClass
    if (userAgent === undefined) return VALID
    return classifier.classOf(id, clients.ofEntry(asInHead(userAgent), canonicalAddress(ip!)!))
  })
}

/** Whether an entry says of which class or client it is. A loop: `some` takes four times as long, which a plain bulk would feel. */
export function haveClasses(entries: readonly BulkEntry[]): boolean {
  for (const { class: name, userAgent } of entries)
    if (name !== undefined || userAgent !== undefined) return true
  return false
}

/**
 * The User-Agent that a click has when it comes by itself: Node reads each byte of a head as one character, and leaves out
 * the blanks around a value. It is a text of its own, see BotRules.
 */
function asInHead(userAgent: string): string {
  const isLatin1 = !BEYOND_LATIN1.test(userAgent)
  const value = trimmed(userAgent)
  if (isLatin1 && value.length === userAgent.length) return userAgent
  return Buffer.from(value, isLatin1 ? 'latin1' : 'utf8').toString('latin1')
}
