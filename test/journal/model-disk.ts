import fs from 'node:fs'
import { replaceInFs, systemError } from './journal-support.ts'

const WRITING = fs.constants.O_WRONLY | fs.constants.O_RDWR
const { openSync, readFileSync, writeSync, fsyncSync, fdatasyncSync, ftruncateSync } = fs
const { renameSync, rmSync, unlinkSync } = fs

/** How many of the next calls fail, and which part of a failing write gets through. */
export interface Refusal {
  readonly writes: number
  readonly syncs: number
  readonly unlinks: number
  readonly renames: number
  readonly reads: number
  readonly part: number
}

type Call = Exclude<keyof Refusal, 'part'>

const NOTHING: Refusal = { writes: 0, syncs: 0, unlinks: 0, renames: 0, reads: 0, part: 0 }

/**
 * The disk of a process. It may refuse a change. It may kill the process before any change, or in the middle of a
 * write. After that nothing is changed any more, whatever still runs.
 */
export class ModelDisk implements Disposable {
  #isDead = false
  #stepsLeft = Number.POSITIVE_INFINITY
  /** Which part of a write the kill lets through. */
  #part = 0
  #refused: Record<Call, number> = { ...NOTHING }
  #death = Promise.withResolvers<void>()
  readonly #replaced: Disposable

  constructor() {
    const step = () => this.#step()
    this.#replaced = replaceInFs({
      openSync: ((path: string, flags: string | number, mode?: number) => {
        // Reading is no step. readFileSync calls this function, too.
        if (flags !== 'r' && (typeof flags === 'string' || (flags & WRITING) !== 0)) step()
        return openSync(path, flags, mode)
      }) as typeof openSync,
      readFileSync: ((path: string, options: object) => {
        this.#mayRefuse('reads', 'EMFILE')
        return readFileSync(path, options)
      }) as typeof readFileSync,
      writeSync: ((fd: number, bytes: Buffer, offset: number) => this.#write(fd, bytes, offset)) as never,
      fsyncSync: fd => {
        step()
        fsyncSync(fd)
      },
      fdatasyncSync: fd => {
        step()
        this.#mayRefuse('syncs')
        fdatasyncSync(fd)
      },
      ftruncateSync: (fd, bytes) => {
        step()
        ftruncateSync(fd, bytes)
      },
      renameSync: (from, to) => {
        step()
        this.#mayRefuse('renames')
        renameSync(from, to)
      },
      rmSync: (path, options) => {
        step()
        rmSync(path, options)
      },
      unlinkSync: path => {
        step()
        this.#mayRefuse('unlinks')
        unlinkSync(path)
      },
    })
  }

  get isDead(): boolean {
    return this.#isDead
  }

  /** Resolves with the process's death. */
  get death(): Promise<void> {
    return this.#death.promise
  }

  kill(): void {
    this.#isDead = true
    this.#death.resolve()
  }

  /** Kills it after so many more steps. */
  killAfter(steps: number, part: number): void {
    this.#stepsLeft = steps
    this.#part = part
  }

  refuse(refusal: Partial<Refusal>): void {
    const { part, ...refused } = { ...NOTHING, ...refusal }
    this.#refused = refused
    this.#part = part
  }

  /** For the next process. */
  revive(): void {
    this.#isDead = false
    this.#death = Promise.withResolvers()
    this.#stepsLeft = Number.POSITIVE_INFINITY
    this.refuse(NOTHING)
  }

  #mayRefuse(call: Call, code = 'EIO'): void {
    if (this.#refused[call]-- > 0) throw systemError(code)
  }

  #step(): void {
    if (!this.#isDead && this.#stepsLeft-- > 0) return
    this.kill()
    throw systemError('EIO')
  }

  #write(fd: number, bytes: Buffer, offset: number): number {
    const wasDead = this.#isDead
    try {
      this.#step()
    } catch (error) {
      if (!wasDead) this.#writePart(fd, bytes, offset)
      throw error
    }
    if (this.#refused.writes-- <= 0) return writeSync(fd, bytes, offset)
    this.#writePart(fd, bytes, offset)
    throw systemError('EIO')
  }

  #writePart(fd: number, bytes: Buffer, offset: number): void {
    writeSync(fd, bytes, offset, Math.floor((bytes.length - offset) * this.#part))
  }

  [Symbol.dispose](): void {
    this.#replaced[Symbol.dispose]()
  }
}
