/**
 * Header fields that say where a request ends, or what happens to its connection. Proxy-Connection is one of
 * them, because Node's parser takes it for Connection.
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

/** The fields that the lane may not pass unread: these, and `factFields`, which the rules read. */
export function meaningfulFields(factFields: readonly string[]): readonly string[] {
  return [...new Set([...FRAMING_FIELDS, ...factFields])]
}
