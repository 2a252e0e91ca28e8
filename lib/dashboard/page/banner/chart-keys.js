/**
 * @typedef {{ move: number } | { jump: 'first' | 'last' } | { pan: -1 | 1 } | { zoom: 'in' | 'out' | 'step' } | { leave: true }} Action
 * `move`: so many steps
 */

const PAGE_STEPS = 10

/** @type {Readonly<Record<string, Action>>} */
const actions = {
  ArrowLeft: { move: -1 },
  ArrowRight: { move: 1 },
  PageUp: { move: -PAGE_STEPS },
  PageDown: { move: PAGE_STEPS },
  Home: { jump: 'first' },
  End: { jump: 'last' },
  'Shift+ArrowLeft': { pan: -1 },
  'Shift+ArrowRight': { pan: 1 },
  '+': { zoom: 'in' },
  '=': { zoom: 'in' },
  '-': { zoom: 'out' },
  Enter: { zoom: 'step' },
  Escape: { leave: true },
}

/**
 * What a key does on the chart. null: nothing.
 * @param {{ key: string, shiftKey: boolean, altKey: boolean, ctrlKey: boolean, metaKey: boolean }} event
 * @returns {Action | null}
 */
export function actionOf({ key, shiftKey, altKey, ctrlKey, metaKey }) {
  if (altKey || ctrlKey || metaKey) return null
  // A plus may need the shift key.
  return actions[shiftKey && key.startsWith('Arrow') ? `Shift+${key}` : key] ?? null
}
