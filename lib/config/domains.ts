import { isIP } from 'node:net'

/**
 * What a text means to a setting: a value, perhaps with a clause that warns, or a clause that says why it is
 * refused. The clauses quote nothing that may be a secret.
 */
export type Parsed<T> = { readonly value: T; readonly warning?: string } | { readonly wrong: string }

/** The texts that a setting takes: a sentence for people, and the pure function that reads them. */
export interface Domain<T> {
  /** Its texts are lists. In the file they may be written as a list of texts, too. */
  readonly isList?: true
  /** In the file, it is written without quotes. */
  readonly isTruth?: true
  /** Completes "allowed is …". */
  readonly allowed: string
  readonly parse: (text: string) => Parsed<T>
}

/** Only digits. Signs, blanks, exponents and other bases are refused. */
export function wholeNumber(least: number, most: number, unit?: string): Domain<number> {
  return {
    allowed: `a whole number${unit === undefined ? '' : ` of ${unit}`} from ${least} to ${most}`,
    parse: text => (/^\d+$/.test(text) ? within(Number(text), least, most) : { wrong: notDigits }),
  }
}

/** Digits, with or without a fraction after a point. */
export function decimalNumber(least: number, most: number, unit: string): Domain<number> {
  return {
    allowed: `a number of ${unit} from ${least} to ${most}, such as 2 or 0.5`,
    parse: text => (/^\d+(\.\d+)?$/.test(text) ? within(Number(text), least, most) : { wrong: notDigits }),
  }
}

export function oneOf<T extends string>(choices: readonly T[]): Domain<T> {
  return {
    allowed: `one of ${choices.join(', ')}`,
    parse: text => {
      const choice = choices.find(each => each === text)
      return choice === undefined ? { wrong: 'which is none of the choices' } : { value: choice }
    },
  }
}

export const truth: Domain<boolean> = {
  isTruth: true,
  allowed: 'true or false',
  parse: text =>
    text === 'true' || text === 'false'
      ? { value: text === 'true' }
      : { wrong: 'which is none of the choices' },
}

/** A host name or an address, not looked up. */
export const listenHost: Domain<string> = {
  allowed: 'a host name or an IP address, without a port',
  parse: text => (isHost(text) ? { value: text } : { wrong: notHost }),
}

/** As `listenHost`, or the directory of a Unix socket. */
export const databaseHost: Domain<string> = {
  allowed: 'a host name, an IP address or the absolute directory of a Unix socket',
  parse: text =>
    isHost(text) || (text.startsWith('/') && isPlain(text)) ? { value: text } : { wrong: notHost },
}

export const identifier: Domain<string> = {
  allowed: 'a text without control characters',
  parse: text => (isPlain(text) ? { value: text } : { wrong: notPlain }),
}

export const path: Domain<string> = {
  allowed: 'a path without control characters',
  parse: text => (isPlain(text) ? { value: text } : { wrong: notPlain }),
}

/** It goes into headers, labels and commands as it is. */
export const instanceName: Domain<string> = {
  allowed: '1 to 100 letters of ASCII, digits and . : _ -, the first one a letter or a digit',
  parse: text =>
    /^[a-z\d][\w.:-]{0,99}$/i.test(text)
      ? { value: text }
      : { wrong: 'which is too long or has other characters' },
}

/** Postgres' protocol ends a password at its first NUL, and so would shorten it without a word. */
export const password: Domain<string> = {
  allowed: 'any text without a NUL character',
  parse: text => (text.includes('\0') ? { wrong: 'which contains a NUL character' } : { value: text }),
}

const LEAST_KEY_CHARACTERS = 32
const MOST_KEY_CHARACTERS = 256

/** A key that people make: it must go into a header as it is, and be too long to guess. */
export const secretKey: Domain<string> = {
  allowed: `${LEAST_KEY_CHARACTERS} to ${MOST_KEY_CHARACTERS} visible ASCII characters, such as openssl rand -hex 32 prints`,
  parse: text => {
    if (!/^[!-~]*$/.test(text)) return { wrong: 'which has other characters' }
    if (text.length < LEAST_KEY_CHARACTERS) return { wrong: 'which is too short' }
    return text.length > MOST_KEY_CHARACTERS ? { wrong: 'which is too long' } : { value: text }
  },
}

const notDigits = 'which is not written in plain digits'
const notHost = 'which is neither a name nor an address'
const notPlain = 'which is blank or contains control characters'

function within(value: number, least: number, most: number): Parsed<number> {
  if (value < least) return { wrong: 'which is too small' }
  return value > most ? { wrong: 'which is too large' } : { value }
}

function isHost(text: string): boolean {
  if (isIP(text) !== 0) return true
  const labels = text.replace(/\.$/, '').split('.')
  // A last label that is a number belongs to a mistyped address (10.0.0.256): no name ends so.
  if (text.length > 253 || /^\d+$/.test(labels.at(-1)!)) return false
  return labels.every(label => label.length <= 63 && /^[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?$/i.test(label))
}

function isPlain(text: string): boolean {
  return text.trim() !== '' && !/\p{Cc}/u.test(text)
}
