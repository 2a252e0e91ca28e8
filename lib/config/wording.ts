const MAX_SHOWN = 80

/** `text` in quotes, on one line, and shortened: no text can break the message. */
export function quote(text: string): string {
  return JSON.stringify(text.length <= MAX_SHOWN ? text : `${text.slice(0, MAX_SHOWN)}…`)
}

/** The key at `path` of the configuration file, for messages. */
export function inFile(path: readonly string[]): string {
  return `${path.map(key => (/^[\w-]{1,40}$/.test(key) ? key : quote(key))).join('.')} in the configuration file`
}

/** "host, port and threads" */
export function listed(words: readonly string[]): string {
  return new Intl.ListFormat('en-GB').format(words)
}
