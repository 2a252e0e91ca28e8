import { readFileSync } from 'node:fs'

/** Connections to a server on IPv4 of this machine. */
export function establishedTo(url: string): number {
  return countEstablished(readFileSync('/proc/net/tcp', 'utf8'), Number(new URL(url).port))
}

/** Those that are established at this end, by Linux's table of sockets. */
export function countEstablished(table: string, port: number): number {
  const localPort = port.toString(16).toUpperCase().padStart(4, '0')
  // Behind the line's number: this end, the other end, and the state. 01: established.
  const line = new RegExp(`^ *\\d+: [\\dA-F]{8}:${localPort} [\\dA-F]{8}:[\\dA-F]{4} 01 `, 'gm')
  return table.match(line)?.length ?? 0
}
