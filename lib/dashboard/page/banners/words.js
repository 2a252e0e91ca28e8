/** @import { Session } from '../types.d.ts' */
import { isKeyWanted } from '../access-words.js'
import { count } from '../format.js'

/*
 * Sentences of the view. What stands between two ` is a command.
 */

/** @param {Session | null} session null: it is not known yet */
export function mayWrite(session) {
  return session?.scopes.includes('manage') ?? false
}

/** Why nothing can be changed, and how it could be; '' when it can. @param {Session | null} session */
export function writingLine(session) {
  if (session === null || mayWrite(session)) return ''
  if (!session.known)
    return 'Keys are not known yet, because the database has not answered. Banners can be changed after that.'
  if (session.open)
    return (
      'To change banners, you need a key. `npm run keys -- create` makes one. ' +
      'From then on, reading needs one, too.'
    )
  if (isKeyWanted(session)) return 'To change banners, log in with a key that has the scope manage.'
  return (
    'The key that you logged in with has not the scope manage, so you can read banners here and not change them. ' +
    '`npm run keys -- create` makes a key that has it.'
  )
}

/**
 * How much of the list is on screen.
 * @param {{ rowCount: number, hasMore: boolean, isLater: boolean, isFiltered: boolean }} shown
 * `isLater`: there are pages before
 */
export function shownWords({ rowCount, hasMore, isLater, isFiltered }) {
  const what = rowCount === 1 ? 'banner' : 'banners'
  const which = isLater ? `${count(rowCount)} more ${what}` : `${count(rowCount)} ${what}`
  const match = isFiltered ? ` that ${rowCount === 1 ? 'matches' : 'match'}` : ''
  return `${which}${match}${hasMore ? ', and more follow' : ''}`
}

/**
 * What an empty list says.
 * @param {{ isLater: boolean, isFiltered: boolean, canWrite: boolean }} shown
 */
export function nothingWords({ isLater, isFiltered, canWrite }) {
  if (isLater) return { title: 'The list has ended', words: 'The banners that were on this page are gone.' }
  if (isFiltered)
    return {
      title: 'No banner matches',
      words: 'A search finds parts of names. Campaigns and labels are compared as a whole.',
    }
  const how = canWrite ? ' Add the first one, or import a file.' : ''
  return {
    title: 'No banner is registered yet',
    words: `A registered banner has a name and a target: its link counts the click, and leads there.${how}`,
  }
}
