/**
 * Header fields that change where a request ends, or what is to be done with its connection. Node's parser takes
 * Proxy-Connection for Connection.
 */
const FRAMING_FIELDS = [
  'connection',
  'content-length',
  'expect',
  'host',
  'http2-settings',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]

/** The fields that the lane may not pass unread: those, and `factFields`, which the rules of the entrance read. */
export function meaningfulFields(factFields: readonly string[]): readonly string[] {
  return [...new Set([...FRAMING_FIELDS, ...factFields])]
}
