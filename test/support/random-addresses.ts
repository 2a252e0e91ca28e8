type Random = (limit: number) => number

/** An IP address as a number. IPv4 in IPv6 is IPv4 here. */
export interface Address {
  readonly bits: 32 | 128
  readonly number: bigint
}

/** `::ffff:0:0`, where IPv4 lies in IPv6. */
const MAPPED = 0xffffn << 32n

/** Many of them are neighbours, and some are the edges of well-known ranges. */
export function randomAddress(random: Random): Address {
  const near = BigInt(random(4))
  if (random(2) === 0) {
    const networks = [0x0a000000n, 0xac100000n, 0xcb007100n, 0xffffff00n, BigInt(random(2 ** 32))]
    return { bits: 32, number: pick(networks, random) + near }
  }
  const networks = [
    0x20010db8n << 96n,
    (0x20010db8n << 96n) + (1n << 64n),
    0n,
    0xfe80n << 112n,
    random128(random),
  ]
  const number = (pick(networks, random) + (BigInt(random(3)) << 63n) + near) % (1n << 128n)
  return number >> 32n === MAPPED >> 32n ? { bits: 32, number: number % (1n << 32n) } : { bits: 128, number }
}

/** As one number for both families. */
export function asOneNumber({ bits, number }: Address): bigint {
  return bits === 32 ? MAPPED + number : number
}

/** One of the texts that RFC 4291 allows. */
export function spell(address: Address, random: Random): string {
  const { bits, number } = address
  if (bits === 32 && random(4) > 0) return dotted(number)
  const value = asOneNumber(address)
  const groups = Array.from({ length: 8 }, (_, nth) => Number((value >> BigInt(112 - 16 * nth)) & 0xffffn))
  const texts = groups.map(group => cased(group.toString(16).padStart(1 + random(4), '0'), random))
  const isDotted = random(4) === 0
  if (isDotted) texts.splice(6, 2, dotted(value & 0xffffffffn))
  const zeros = texts.flatMap((text, nth) => (/^0+$/.test(text) ? nth : []))
  if (zeros.length === 0 || random(3) === 0) return texts.join(':')
  const from = pick(zeros, random)
  let to = from + 1
  while (zeros.includes(to) && random(4) > 0) to++
  return `${texts.slice(0, from).join(':')}::${texts.slice(to).join(':')}`
}

function dotted(number: bigint): string {
  return [24n, 16n, 8n, 0n].map(shift => (number >> shift) & 0xffn).join('.')
}

function cased(text: string, random: Random): string {
  return random(2) === 0 ? text : text.toUpperCase()
}

function random128(random: Random): bigint {
  return [1, 2, 3, 4].reduce(number => (number << 32n) + BigInt(random(2 ** 32)), 0n)
}

function pick<T>(all: readonly T[], random: Random): T {
  return all[random(all.length)]!
}
