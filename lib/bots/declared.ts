import { createIsbotFromList, list } from 'isbot'

/**
 * Patterns of isbot that browsers of people have, and that no other one of its patterns would need: of all instances of
 * crawler-user-agents, none is found by these alone (test/bots/declared.test.ts). Sogou makes a browser for phones, and
 * Chrome Frame is a plugin of Internet Explorer.
 */
export const OF_PEOPLE: readonly string[] = ['sogou', 'chromeframe']

/** Whether a User-Agent says of itself that it is no browser of a person. '' says nothing. */
export const isDeclaredBot = createIsbotFromList(list.filter(pattern => !OF_PEOPLE.includes(pattern)))
