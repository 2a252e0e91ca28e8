import { setImmediate as nextTurn } from 'node:timers/promises'

/** Between two looks for connections whose time is over. */
const INTERVAL_MS = 1000
/** In a turn of the event loop. To end one takes some 30 µs: a client with thousands would hold up the others. */
const MOST_ENDED = 32

export interface Sweep {
  stop(): void
}

/** Looks at each connection once in a while. `endLate` ends one whose time is over, and returns whether it was. */
export function sweep<Connection>(
  connections: Iterable<Connection>,
  endLate: (connection: Connection) => boolean,
): Sweep {
  let isSweeping = false
  const look = async () => {
    // The look before has so many to end that it is not through.
    if (isSweeping) return
    isSweeping = true
    let ended = 0
    for (const connection of connections)
      if (endLate(connection) && ++ended % MOST_ENDED === 0) await nextTurn()
    isSweeping = false
  }
  const timer = setInterval(look, INTERVAL_MS).unref()
  return { stop: () => clearInterval(timer) }
}
