import { banners } from './banners.ts'
import { bots } from './bots.ts'
import { bulks } from './bulks.ts'
import { connections } from './connections.ts'
import { crowd } from './crowd.ts'
import { fleet } from './fleet.ts'
import { flush } from './flush.ts'
import { growth } from './growth.ts'
import { history } from './history.ts'
import { journal } from './journal.ts'
import { paired } from './paired.ts'
import { peers } from './peers.ts'
import { profile } from './profile.ts'
import { rates } from './rates.ts'
import { readers } from './readers.ts'
import { recovery } from './recovery.ts'
import { redirects } from './redirects.ts'
import { requests } from './requests.ts'
import { room } from './room.ts'
import type { Section } from './section.ts'
import { soak } from './soak.ts'
import { start } from './start.ts'
import { stats } from './stats.ts'
import { tail } from './tail.ts'
import { threads } from './threads.ts'
import { valid } from './valid.ts'

/** In the order of the results. */
export const sections: readonly Section[] = [
  peers,
  requests,
  redirects,
  connections,
  rates,
  journal,
  growth,
  threads,
  bulks,
  flush,
  fleet,
  tail,
  stats,
  history,
  readers,
  room,
  banners,
  bots,
  start,
  recovery,
  soak,
  crowd,
  profile,
  paired,
  valid,
]
