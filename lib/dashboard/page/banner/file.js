/** @import { ClicksQuestion } from './reader.js' */
import { download } from '../download.js'
import { readFile } from './reader.js'

/** Gives the reader a banner's clicks as a CSV file. Rejects with Refused. @param {string} id @param {ClicksQuestion} question */
export async function downloadClicks(id, question) {
  const file = await readFile(id, question)
  download(file, `clicks-${id}-${basic(question.from)}-${basic(question.to)}.csv`)
}

/** The basic format of ISO 8601, which any file system takes as a name. @param {string} time */
function basic(time) {
  return time.replaceAll(/[-:]/g, '')
}
