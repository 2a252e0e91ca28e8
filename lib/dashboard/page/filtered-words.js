import { count } from './format.js'

/** What was counted and is not among the clicks, such as “12 bots”; '' when there is nothing. @param {{ bots: number, duplicates: number }} filtered */
export function filteredWords({ bots, duplicates }) {
  const parts = [
    bots === 0 ? '' : `${count(bots)} of bots`,
    duplicates === 0 ? '' : `${count(duplicates)} ${duplicates === 1 ? 'duplicate' : 'duplicates'}`,
  ]
  return parts.filter(part => part !== '').join(', ')
}
