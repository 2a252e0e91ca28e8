import { constants } from 'node:fs'
import { open } from 'node:fs/promises'

/** Four times what the longest list that is taken needs. */
const MOST_BYTES = 16 * 2 ** 20
const BYTES_PER_MEBIBYTE = 2 ** 20

/** A file that cannot be read as a list. The message completes "the file …". */
export class ListFileError extends Error {}

/**
 * The lines of a text file, without what ends them. Rejects with a ListFileError. The file is looked at before it is
 * read, and opened so that nobody waits for it: a FIFO would be waited for until somebody writes into it.
 */
export async function readLines(path: string): Promise<readonly string[]> {
  const bytes = await readBytes(path).catch(error => {
    const { code } = error as NodeJS.ErrnoException
    throw error instanceof ListFileError ? error : new ListFileError(`cannot be read (${code ?? error})`)
  })
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes).split(/\r?\n/)
  } catch {
    throw new ListFileError('is no text in UTF-8')
  }
}

async function readBytes(path: string): Promise<Buffer> {
  await using file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
  const stats = await file.stat()
  if (!stats.isFile())
    throw new ListFileError(`is ${stats.isDirectory() ? 'a directory' : 'no regular file'}`)
  const chunks: Buffer[] = []
  let bytes = 0
  // Counted, because a file may grow meanwhile, and one of /proc has no size.
  for await (const chunk of file.createReadStream({ autoClose: false })) {
    bytes += chunk.length
    if (bytes > MOST_BYTES) throw new ListFileError(`has more than ${MOST_BYTES / BYTES_PER_MEBIBYTE} MiB`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}
