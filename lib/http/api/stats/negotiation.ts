import Boom from '@hapi/boom'
import type { Question } from '../../../questions/question.ts'
import { chooseType } from '../accept.ts'
import { statsCsv } from './csv.ts'
import type { StatsFormat } from './format.ts'
import { statsJson } from './json.ts'

const FORMATS: Readonly<Record<StatsType, StatsFormat>> = {
  'application/json': statsJson,
  'text/csv': statsCsv,
}
/** Clients that accept anything get the first one. */
export const STATS_TYPES = ['application/json', 'text/csv'] as const
type StatsType = (typeof STATS_TYPES)[number]

/** The format that the Accept header prefers. Throws as chooseType does, and 400 where it has no form for the answer. */
export function chooseFormat(header: string | undefined, { compare }: Question): StatsFormat {
  const type = chooseType(header, STATS_TYPES)
  if (type === 'text/csv' && compare !== null)
    throw Boom.badRequest(
      '"compare" is for answers in JSON: leave it out, or ask for the earlier range by itself',
    )
  return FORMATS[type]
}
