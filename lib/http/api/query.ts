import Boom from '@hapi/boom'
import type { Request } from '@hapi/hapi'
import { didYouMean } from '../../base/nearest.ts'
import { shortened } from '../../base/shortened.ts'
import { listed } from '../../config/wording.ts'

/**
 * The parameters of the request's query, of which these are known. Throws 400 when another one stands there, or one
 * of them twice: a filter that is mistyped must not look like one that everything passes. `unknown` says what is wrong
 * with a name.
 */
export function readQuery<Name extends string>(
  { query }: Pick<Request, 'query'>,
  names: readonly Name[],
  unknown = unknownName,
): Readonly<Partial<Record<Name, string>>> {
  const written = Object.entries(query as Record<string, string | string[]>)
  for (const [name, value] of written) {
    if (!names.includes(name as Name)) throw Boom.badRequest(unknown('parameter', name, names))
    if (typeof value !== 'string')
      throw Boom.badRequest(`the parameter ${name} stands there twice: send it once`)
  }
  return Object.fromEntries(written) as Partial<Record<Name, string>>
}

/** Says which `names` there are, and which one is probably meant. `noun`: what a name is the name of. */
export function unknownName(noun: string, name: string, names: readonly string[]): string {
  const allowed =
    names.length === 0 ? 'there is none here' : `there ${names.length === 1 ? 'is' : 'are'} ${listed(names)}`
  return `there is no ${noun} ${JSON.stringify(shortened(name))}${didYouMean(name, names)}: ${allowed}`
}
