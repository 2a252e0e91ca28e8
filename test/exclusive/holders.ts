import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { StartError } from '../../lib/base/errors.ts'

const ENTRY = fileURLToPath(new URL('./holding-process.ts', import.meta.url))
/** A user without rights. Nearly everywhere its name is nobody. */
const NOBODY = 65_534

interface Holder {
  /** held, or the error's name, code and message. */
  readonly line: string
  /** Ends it with SIGKILL. Resolves when it is gone. */
  kill(): Promise<void>
}

/** Starts a process that tries to hold something. Resolves when it has said how that went. */
export async function startHolder(...args: string[]): Promise<Holder> {
  const child = spawn(process.execPath, [ENTRY, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  const exited = once(child, 'exit')
  const [line] = await once(createInterface({ input: child.stdout }), 'line')
  return {
    line,
    kill: async () => {
      child.kill('SIGKILL')
      await exited
    },
  }
}

/** The StartError that the call throws or rejects with. */
export async function startErrorOf(call: () => unknown): Promise<StartError> {
  try {
    await call()
  } catch (error) {
    return error as StartError
  }
  throw new Error('it should not have been possible')
}

/** Runs the call without root's rights. */
export async function withoutRoot<T>(call: () => T | Promise<T>): Promise<T> {
  if (process.geteuid!() !== 0) return await call()
  process.seteuid!(NOBODY)
  try {
    return await call()
  } finally {
    process.seteuid!(0)
  }
}
