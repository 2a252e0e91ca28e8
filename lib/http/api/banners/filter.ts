import Boom from '@hapi/boom'
import type { BannerFilter } from '../../../../db/banners/list-banners.ts'
import { quote } from '../../../config/wording.ts'

/** The parameters that say which banners. */
export const FILTERS = ['q', 'campaign', 'label', 'active'] as const

/** Longer texts, and other characters, are in no banner. Postgres would not take all of them. */
const LINE = /^[^\p{C}\p{Zl}\p{Zp}]{1,200}$/u

/** Throws 400 for what no banner can have, because an empty list would look like an answer. */
export function readFilter(query: Readonly<Partial<Record<(typeof FILTERS)[number], string>>>): BannerFilter {
  return {
    q: readText('q', query.q),
    campaign: readText('campaign', query.campaign),
    label: readText('label', query.label),
    isActive: readFlag('active', query.active),
  }
}

function readText(name: string, text: string | undefined): string | null {
  if (text === undefined) return null
  if (LINE.test(text)) return text
  throw Boom.badRequest(`${name} is ${quote(text)}: it must be one line of 1 to 200 characters`)
}

/** `true` or `false`; null: it is not there. Throws 400. */
export function readFlag(name: string, text: string | undefined): boolean | null {
  if (text === undefined) return null
  if (text === 'true' || text === 'false') return text === 'true'
  throw Boom.badRequest(`${name} is ${quote(text)}: it must be true or false`)
}
