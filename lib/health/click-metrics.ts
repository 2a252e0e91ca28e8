import { type Balance, grossBalance, readBalances, sumOverThreads } from '../books/balance.ts'
import type { SharedMemory } from '../memory/shared-memory.ts'
import { type ByClass, byClass } from '../rows/classes.ts'
import { named, ofClasses } from './report.ts'
import type { Scrape } from './scrape.ts'

/** All from one reading of the books, so that they balance in each scrape. */
export function addClicks(scrape: Scrape, memory: SharedMemory): void {
  const balances = readBalances(memory)
  const { accepted, stored, pending, repeated, lost, conflicts } = grossBalance(balances)
  // With conflicts: a counter that went back would look like a restart.
  scrape.counter(
    'clickcounter_clicks_accepted_total',
    'Clicks that were acknowledged: stored, pending, repeated, lost, or refused for a conflict.',
    accepted + conflicts,
  )
  scrape.counter('clickcounter_clicks_stored_total', 'Accepted clicks that are in Postgres.', stored)
  scrape.gauge('clickcounter_clicks_pending', 'Accepted clicks that are not in Postgres yet.', pending)
  scrape.counter(
    'clickcounter_clicks_repeated_total',
    'Accepted clicks of bulks with a key that another delivery had counted.',
    repeated,
  )
  scrape.counter(
    'clickcounter_clicks_lost_total',
    'Accepted clicks that are gone: neither Postgres nor the journal has them any more.',
    lost,
  )
  addClasses(scrape, balances)
  addUnremembered(scrape, memory)
  scrape.counter(
    'clickcounter_clicks_refused_total',
    'Clicks that were answered with 503, for limit with 429, and for conflict with 202 before it was found.',
    {
      label: 'reason',
      of: {
        journal: sumOverThreads(memory, 'refusedJournal'),
        full: sumOverThreads(memory, 'refusedFull'),
        limit: sumOverThreads(memory, 'refusedLimit'),
        conflict: conflicts,
      },
    },
  )
  scrape.counter(
    'clickcounter_clicks_ignored_total',
    'Clicks that were not counted, for a reason that is no fault of the service.',
    {
      label: 'reason',
      of: {
        prefetch: sumOverThreads(memory, 'ignoredPrefetch'),
        unknown: sumOverThreads(memory, 'ignoredUnknown'),
        inactive: sumOverThreads(memory, 'ignoredInactive'),
      },
    },
  )
}

/** The books once more, by class. They have names of their own, because whoever sums up a metric sums all its series. */
function addClasses(scrape: Scrape, balances: ByClass<Balance>): void {
  const of = (name: keyof Balance) => ({ label: 'class', of: ofClasses(balances, name) })
  scrape.counter('clickcounter_class_clicks_accepted_total', 'Clicks that were acknowledged, by class.', {
    label: 'class',
    of: named(byClass(of => balances[of].accepted + balances[of].conflicts)),
  })
  scrape.counter(
    'clickcounter_class_clicks_stored_total',
    'Of these, those in Postgres, by class.',
    of('stored'),
  )
  scrape.gauge(
    'clickcounter_class_clicks_pending',
    'Of these, those not in Postgres yet, by class.',
    of('pending'),
  )
  scrape.counter(
    'clickcounter_class_clicks_repeated_total',
    'Of these, those of bulks that another delivery had counted, by class.',
    of('repeated'),
  )
  scrape.counter(
    'clickcounter_class_clicks_conflict_total',
    'Of these, those that were refused for a conflict, by class.',
    of('conflicts'),
  )
  scrape.counter(
    'clickcounter_class_clicks_lost_total',
    'Of these, those that are gone, by class.',
    of('lost'),
  )
}

/** What the tables of clients had no place for. */
function addUnremembered(scrape: Scrape, memory: SharedMemory): void {
  scrape.counter(
    'clickcounter_clicks_unnoted_total',
    'Valid clicks that could not be remembered: a duplicate of theirs counts as valid, too.',
    sumOverThreads(memory, 'unnotedClicks'),
  )
  scrape.counter(
    'clickcounter_clicks_unlimited_total',
    'Clicks that were not limited, because their client could not be remembered.',
    sumOverThreads(memory, 'unlimitedClicks'),
  )
}
