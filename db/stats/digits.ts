/** Exact digits, as Postgres prints them: a sum may pass 2^53. */
export type Digits = string
