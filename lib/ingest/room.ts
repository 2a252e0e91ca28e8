/** How long a click waits for room before it is refused. */
const ROOM_WAIT_MS = 500

/** A thread's asks for room: each generation is asked for once, however many clicks wait for it. */
export class Room {
  readonly #askForRoom: (generation: number) => Promise<void>
  #asked: { readonly generation: number; readonly isTakenOut: Promise<boolean> } | null = null

  /** `askForRoom`: see Recorder. */
  constructor(askForRoom: (generation: number) => Promise<void>) {
    this.#askForRoom = askForRoom
  }

  /** Resolves with whether the generation was taken out. */
  ask(generation: number): Promise<boolean> {
    if (this.#asked?.generation !== generation) {
      const isTakenOut = this.#askForRoom(generation).then(
        () => true,
        () => false,
      )
      this.#asked = { generation, isTakenOut }
    }
    return this.#asked.isTakenOut
  }

  /** Resolves with whether the generation is taken out within ROOM_WAIT_MS, which begins anew each tick. */
  wait(generation: number): Promise<boolean> {
    return new Promise(resolve => {
      const timer = setTimeout(resolve, ROOM_WAIT_MS, false)
      void this.ask(generation).then(isTakenOut => {
        clearTimeout(timer)
        resolve(isTakenOut)
      })
    })
  }
}
