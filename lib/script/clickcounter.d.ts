/** What clickcounter.js adds to a page. How to use it: docs/pages.md. */
interface Clickcounter {
  /**
   * Counts a click of the banner. Returns whether it was handed over to the browser, which sends it; as a promise
   * where `consent` returns one. Missing until the script has run.
   */
  count?(id: number | string): boolean | Promise<boolean>
  /** Asked at each click. The click is counted when it returns `true`, or a promise of `true`. */
  consent?: (() => boolean | Promise<boolean>) | undefined
}

/** Undefined until the script has run, unless the page has set it. */
declare var clickcounter: Clickcounter | undefined
