/** With what each of the journal's writes begins: a file's header, and a record. The log's do not. */
const MARKS = ['CCJ1', 'tick']

/** Whether a write to a file is the journal's, and not the log's. */
export function isOfJournal(bytes: unknown): bytes is Buffer {
  return Buffer.isBuffer(bytes) && MARKS.includes(bytes.toString('latin1', 0, 4))
}
