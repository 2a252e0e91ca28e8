import type { IncomingMessage } from 'node:http'

/** How many header fields have this name, in lower case. Node keeps the first of several in `headers`. */
export function countFields({ rawHeaders }: IncomingMessage, name: string): number {
  let count = 0
  for (let nth = 0; nth < rawHeaders.length; nth += 2)
    if (rawHeaders[nth]!.length === name.length && rawHeaders[nth]!.toLowerCase() === name) count++
  return count
}
