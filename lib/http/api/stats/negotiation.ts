import accept from '@hapi/accept'
import Boom from '@hapi/boom'
import { statsCsv } from './csv.ts'
import type { StatsFormat } from './format.ts'
import { statsJson } from './json.ts'

/** The first one is for those who take anything. */
const FORMATS: Readonly<Record<string, StatsFormat>> = {
  'application/json': statsJson,
  'text/csv': statsCsv,
}

/**
 * What the Accept header prefers: JSON where it names both with the same weight. The parameters of a media
 * type, such as charset, choose nothing. Throws 406 where it allows neither. RFC 9110 permits to disregard
 * the header instead, but then JSON would come to somebody who has said that they cannot read it.
 */
export function chooseFormat(header: string | undefined): StatsFormat {
  const format = FORMATS[preferred(header).split(';', 1)[0]!]
  if (format !== undefined) return format
  const error = Boom.notAcceptable('the Accept header must allow application/json or text/csv')
  error.output.headers.vary = 'accept'
  throw error
}

function preferred(header: string | undefined): string {
  try {
    return accept.mediaType(header, Object.keys(FORMATS))
  } catch {
    throw Boom.badRequest('the Accept header must be a list of media types, such as text/csv, */*;q=0.1')
  }
}
