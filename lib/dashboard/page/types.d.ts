import type { SessionReport } from '../../access/session-report.ts'
import type { Sample, SampleColumns } from '../../books/samples.ts'
import type { healthReport } from '../../health/report.ts'

/** What GET /health answers. The type check fails where the page reads a field that it does not have. */
export type Health = ReturnType<typeof healthReport>

/** What GET /session answers. */
export type Session = SessionReport

/** What the service answers to who may not see something. */
export interface Refusal {
  /** false: who is logged in may not see it either. */
  readonly needsLogIn: boolean
  /** The service's own words. */
  readonly message: string
}

export type { Sample }

/** What GET /health/history answers. */
export interface ToldHistory {
  readonly everySeconds: number
  /** The instant of the last samples, RFC 3339. null: there are none yet. */
  readonly to: string | null
  /** A column for each figure of a sample, oldest first. */
  readonly samples: SampleColumns['columns']
}

/** What the page knows of the service. */
export interface Situation {
  /** The last answer, or null before the first. */
  readonly health: Health | null
  /** Why the state is not shown now. null: it is. */
  readonly refusal: Refusal | null
  /** When the service stopped answering, in milliseconds since the epoch. null: it answers. */
  readonly silentSinceMs: number | null
}

export interface Sentence {
  readonly tone: 'good' | 'warn' | 'bad' | 'idle'
  readonly verdict: string
  /** With figures as of now. */
  readonly detail: string
  /** The same without figures, for screen readers: it changes only when the state does. */
  readonly announcement: string
}

/** The device's own zone, UTC, or one as IANA names it. */
export type Zone = 'local' | 'utc' | (string & {})

export type View = 'overview' | 'live' | 'banners' | 'banner' | 'fleet'

/** What the page shows, as its address says it. */
export interface Address {
  readonly view: View
  readonly zone: Zone
  /** What the view shows. */
  readonly values: URLSearchParams
}

/** A view, as the navigation knows it. */
export interface ShownView {
  readonly section: HTMLElement
  /** The link that leads past the head. `to`: the id of an element. */
  readonly skip: { readonly words: string; readonly to: string }
  /** What the address says of it. */
  readonly values: URLSearchParams
  /** Shows what an address says. `state`: what was written with it, or null. */
  show(values: URLSearchParams, state: unknown): void
  /** Another view is shown from now on. */
  hide(): void
  /** The zone has changed. `values`: what was shown in the zone before. */
  redraw(values: URLSearchParams): void
}
