/**
 * A table of banners, described like a file format: it is one buffer of shared memory, and a file holds the same
 * bytes. Numbers are in the machine's order of bytes, offsets count from the beginning of the table.
 *
 * | region  | field       | type   | holds                                                                       |
 * |---------|-------------|--------|-----------------------------------------------------------------------------|
 * | header  | magic       | u32    | MAGIC. Another machine's order of bytes shows as another one                |
 * | header  | format      | u32    | FORMAT                                                                      |
 * | header  | seed        | i32    | says where in the index a banner is                                         |
 * | header  | entries     | u32    | ids in the index                                                            |
 * | header  | registered  | u32    | registered banners: of this table, or of an overlay together with its base  |
 * | header  | slots       | u32    | of the index: a power of two                                                |
 * | header  | bytes       | f64    | length of the table                                                         |
 * | header  | revision    | f64    | see Revision; so are the next two                                           |
 * | header  | database    | UUID   | its 36 characters                                                           |
 * | header  | token       | UUID   | its 36 characters                                                           |
 * | header  | base        | UUID   | an overlay's: the token of its base; zeros: it is a base itself             |
 * | records | id          | u32    |                                                                             |
 * | records | head        | u32    | bits 0 to 7: FLAG; from bit 8 on: length of the text                        |
 * | records | from, until | f64    | each only where the flags say so                                            |
 * | records | text        | UTF-8  | passQuery as JSON and a line break, where the flags say so; then the target |
 * | index   | id          | u32    | of a slot; 0: it is free                                                    |
 * | index   | place       | u32    | where its record begins, in units of 8 bytes                                |
 *
 * Each record begins on a multiple of 8 bytes, the index on a multiple of 64. Records that no slot leads to are
 * passed over. The index comes last: its size is known once all records are there.
 */

/** "CCbt" where the lowest byte comes first. */
export const MAGIC = 0x74624343
export const FORMAT = 1

/** Word of each u32 and i32 field of the header. */
export const WORD = { magic: 0, format: 1, seed: 2, entries: 3, registered: 4, slots: 5 } as const
/** Index of each f64 field of the header. */
export const NUMBER = { bytes: 3, revision: 4 } as const
/** Offset of each UUID in the header. */
export const TEXT = { database: 40, token: 76, base: 112 } as const
export const UUID_LENGTH = 36
export const HEADER_BYTES = 192

export const RECORD_UNIT_BYTES = 8
/** Words of a record's beginning: id and head. */
export const RECORD_WORDS = 2
export const FLAG = { active: 1, removed: 2, target: 4, passQuery: 8, from: 16, until: 32 } as const
export const FLAG_BITS = 8
/** Of the text of one record. */
export const MAX_TEXT_BYTES = 2 ** (32 - FLAG_BITS) - 1

/** Words of a slot: id and place. */
export const SLOT_WORDS = 2
export const LINE_BYTES = 64
/** Address space that a table may grow into; memory is taken for what is in it. */
export const MAX_TABLE_BYTES = 4 * 2 ** 30

/** Slots for so many ids: a power of two, at least a third of which stays free, so that probes stay short. */
export function slotsFor(entries: number): number {
  return 2 ** Math.ceil(Math.log2(Math.max(8, entries * 1.5)))
}

export function aligned(bytes: number, unit: number): number {
  return Math.ceil(bytes / unit) * unit
}
