import accept from '@hapi/accept'
import Boom from '@hapi/boom'
import { statsCsv } from './csv.ts'
import type { StatsFormat } from './format.ts'
import { statsJson } from './json.ts'

/** Clients that accept anything get the first one. */
const FORMATS: Readonly<Record<string, StatsFormat>> = {
  'application/json': statsJson,
  'text/csv': statsCsv,
}

/**
 * The format that the Accept header prefers; JSON when it gives both the same weight. Parameters of a media
 * type, such as charset, do not matter. Throws 400 when the header is malformed, and 406 when it allows
 * neither format. RFC 9110 permits an answer in JSON instead of the 406, but the client has said that it
 * cannot read JSON.
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
