const KEPT_MS = 60_000

/** Gives a file to the reader. @param {Blob} file @param {string} name */
export function download(file, name) {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(file)
  link.download = name
  link.click()
  // Revoked later: the download has only begun, and may wait until a place for the file is chosen.
  setTimeout(() => URL.revokeObjectURL(link.href), KEPT_MS)
}
