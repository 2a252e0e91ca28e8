const longestShown = 80

/** `text` in quotes, on one line and cut where it gets long: whatever was written cannot break the message. */
export function quote(text: string): string {
  return JSON.stringify(text.length <= longestShown ? text : `${text.slice(0, longestShown)}…`)
}

/** How messages call the key at `path` of the configuration file. */
export function inFile(path: readonly string[]): string {
  return `${path.map(key => (/^[\w-]{1,40}$/.test(key) ? key : quote(key))).join('.')} in the configuration file`
}

/** "host, port and threads" */
export function listed(words: readonly string[]): string {
  return words.length < 2 ? words.join() : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`
}
