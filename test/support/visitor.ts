import { launchChromium } from './chromium.ts'
import { launchFirefox } from './firefox.ts'
import { Tab } from './tab.ts'

/** A browser that a test uses as a person does: what it clicks is clicked for the page, and not by a script. */
export interface Visitor {
  openTab(): Promise<Tab>
  close(): Promise<void>
}

/** By name: starts the browser. Each keeps pages that were left, as it does for people. */
export const visitors: Readonly<Record<string, () => Promise<Visitor>>> = {
  async Chromium() {
    const browser = await launchChromium({ ignoreDefaultArgs: ['--disable-back-forward-cache'] })
    // Tabs of one context share a cache.
    const context = await browser.newContext({ hasTouch: true })
    return {
      async openTab() {
        const page = await context.newPage()
        return new Tab({
          goto: async url => void (await page.goto(url)),
          evaluate: expression => page.evaluate(expression),
          async clickAt(x, y, button, held) {
            for (const key of held) await page.keyboard.down(key)
            await page.mouse.click(x, y, { button })
            for (const key of held) await page.keyboard.up(key)
          },
          tapAt: (x, y) => page.touchscreen.tap(x, y),
          press: key => page.keyboard.press(key),
        })
      },
      close: () => browser.close(),
    }
  },
  async Firefox() {
    const firefox = await launchFirefox()
    return { openTab: async () => new Tab(await firefox.openTab()), close: firefox.close }
  },
}
