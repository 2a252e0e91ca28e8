import { until } from './until.ts'

export type Button = 'left' | 'middle' | 'right'
export type Key = 't' | 'ArrowLeft' | 'Enter' | 'Space' | 'Shift' | 'Control' | 'Alt' | 'Meta'

/** What a browser has to be able to do. */
export interface Driver {
  /** Resolves when the page has loaded. */
  goto(url: string): Promise<void>
  /** The value of a script's expression in the page, awaited. It has to have a form in JSON. */
  evaluate(expression: string): Promise<unknown>
  /** At a place in the window, in CSS pixels. */
  clickAt(x: number, y: number, button: Button, held: readonly Key[]): Promise<void>
  /** With a finger. */
  tapAt(x: number, y: number): Promise<void>
  press(key: Key): Promise<void>
}

export class Tab {
  readonly #driver: Driver

  constructor(driver: Driver) {
    this.#driver = driver
  }

  goto(url: string): Promise<void> {
    return this.#driver.goto(url)
  }

  evaluate<T>(expression: string): Promise<T> {
    return this.#driver.evaluate(expression) as Promise<T>
  }

  /** Clicks in the middle of an element, which is what the expression gives. */
  async click(
    element: string,
    { button = 'left', held = [] }: { button?: Button; held?: Key[] } = {},
  ): Promise<void> {
    const [x, y] = await this.#middleOf(element)
    await this.#driver.clickAt(x, y, button, held)
  }

  /** Taps on it with a finger. */
  async tap(element: string): Promise<void> {
    await this.#driver.tapAt(...(await this.#middleOf(element)))
  }

  #middleOf(element: string): Promise<[number, number]> {
    return this.evaluate(
      `[${element}].map(element => element.getBoundingClientRect())
        .flatMap(({ left, top, width, height }) => [Math.round(left + width / 2), Math.round(top + height / 2)])`,
    )
  }

  /** Presses a key while an element, which is what the expression gives, has the focus. */
  async press(element: string, key: Key): Promise<void> {
    await this.evaluate(`void ${element}.focus()`)
    await this.#driver.press(key)
  }

  /** Resolves when the page of that path is there; it has loaded, or has come back. */
  async arriveAt(path: string): Promise<void> {
    // A page that is about to go away answers nothing more.
    const state = () =>
      this.evaluate<string>('[location.pathname, document.readyState].join(" ")').catch(() => '')
    await until(async () => (await state()) === `${path} complete`)
  }
}
