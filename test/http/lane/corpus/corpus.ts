import { bodies } from './bodies.ts'
import { clients, oneOfClients } from './clients.ts'
import { followed } from './followed.ts'
import { headersOfClicks } from './headers.ts'
import { malicious } from './malicious.ts'
import { odd } from './odd.ts'
import { bytesOfOthers } from './other-protocols.ts'
import type { Group } from './parts.ts'
import { smuggling } from './smuggling.ts'
import { targets } from './targets.ts'
import { valid } from './valid.ts'

export interface Sample {
  readonly name: string
  /** As latin1. */
  readonly text: string
}

/** All samples, each named by its group and what is special about it. */
export const corpus: readonly Sample[] = samplesOf({
  ...valid,
  ...targets,
  ...headersOfClicks,
  ...odd,
  ...malicious,
  ...bytesOfOthers,
  ...smuggling,
  ...bodies,
  ...followed,
})

/** Further samples: they are about who clicks. */
export const clientsCorpus: readonly Sample[] = samplesOf(clients)
export const oneOfClientsCorpus: readonly Sample[] = samplesOf(oneOfClients)

/** The samples of paths that count, by the path that leads on. */
export const followingCorpus: readonly Sample[] = corpus
  .filter(({ text }) => text.includes('/counter/'))
  .map(({ name, text }) => ({ name: `leading on, ${name}`, text: text.replaceAll('/counter/', '/click/') }))

function samplesOf(groups: Readonly<Record<string, Group>>): Sample[] {
  return Object.entries(groups).flatMap(([group, samples]) =>
    Object.entries(samples).map(([name, text]) => ({ name: `${group}: ${name}`, text })),
  )
}
