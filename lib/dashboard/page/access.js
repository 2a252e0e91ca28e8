/** @import { Session } from './types.d.ts' */
import { accessLine, isKeyWanted } from './access-words.js'
import { byId } from './dom.js'

const INTERVAL_MS = 60_000
const TIMEOUT_MS = 10_000
const NO_ANSWER = 'The service did not answer. Try again later.'

/** Who may see what: what is open, the form for a key, and who is logged in. */
export class AccessView {
  #form = /** @type {HTMLFormElement} */ (byId('log-in'))
  #onLoggedIn
  #onLoggedOut
  #onSession

  /**
   * @param {object} listeners
   * @param {() => void} listeners.onLoggedIn
   * @param {() => void} listeners.onLoggedOut
   * @param {(session: Session) => void} listeners.onSession called each time that the service says what the page may do
   */
  constructor({ onLoggedIn, onLoggedOut, onSession }) {
    this.#onLoggedIn = onLoggedIn
    this.#onLoggedOut = onLoggedOut
    this.#onSession = onSession
    this.#form.addEventListener('submit', event => {
      event.preventDefault()
      void this.#logIn()
    })
    byId('log-out').addEventListener('click', () => void this.#logOut())
    // A session ends at its time, or with its key, and a service may be opened or closed.
    setInterval(() => void this.look(), INTERVAL_MS)
    document.addEventListener('visibilitychange', () => void this.look())
    void this.look()
  }

  /** Asks the service who is logged in, and shows it. Nothing changes when it does not answer. */
  async look() {
    if (document.hidden) return
    const answer = await ask('GET')
    if (typeof answer === 'object') this.#show(answer)
  }

  /** To be called when the service has refused what somebody asked for: the form gets the focus, if there is one. */
  async want() {
    await this.look()
    if (!this.#form.hidden) byId('key').focus()
  }

  async #logIn() {
    const input = /** @type {HTMLInputElement} */ (byId('key'))
    const key = input.value.trim()
    // Before the answer comes: from here on, the page does not have the key.
    input.value = ''
    this.#complain('')
    const answer = await ask('POST', JSON.stringify({ key }))
    if (typeof answer === 'string') {
      this.#complain(answer)
      input.focus()
      return
    }
    this.#show(answer)
    byId('who').focus()
    this.#onLoggedIn()
  }

  async #logOut() {
    const answer = await ask('DELETE')
    if (typeof answer === 'object') {
      this.#onLoggedOut()
      return
    }
    this.#complain(answer)
    await this.look()
  }

  /** @param {Session} session */
  #show(session) {
    byId('open').hidden = !session.open
    const line = accessLine(session)
    byId('access-line').hidden = line === ''
    byId('access-line').textContent = line
    this.#form.hidden = !isKeyWanted(session)
    byId('who').hidden = session.name === null
    byId('who-name').textContent = session.name
    this.#onSession(session)
  }

  /** @param {string} message '' when nothing is wrong */
  #complain(message) {
    byId('access-problem').hidden = message === ''
    byId('access-problem').textContent = message
  }
}

/**
 * @param {'GET' | 'POST' | 'DELETE'} method
 * @param {string} [body]
 * @returns {Promise<Session | string>} or what is wrong
 */
async function ask(method, body) {
  try {
    const response = await fetch('session', {
      method,
      cache: 'no-store',
      signal: AbortSignal.timeout(TIMEOUT_MS),
      ...(body === undefined ? {} : { body, headers: { 'content-type': 'application/json' } }),
    })
    const answer = await response.json()
    return response.ok ? answer : (answer.message ?? NO_ANSWER)
  } catch {
    return NO_ANSWER
  }
}
