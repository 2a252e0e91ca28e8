/** What each of the journal's writes begins with: the mark of a file's header or of a record, and the format's version. */
const MARK = /^CC[JR]\d$/

/** Whether a write is the journal's. The log writes by the same function. */
export function isOfJournal(bytes: unknown): bytes is Buffer {
  return Buffer.isBuffer(bytes) && MARK.test(bytes.toString('latin1', 0, 4))
}
