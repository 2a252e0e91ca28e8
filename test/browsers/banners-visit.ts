import type { Key, Tab } from '../support/tab.ts'
import { until } from '../support/until.ts'

/** Where the reader can be: in the dialog in front, if there is one. */
const ROOT = "([...document.querySelectorAll('dialog')].at(-1) ?? document)"
const TEXT = "(element => element.textContent.trim().replaceAll(/\\s+/g, ' '))"

/** A visit to the view Banners, in any browser. What it presses is pressed with the mouse. */
export class BannersVisit {
  readonly #tab: Tab

  constructor(tab: Tab) {
    this.#tab = tab
  }

  goto(url: string): Promise<void> {
    return this.#tab.goto(url)
  }

  /** Resolves when the page shows the words. */
  async sees(words: string): Promise<void> {
    const shown = `document.body.innerText.includes(${JSON.stringify(words)})`
    // A page that is about to be loaded anew answers nothing more.
    await until(() => this.#tab.evaluate<boolean>(shown).catch(() => false))
  }

  /** The ids of the rows on screen, as soon as `id` is the first. */
  async seesFirst(id: number): Promise<number[]> {
    const ids = () =>
      this.#tab.evaluate<number[]>(
        "Array.from(document.querySelectorAll('#banner-rows .id'), id => +id.textContent)",
      )
    await until(async () => (await ids())[0] === id)
    return ids()
  }

  /** Presses the first button, link or choice with this name, once it is there. */
  async press(name: string): Promise<void> {
    const found = `[...${ROOT}.querySelectorAll('button, a, label')]
      .find(element => element.checkVisibility() && ${TEXT}(element) === ${JSON.stringify(name)})`
    await until(() => this.#tab.evaluate<boolean>(`${found} !== undefined`))
    await this.#tab.evaluate(`void ${found}.scrollIntoView({ block: 'center' })`)
    await this.#tab.click(found)
  }

  /** The first figures of the view Overview, once they are there. */
  async overview(): Promise<{ today: string; banner: string; campaign: string }> {
    const textOf = (selector: string) =>
      this.#tab.evaluate<string>(
        `document.querySelector('.board ${selector}')?.innerText.trim().replaceAll(/\\s+/g, ' ') ?? ''`,
      )
    await until(async () => (await textOf('.up tbody tr')) !== '')
    return {
      today: await textOf('.today .figure'),
      banner: await textOf('.top tbody tr'),
      campaign: await textOf('.campaigns tbody tr'),
    }
  }

  /** The colours of the page, and of a line in a chart. */
  paper(): Promise<string[]> {
    return this.#tab.evaluate(
      `[getComputedStyle(document.body).backgroundColor, getComputedStyle(document.documentElement).getPropertyValue('--one')]`,
    )
  }

  /** A shortcut. */
  type(key: Key): Promise<void> {
    return this.#tab.press('document.body', key)
  }

  /** Reads the newest step of a banner's chart with the keyboard, and then the one under the pointer. */
  async readChart(): Promise<{ told: string; pointed: string }> {
    const textOf = (selector: string) =>
      this.#tab.evaluate<string>(`document.querySelector('.clicks-chart ${selector}').innerText`)
    // The words that are waited for may be those of another view: only a drawing has steps to read.
    await until(() => this.#tab.evaluate<boolean>("document.querySelector('.clicks-chart .u-over') !== null"))
    await this.#tab.press("document.querySelector('.clicks-chart .chart')", 'ArrowLeft')
    await until(async () => (await textOf('[role=status]')) !== '')
    const told = await textOf('[role=status]')
    await this.#tab.click("document.querySelector('.clicks-chart .u-over')")
    return { told, pointed: await textOf('.tip') }
  }

  /** Writes into the field with this name. */
  async fill(name: string, text: string): Promise<void> {
    await this.#tab.evaluate(`(() => {
      const field = ${this.#field(name)}
      field.focus()
      field.value = ${JSON.stringify(text)}
      for (const type of ['input', 'change']) field.dispatchEvent(new Event(type, { bubbles: true }))
    })()`)
  }

  async choose(name: string, file: string, text: string): Promise<void> {
    await this.#tab.evaluate(`(() => {
      const field = ${this.#field(name)}
      const transfer = new DataTransfer()
      transfer.items.add(new File([${JSON.stringify(text)}], ${JSON.stringify(file)}))
      field.files = transfer.files
      field.dispatchEvent(new Event('change', { bubbles: true }))
    })()`)
  }

  async goBack(): Promise<void> {
    await this.#tab.evaluate('void history.back()')
  }

  /** The values of the sums of a preview. */
  sums(): Promise<number[]> {
    return this.#tab.evaluate("Array.from(document.querySelectorAll('.sums dd'), sum => +sum.textContent)")
  }

  #field(name: string): string {
    return `[...${ROOT}.querySelectorAll('label')]
      .find(label => label.checkVisibility() && ${TEXT}(label) === ${JSON.stringify(name)}).control`
  }
}
