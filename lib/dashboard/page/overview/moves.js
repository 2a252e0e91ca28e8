/** @import { BannerSums, Move } from './types.d.ts' */

/**
 * Banners that were much clicked in the week before, and are not among the answers of this one.
 * @param {readonly BannerSums[]} now
 * @param {readonly BannerSums[]} before
 */
export function missingIds(now, before) {
  const known = new Set(now.map(({ bannerId }) => bannerId))
  return before.map(({ bannerId }) => bannerId).filter(id => !known.has(id))
}

/**
 * The banners whose clicks have changed most, the biggest change first.
 * @param {object} sums of banners
 * @param {readonly BannerSums[]} sums.now
 * @param {readonly BannerSums[]} sums.compared the same banners in the same order, in the week before
 * @param {readonly BannerSums[]} sums.before the most clicked of the week before
 * @param {readonly BannerSums[]} sums.rest those of them that are not in `now`, in this week
 * @param {number} most of each list
 * @returns {{ up: Move[], down: Move[] }}
 */
export function biggestMoves({ now, compared, before, rest }, most) {
  const then = new Map([...before, ...compared].map(({ bannerId, total }) => [bannerId, total]))
  const moves = [...now, ...rest].map(({ bannerId, name, total }) => ({
    bannerId,
    name,
    now: total,
    before: then.get(bannerId) ?? 0,
  }))
  const by = (/** @type {1 | -1} */ way) =>
    moves
      .filter(move => way * (move.now - move.before) > 0)
      .sort((one, other) => way * (other.now - other.before - (one.now - one.before)))
      .slice(0, most)
  return { up: by(1), down: by(-1) }
}
