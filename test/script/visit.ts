import { type HttpTest, startHttpTest } from '../support/http.ts'
import type { Tab } from '../support/tab.ts'
import type { Visitor } from '../support/visitor.ts'
import { startPageSite } from './page-site.ts'
import { pages } from './pages.ts'

/** A visitor of pages that use the script of a counter. */
export interface Visit {
  readonly counter: HttpTest
  readonly visitor: Visitor
  readonly tab: Tab
  open(page: string): Promise<void>
  /** The ids that were handed over since the last call. */
  sent(): Promise<string[]>
  end(): Promise<void>
}

export async function startVisit(launch: () => Promise<Visitor>): Promise<Visit> {
  const counter = await startHttpTest()
  const all = pages(`http://localhost:${counter.thread.port}`)
  const site = await startPageSite(path => all[path.slice(1)])
  const visitor = await launch()
  const tab = await visitor.openTab()
  return {
    counter,
    visitor,
    tab,
    open: page => tab.goto(`${site.url}/${page}`),
    sent: () => tab.evaluate('sent.splice(0).map(url => url.replace(/.*counter./, ""))'),
    async end() {
      await visitor.close()
      site.close()
      await counter.stop()
    },
  }
}
