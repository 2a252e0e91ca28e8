/** Postgres' text form of an array of numbers. The driver would make it one element at a time. */
export function arrayLiteral(numbers: readonly number[] | Int32Array | Float64Array): string {
  return `{${numbers.join()}}`
}
