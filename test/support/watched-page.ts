import type { Page } from 'playwright-core'

/** Watches a page. Call it before the page loads anything. */
export function watchPage(page: Page) {
  const complaints: string[] = []
  const origins = new Set<string>()
  page.on('console', message => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text())
  })
  page.on('pageerror', error => complaints.push(String(error)))
  page.on('request', request => origins.add(new URL(request.url()).origin))
  return {
    /** Console errors, uncaught exceptions and violations of the policy since the last call. */
    complaints: () => complaints.splice(0),
    /** The origins that it has asked; data: and blob: do not count. */
    origins: () => [...origins].filter(origin => origin !== 'null'),
  }
}
