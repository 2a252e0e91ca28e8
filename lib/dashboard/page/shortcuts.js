/** What the help lists. `keys`: one after the other. */
export const shortcuts = /** @type {const} */ ([
  {
    title: 'Everywhere',
    entries: [
      { keys: ['g', 'o'], words: 'Go to Overview' },
      { keys: ['g', 'l'], words: 'Go to Live' },
      { keys: ['g', 'b'], words: 'Go to Banners' },
      { keys: ['g', 'c'], words: 'Go to a banner’s clicks' },
      { keys: ['/'], words: 'Search banners' },
      { keys: ['t'], words: 'Times in local time, or in UTC' },
      { keys: ['?'], words: 'This help' },
      { keys: ['Esc'], words: 'Close what is in front' },
    ],
  },
  {
    title: 'Banners',
    entries: [
      { keys: ['↑'], words: 'The row above, or the page before' },
      { keys: ['↓'], words: 'The row below, or the page after' },
    ],
  },
])
