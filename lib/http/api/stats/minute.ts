const TIMES_OF_DAY = Array.from({ length: 1440 }, (_, minute) =>
  new Date(minute * 60_000).toISOString().slice(11, 19).concat('Z'),
)
let formattedDay = { day: Number.NaN, text: '' }

/**
 * As formatTime, of minutes since the epoch. It makes a Date for a day and not for a minute, because one
 * answer may have half a million minutes.
 */
export function formatMinute(minute: number): string {
  const day = Math.floor(minute / 1440)
  if (day !== formattedDay.day)
    formattedDay = { day, text: new Date(day * 86_400_000).toISOString().slice(0, 11) }
  return formattedDay.text + TIMES_OF_DAY[minute - day * 1440]
}
