/**
 * The errors that cross module borders. `code` is stable and for programs. `message` is for people
 * and says what would be right.
 */
export class ClickCounterError extends Error {
  readonly code: string

  constructor(code: string, message: string, { cause }: ErrorOptions = {}) {
    super(message, cause === undefined ? undefined : { cause })
    this.name = new.target.name
    this.code = code
  }
}

/** Wrong settings. Each line of `mistakes` names one variable, its value and what is allowed. */
export class ConfigError extends ClickCounterError {
  readonly mistakes: readonly string[]

  constructor(mistakes: readonly string[]) {
    super('CONFIG_INVALID', mistakes.join('\n'))
    this.mistakes = mistakes
  }
}

/** The service cannot start here: a port or a directory is taken, the embedded Postgres does not run, … */
export class StartError extends ClickCounterError {
  constructor(code: string, message: string, cause?: unknown) {
    super(code, message, { cause })
  }
}

/** The click cannot be kept right now; nothing of it was counted. */
export class RingFullError extends ClickCounterError {
  constructor() {
    super('RING_FULL', 'The counter is full for the moment; send the click again later.')
  }
}

/** A bulk has more banners than the ring ever holds of one minute; nothing of it was counted. */
export class BulkTooWideError extends ClickCounterError {
  constructor(banners: number, maxBanners: number) {
    super(
      'BULK_TOO_WIDE',
      `This counter holds ${maxBanners} banners a minute, and the request has ${banners}: send them in several.`,
    )
  }
}

/** A bulk has more unknown banners than the ring ever holds of one minute; nothing of it was counted. */
export class BulkTooUnknownError extends ClickCounterError {
  constructor(unknown: number, roomForUnknown: number) {
    super(
      'BULK_TOO_UNKNOWN',
      `This counter holds ${roomForUnknown} banners a minute that nobody registered, and the request has ` +
        `${unknown}: register them, or send them in several.`,
    )
  }
}

/** Every place for a long answer is taken, and none became free in time. */
export class TooManyReadersError extends ClickCounterError {
  constructor(cause: unknown) {
    super(
      'TOO_MANY_READERS',
      'Too many long answers are being read at the moment. Ask again later, or for a shorter range.',
      { cause },
    )
  }
}

/** An answer would be too long, or take Postgres too long. The message says what would fit. */
export class QuestionTooLargeError extends ClickCounterError {
  constructor(message: string, cause?: unknown) {
    super('QUESTION_TOO_LARGE', message, { cause })
  }
}

/** A question asks for finer steps than are kept. The message names the finest there. */
export class TooFineError extends ClickCounterError {
  constructor(message: string) {
    super('TOO_FINE', message)
  }
}

/** Postgres cannot be asked right now. Clicks are not affected by this. */
export class DatabaseUnavailableError extends ClickCounterError {
  constructor(cause?: unknown) {
    super(
      'DATABASE_UNAVAILABLE',
      'The database does not take clicks at the moment; they are still counted, try again later.',
      { cause },
    )
  }
}

/** Postgres has not taken the clicks at the last try. What it has may still be read. */
export class NotStoredError extends ClickCounterError {
  constructor() {
    super('NOT_STORED', 'The database does not take clicks at the moment; they are kept until it does.')
  }
}

/** Clicks of other instances, or of this one, that a question waits for did not come in time. */
export class HeldBackError extends ClickCounterError {
  constructor(message: string) {
    super('HELD_BACK', message)
  }
}

/** The click could not be written to the journal; nothing of it was counted. */
export class JournalError extends ClickCounterError {
  constructor(cause?: unknown) {
    super('JOURNAL_FAILED', 'The click could not be kept safely; send it again later.', { cause })
  }
}

/** What waits in the journal cannot be read at the moment; it stays there. */
export class JournalReadError extends ClickCounterError {
  constructor(name: string, cause: unknown) {
    const { message } = cause as Error
    super('JOURNAL_UNREADABLE', `${name} cannot be read (${message})`, { cause })
  }
}

/**
 * A newer version of this program has written a file of the journal: it stays where it is, for that version.
 */
export class JournalNewerError extends ClickCounterError {
  readonly file: string

  constructor(file: string, what: string) {
    super('JOURNAL_NEWER', `${file} was written by a newer version of this program (it has ${what})`)
    this.file = file
  }
}
