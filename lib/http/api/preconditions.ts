import Boom from '@hapi/boom'
import type { Request } from '@hapi/hapi'

/** Versions as entity tags name them; '*': any version of what is there. null: no header, no condition. */
export type NamedVersions = readonly string[] | '*' | null

/** The grammar of RFC 9110, section 8.8.3. */
const TAG = /(?:W\/)?"[\x21\x23-\x7e\x80-\xff]*"/
const TAGS = new RegExp(`^[\\t ,]*${TAG.source}(?:[\\t ]*,[\\t ,]*${TAG.source})*[\\t ,]*$`)

/**
 * The versions that may be changed. The comparison is strong: a weak tag is none of them. So the list may be empty.
 * Throws 400 when the header is malformed: to pass over it would undo what somebody else has just changed.
 */
export function readIfMatch({ raw }: Request): NamedVersions {
  return versionsOf(readTags('If-Match', raw.req.headers['if-match']), tag => tag.startsWith('"'))
}

/** The versions that are not wanted. The comparison is weak. Throws as readIfMatch does. */
export function readIfNoneMatch({ raw }: Request): NamedVersions {
  return versionsOf(readTags('If-None-Match', raw.req.headers['if-none-match']), () => true)
}

/** Whether the version that is there is one of them. */
export function isNamed(version: string, versions: NamedVersions): boolean {
  return versions !== null && (versions === '*' || versions.includes(version))
}

function readTags(name: string, text: string | undefined): NamedVersions {
  if (text === undefined) return null
  if (text === '*') return '*'
  if (TAGS.test(text)) return text.match(new RegExp(TAG, 'g'))!
  throw Boom.badRequest(`${name} must be a list of versions in quotes, as ETag has them, or *`)
}

function versionsOf(tags: NamedVersions, isWanted: (tag: string) => boolean): NamedVersions {
  if (tags === null || tags === '*') return tags
  return tags.filter(isWanted).map(tag => tag.slice(tag.indexOf('"') + 1, -1))
}
