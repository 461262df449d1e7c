import type { Fact, Resource } from '../check.ts'

export function fact(name: string, value: number, unit = ''): Fact {
  return { name, value: Math.round(value * 1000) / 1000, unit }
}

/** `1.5 GiB`, for people. */
export function bytes(value: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB']
  let scaled = value
  let at = 0
  while (Math.abs(scaled) >= 1024 && at < units.length - 1) {
    scaled /= 1024
    at++
  }
  return `${rounded(scaled)} ${units[at]}`
}

export function percent(ratio: number): string {
  return `${Math.round(ratio * 100)} %`
}

/** `3 h`, `2.5 d`, for people. */
export function duration(ms: number): string {
  const units = [
    ['ms', 1],
    ['s', 1000],
    ['min', 60_000],
    ['h', 3_600_000],
    ['d', 86_400_000],
  ] as const
  const [unit, size] = units.findLast(([, length]) => ms >= length) ?? units[0]
  return `${rounded(ms / size)} ${unit}`
}

export function rounded(value: number): string {
  return String(Math.abs(value) >= 100 ? Math.round(value) : Math.round(value * 10) / 10)
}

/** A path of the admin API with a name in it. */
export function pathOf(kind: string, name: string, rest = ''): string {
  return `/v1/${kind}/${encodeURIComponent(name)}${rest}`
}

export function ofTopic(name: string): Resource {
  return { kind: 'topic', name }
}

export function ofGroup(name: string): Resource {
  return { kind: 'group', name }
}
