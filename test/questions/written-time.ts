import type { WriteMinute } from '../../lib/questions/write-times.ts'

/** The text of a time, as it is written. */
export function writtenTime(write: WriteMinute, minute: number): string {
  let time = ''
  write(minute, {
    text: part => {
      time += part
    },
  })
  return time
}
