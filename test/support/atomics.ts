/** Interleavings without threads: a test does something before an operation of Atomics, as another thread might. */

type Operation = (...operands: never[]) => unknown
type Name = 'add' | 'compareExchange' | 'load' | 'notify' | 'store' | 'sub' | 'waitAsync'

/** Runs `run`, and `interrupt` once before the first operation of that name in it. */
export function beforeOperation<T>(name: Name, interrupt: () => void, run: () => T): T {
  let isDone = false
  const interruptOnce = () => {
    if (isDone) return
    isDone = true
    interrupt()
  }
  return beforeEachOperation([name], interruptOnce, run)
}

/** Runs `run`, and `interrupt` before every operation of those names in it. */
export function beforeEachOperation<T>(names: readonly Name[], interrupt: () => void, run: () => T): T {
  const originals = Object.fromEntries(names.map(name => [name, Atomics[name]]))
  let isInterrupting = false
  for (const [name, original] of Object.entries(originals))
    Object.assign(Atomics, {
      [name]: (...operands: never[]) => {
        if (!isInterrupting) {
          isInterrupting = true
          interrupt()
          isInterrupting = false
        }
        return (original as Operation)(...operands)
      },
    })
  try {
    return run()
  } finally {
    Object.assign(Atomics, originals)
  }
}
