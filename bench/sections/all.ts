import { measureBulks } from './bulks.ts'
import { measureFlush } from './flush.ts'
import { measureGrowth } from './growth.ts'
import { measureJournal } from './journal.ts'
import { measurePeers } from './peers.ts'
import { measureProfile } from './profile.ts'
import { measureRates } from './rates.ts'
import { measureRecovery } from './recovery.ts'
import type { BenchOptions, Section } from './section.ts'
import { measureSoak } from './soak.ts'
import { measureStats } from './stats.ts'

export interface Question {
  readonly title: string
  readonly question: string
  /** Programs without which it cannot be answered. */
  readonly needs: readonly string[]
  /** Whether it is asked when none is named. */
  readonly isByDefault: boolean
  readonly measure: (options: BenchOptions) => Promise<Section>
}

/** What the bench answers, one file each, in the order of the results. */
export const questions: Readonly<Record<string, Question>> = {
  peers: {
    title: 'Peers',
    question: 'what does a counted click cost here, and what elsewhere?',
    needs: ['wrk'],
    isByDefault: true,
    measure: measurePeers,
  },
  rates: {
    title: 'Rates',
    question: 'does it keep up, how soon does it answer, is every answer true?',
    needs: [],
    isByDefault: true,
    measure: measureRates,
  },
  journal: {
    title: 'Journal',
    question: 'what does it cost to keep a click safe before it is answered?',
    needs: [],
    isByDefault: true,
    measure: measureJournal,
  },
  growth: {
    title: 'Growth',
    question: 'what do many banners, more threads and a safer journal cost?',
    needs: ['wrk'],
    isByDefault: true,
    measure: measureGrowth,
  },
  bulks: {
    title: 'Bulks',
    question: 'how many clicks a second does it take in bulks?',
    needs: ['wrk'],
    isByDefault: true,
    measure: measureBulks,
  },
  flush: {
    title: 'Flush',
    question: 'does storing the clicks stay out of their way?',
    needs: ['wrk'],
    isByDefault: true,
    measure: measureFlush,
  },
  stats: {
    title: 'Stats',
    question: 'how soon are a minute, a day, a year of minutes read?',
    needs: [],
    isByDefault: true,
    measure: measureStats,
  },
  recovery: {
    title: 'Recovery',
    question: 'how soon does it count after a start, how soon is a journal stored?',
    needs: ['wrk'],
    isByDefault: true,
    measure: measureRecovery,
  },
  soak: {
    title: 'Soak',
    question: 'does memory grow, or latency, at 20 000 clicks a second? (2 minutes, or --minutes)',
    needs: [],
    isByDefault: false,
    measure: measureSoak,
  },
  profile: {
    title: 'Profile',
    question: 'where does the time of a click go? (writes a .cpuprofile)',
    needs: ['wrk'],
    isByDefault: true,
    measure: measureProfile,
  },
}

export function isQuestion(name: string): boolean {
  return Object.hasOwn(questions, name)
}
