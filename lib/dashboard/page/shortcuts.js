/** What the help lists. `keys`: one after the other. */
export const shortcuts = /** @type {const} */ ([
  {
    title: 'Everywhere',
    entries: [
      { keys: ['g', 'o'], words: 'Go to Overview' },
      { keys: ['g', 'l'], words: 'Go to Live' },
      { keys: ['g', 'b'], words: 'Go to Banners' },
      { keys: ['g', 'c'], words: 'Go to a banner’s clicks' },
      { keys: ['/'], words: 'Search banners, or choose another one' },
      { keys: ['t'], words: 'Times in local time, or in UTC' },
      { keys: ['?'], words: 'This help' },
      { keys: ['Esc'], words: 'Close what is in front' },
    ],
  },
  {
    title: 'The chart of a banner',
    entries: [
      { keys: ['←'], words: 'The step before' },
      { keys: ['→'], words: 'The step after' },
      { keys: ['Page Up'], words: 'Ten steps before' },
      { keys: ['Page Down'], words: 'Ten steps after' },
      { keys: ['Home'], words: 'The first step' },
      { keys: ['End'], words: 'The last step' },
      { keys: ['Enter'], words: 'Into the step' },
      { keys: ['+'], words: 'A shorter range' },
      { keys: ['−'], words: 'A longer range' },
      { keys: ['Shift ←'], words: 'An earlier range' },
      { keys: ['Shift →'], words: 'A later range' },
      { keys: ['Esc'], words: 'Out of the step' },
    ],
  },
  {
    title: 'The list of banners',
    entries: [
      { keys: ['↑'], words: 'The row above, or the page before' },
      { keys: ['↓'], words: 'The row below, or the page after' },
    ],
  },
])
