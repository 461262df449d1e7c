import { isIPv4, isIPv6 } from 'node:net'

const GROUPS = 8
/** Groups of the part of an IPv6 address that a provider gives to one customer: 64 bits. */
const NETWORK_GROUPS = 4

/**
 * An address as it is compared and recorded: without the zone of a link, and an IPv4 address that
 * came mapped into IPv6 (RFC 4291, `::ffff:192.0.2.1`) as what it is. What is no address stays as it is.
 */
export function plainAddress(address: string): string {
  const groups = groupsOf(address)
  return (groups && mappedAddress(groups)) ?? withoutZone(address)
}

/**
 * Those who share an address as far as limits are concerned: an IPv4 address, or the /64 network of
 * an IPv6 one, of which a single machine has 2^64. What is no address stands for itself.
 */
export function networkOf(address: string): string {
  const groups = groupsOf(address)
  if (!groups) return address
  const mapped = mappedAddress(groups)
  if (mapped !== null) return mapped
  const prefix = groups.slice(0, NETWORK_GROUPS).map((group) => group.toString(16))
  return `${prefix.join(':')}::/64`
}

/** Whether an address, which no name is, leads to this machine alone: 127.0.0.0/8 or ::1. */
export function isLoopbackAddress(address: string): boolean {
  const plain = plainAddress(address)
  if (isIPv4(plain)) return plain.startsWith('127.')
  const groups = groupsOf(plain) ?? []
  return (
    groups.length === GROUPS &&
    groups.every((group, index) => group === (index === GROUPS - 1 ? 1 : 0))
  )
}

/** The same for an address to listen on, which may be the name that every machine has for itself. */
export function isLoopbackHost(host: string): boolean {
  return host === 'localhost' || isLoopbackAddress(host)
}

function withoutZone(address: string): string {
  const percent = address.indexOf('%')
  return percent < 0 ? address : address.slice(0, percent)
}

/** The eight groups of an IPv6 address (RFC 4291, section 2.2); null for anything else. */
function groupsOf(text: string): readonly number[] | null {
  const address = withoutZone(text)
  if (!isIPv6(address)) return null
  const [head = '', tail] = address.split('::')
  const first = groupsIn(head)
  if (tail === undefined) return first
  const last = groupsIn(tail)
  const zeros = Array<number>(GROUPS - first.length - last.length).fill(0)
  return [...first, ...zeros, ...last]
}

/** Groups in hexadecimal; the last two may be written as an IPv4 address. */
function groupsIn(text: string): readonly number[] {
  if (text === '') return []
  return text.split(':').flatMap((group) => {
    if (!group.includes('.')) return [Number.parseInt(group, 16)]
    const [a = 0, b = 0, c = 0, d = 0] = group.split('.').map(Number)
    return [a * 256 + b, c * 256 + d]
  })
}

function mappedAddress(groups: readonly number[]): string | null {
  const isMapped = groups.slice(0, 6).every((group, index) => group === (index === 5 ? 0xffff : 0))
  if (!isMapped) return null
  const bytes = groups.slice(6).flatMap((group) => [group >> 8, group & 0xff])
  return bytes.join('.')
}
