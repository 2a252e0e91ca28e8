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

/** The format that the Accept header prefers. Throws as chooseType does. */
export function chooseFormat(header: string | undefined): StatsFormat {
  return FORMATS[chooseType(header, STATS_TYPES)]
}
