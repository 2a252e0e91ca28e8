/**
 * Runs tasks in the order of their coming, at most so many at once.
 * @param {number} most
 * @returns {<T>(task: () => Promise<T>) => Promise<T>}
 */
export function inTurn(most) {
  let free = most
  /** @type {(() => void)[]} */
  const waiting = []
  return async task => {
    if (free > 0) free--
    else await new Promise(resolve => waiting.push(() => resolve(null)))
    try {
      return await task()
    } finally {
      const next = waiting.shift()
      // The place goes from hand to hand, so that nobody who comes meanwhile takes it.
      if (next === undefined) free++
      else next()
    }
  }
}
