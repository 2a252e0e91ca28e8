import { CHROMIUM, FIREFOX, findBrowser } from '../support/browser.ts'
import { visitors } from '../support/visitor.ts'
import { consentSuite } from './suites/consent.ts'
import { elementsSuite } from './suites/elements.ts'
import { leavingSuite } from './suites/leaving.ts'
import { loadingSuite } from './suites/loading.ts'
import { startVisit, type Visit } from './visit.ts'

describe('clickcounter.js', function () {
  this.timeout(30_000)
  const visits = new Map<string, Visit>()
  before(async function () {
    // They may have to be installed.
    this.timeout(300_000)
    for (const kind of [CHROMIUM, FIREFOX]) findBrowser(kind)
    for (const [name, launch] of Object.entries(visitors)) visits.set(name, await startVisit(launch))
  })
  after(() => Promise.all(Array.from(visits.values(), visit => visit.end())))

  for (const name of Object.keys(visitors))
    describe(`in ${name}`, () => {
      const visit = () => visits.get(name)!
      describe('on elements', () => elementsSuite(visit))
      describe('with consent', () => consentSuite(visit))
      describe('on its way', () => loadingSuite(visit))
    })

  // The last one: it closes the browsers.
  describe('of a page that is left with the click, by a counter that is 400 ms away', () =>
    leavingSuite(() => visits))
})
