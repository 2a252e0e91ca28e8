import { once } from 'node:events'
import { open, rm } from 'node:fs/promises'
import { ClickCounterError } from '../../lib/base/errors.ts'

/**
 * Writes pieces of a text to the standard output, as fast as they are taken. Ends early when nobody takes them:
 * outliveLostOutput tells that.
 */
export async function printPieces(pieces: AsyncIterable<string>): Promise<void> {
  const output = process.stdout
  let isLost = false
  output.once('error', () => {
    isLost = true
  })
  try {
    for await (const piece of pieces) {
      if (isLost) return
      if (!output.write(piece)) await once(output, 'drain')
    }
  } catch (error) {
    // Waiting for the drain rejects with the error of the output.
    if (!isLost) throw error
  }
}

/**
 * Writes pieces of a text into a new file, and on the disk. Leaves no file when it fails. Rejects with a
 * ClickCounterError when the file is there already, or cannot be written.
 */
export async function writePieces(path: string, pieces: AsyncIterable<string>): Promise<void> {
  const file = await open(path, 'wx').catch(error => {
    throw error.code === 'EEXIST'
      ? new ClickCounterError('FILE_EXISTS', `${path} is there already: take another name`)
      : unwritable(path, error)
  })
  try {
    for await (const piece of pieces) await onDisk(path, file.appendFile(piece))
    await onDisk(path, file.sync())
  } catch (error) {
    await rm(path, { force: true })
    throw error
  } finally {
    await file.close()
  }
}

/** Tells an error of the file from one of the pieces. */
function onDisk(path: string, work: Promise<void>): Promise<void> {
  return work.catch(error => {
    throw unwritable(path, error)
  })
}

function unwritable(path: string, { message }: Error): ClickCounterError {
  return new ClickCounterError('FILE_UNWRITABLE', `${path} cannot be written: ${message}`)
}
