import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Page } from 'playwright-core'

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/**
 * What axe-core finds wrong with a page. The browser puts axe-core into it, not the page: the page's policy is
 * in force all the same.
 */
export async function violationsIn(page: Page): Promise<string[]> {
  // Wait: axe-core would take the colours of a running animation for the final ones.
  await page.evaluate('Promise.allSettled(document.getAnimations().map(animation => animation.finished))')
  await page.evaluate(AXE)
  const { violations } = await page.evaluate(() =>
    (globalThis as unknown as { axe: Axe }).axe.run({ resultTypes: ['violations'] }),
  )
  return violations.flatMap(({ id, nodes }) => nodes.map(node => `${id}: ${node.html}`))
}

interface Axe {
  /** Other results only cost time. */
  run(options: { resultTypes: ['violations'] }): Promise<AxeResults>
}

interface AxeResults {
  readonly violations: {
    readonly id: string
    readonly nodes: { readonly html: string }[]
  }[]
}
