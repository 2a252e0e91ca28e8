/** What the help lists. `then` and `or` stand between the names of keys. */
export const shortcuts = /** @type {const} */ ([
  {
    title: 'Everywhere',
    entries: [
      { keys: 'g then o', words: 'Go to Overview' },
      { keys: 'g then l', words: 'Go to Live' },
      { keys: 'g then b', words: 'Go to Banners' },
      { keys: 'g then c', words: 'Go to a banner’s clicks' },
      { keys: 'g then f', words: 'Go to Fleet' },
      { keys: '/', words: 'Search banners, or choose one' },
      { keys: 't', words: 'Local time, or UTC' },
      { keys: '?', words: 'This help' },
      { keys: 'Esc', words: 'Close what is in front' },
    ],
  },
  {
    title: 'The chart of a banner',
    entries: [
      { keys: '← or →', words: 'One step' },
      { keys: 'Page Up or Page Down', words: 'Ten steps' },
      { keys: 'Home or End', words: 'First or last step' },
      { keys: 'Enter or Esc', words: 'Open or leave a step' },
      { keys: '+ or −', words: 'Zoom in or out' },
      { keys: 'Shift ← or Shift →', words: 'Move the range' },
    ],
  },
  {
    title: 'The list of banners',
    entries: [{ keys: '↑ or ↓', words: 'The row above or below' }],
  },
])
