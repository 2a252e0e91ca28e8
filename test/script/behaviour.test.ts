import { CHROMIUM, FIREFOX, findBrowser } from '../support/browser.ts'
import { visitors } from '../support/visitor.ts'
import { consentSuite } from './suites/consent.ts'
import { elementsSuite } from './suites/elements.ts'
import { loadingSuite } from './suites/loading.ts'
import { startVisit, type Visit } from './visit.ts'

for (const [name, launch] of Object.entries(visitors))
  describe(`clickcounter.js in ${name}`, function () {
    this.timeout(30_000)
    let visit: Visit
    before(async function () {
      // They may have to be installed.
      this.timeout(300_000)
      for (const kind of [CHROMIUM, FIREFOX]) findBrowser(kind)
      visit = await startVisit(launch)
    })
    after(() => visit?.end())

    describe('on elements', () => elementsSuite(() => visit))
    describe('with consent', () => consentSuite(() => visit))
    describe('on its way', () => loadingSuite(() => visit))
  })
