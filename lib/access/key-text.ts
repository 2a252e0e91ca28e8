import { hash, randomInt } from 'node:crypto'
import { crc32 } from 'node:zlib'

/*
 * The text of a key, in the form of GitHub's tokens: a prefix that scanners for leaked secrets find, 30
 * characters with 178 random bits, and 6 that tell a mistyped key from a wrong one without a look-up.
 * https://github.blog/engineering/platform-security/behind-githubs-new-authentication-token-formats/
 */

const PREFIX = 'cck_'
const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const RANDOM_LENGTH = 30
const CHECK_LENGTH = 6
const FORM = new RegExp(`^${PREFIX}[0-9A-Za-z]{${RANDOM_LENGTH + CHECK_LENGTH}}$`)

/** For messages. */
export const KEY_FORM = `a key is ${PREFIX} and ${RANDOM_LENGTH + CHECK_LENGTH} letters and digits, as it was shown when it was made`

/** Makes the text of a new key. It is shown once, and only its hash is kept. */
export function makeKeyText(): string {
  let text = PREFIX
  for (let index = 0; index < RANDOM_LENGTH; index++) text += ALPHABET[randomInt(ALPHABET.length)]
  return text + checkOf(text)
}

/** Whether the text has the form of a key, and its check characters are right. */
export function isKeyText(text: string): boolean {
  return FORM.test(text) && text.slice(-CHECK_LENGTH) === checkOf(text.slice(0, -CHECK_LENGTH))
}

/** SHA-256 in base64url. A key has too many random bits to be guessed from it, so it needs no salt. */
export function hashOfKey(text: string): string {
  return hash('sha256', text, 'base64url')
}

function checkOf(text: string): string {
  let rest = crc32(text)
  let check = ''
  for (let index = 0; index < CHECK_LENGTH; index++) {
    check = ALPHABET[rest % ALPHABET.length] + check
    rest = Math.floor(rest / ALPHABET.length)
  }
  return check
}
