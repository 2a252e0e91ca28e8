import type { Hash64 } from '../base/half-sip-hash.ts'

/** What tells a client in tables: a hash of 64 bits, whose seed is a salt. */
export type ClientKey = Hash64
