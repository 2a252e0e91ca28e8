import { once } from 'node:events'
import type { Button, Driver, Key } from './tab.ts'

/** As WebDriver names them. */
const KEYS: Readonly<Record<Key, string>> = {
  t: 't',
  ArrowLeft: '\uE012',
  Enter: '\uE007',
  Space: ' ',
  Shift: '\uE008',
  Control: '\uE009',
  Alt: '\uE00A',
  Meta: '\uE03D',
}
const BUTTONS: Readonly<Record<Button, number>> = { left: 0, middle: 1, right: 2 }

type Command = (method: string, parameters: object) => Promise<Record<string, unknown>>

/** Drives a browser by WebDriver BiDi. `url` is what the browser names at its start. */
export async function openBidi(url: string) {
  const socket = new WebSocket(`${url}/session`)
  await once(socket, 'open')
  const waiting: PromiseWithResolvers<Record<string, unknown>>[] = []
  socket.onmessage = ({ data }) => {
    const { id, type, result, error, message } = JSON.parse(data as string)
    if (type === 'success') waiting[id]!.resolve(result)
    else if (type === 'error') waiting[id]!.reject(new Error(`${error}: ${message}`))
  }
  const command: Command = (method, params) => {
    const answer = Promise.withResolvers<Record<string, unknown>>()
    socket.send(JSON.stringify({ id: waiting.push(answer) - 1, method, params }))
    return answer.promise
  }
  await command('session.new', { capabilities: {} })
  return {
    async openTab(): Promise<Driver> {
      const { context } = await command('browsingContext.create', { type: 'tab' })
      return driverOf(command, context as string)
    },
  }
}

function driverOf(command: Command, context: string): Driver {
  const perform = async (source: object) => {
    await command('input.performActions', { context, actions: [source] })
  }
  return {
    async goto(url) {
      await command('browsingContext.navigate', { context, url, wait: 'complete' })
    },
    async evaluate(expression) {
      const { result, exceptionDetails } = await command('script.evaluate', {
        expression: `(async () => JSON.stringify(await (${expression})))()`,
        target: { context },
        awaitPromise: true,
      })
      if (exceptionDetails !== undefined) throw new Error((exceptionDetails as { text: string }).text)
      const { value } = result as { value?: string }
      return value === undefined ? undefined : JSON.parse(value)
    },
    async clickAt(x, y, button, held) {
      await perform(keyboard('keyDown', held))
      await perform(pointer('mouse', x, y, BUTTONS[button]))
      await perform(keyboard('keyUp', held))
    },
    tapAt: (x, y) => perform(pointer('touch', x, y, 0)),
    async press(key) {
      await perform(keyboard('keyDown', [key]))
      await perform(keyboard('keyUp', [key]))
    },
  }
}

function keyboard(type: 'keyDown' | 'keyUp', keys: readonly Key[]) {
  return { type: 'key', id: 'keyboard', actions: keys.map(key => ({ type, value: KEYS[key] })) }
}

/** Presses and releases it at a place. */
function pointer(pointerType: 'mouse' | 'touch', x: number, y: number, button: number) {
  const press = ['pointerDown', 'pointerUp'].map(type => ({ type, button }))
  const actions = [{ type: 'pointerMove', x, y }, ...press]
  return { type: 'pointer', id: pointerType, parameters: { pointerType }, actions }
}
