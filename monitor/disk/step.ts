/** One rung of the ladder: what is done about a disk that fills, or no longer does. */
export type DiskStep =
  | { readonly kind: 'shorten-retention'; readonly from: number; readonly to: number }
  | { readonly kind: 'lengthen-retention'; readonly from: number; readonly to: number }
  | { readonly kind: 'expand'; readonly from: number; readonly to: number }

/** What it is, for people: `expand from 10.0 GiB to 11.0 GiB`. */
export function describeStep({ kind, from, to }: DiskStep): string {
  switch (kind) {
    case 'expand':
      return `expand from ${inBytes(from)} to ${inBytes(to)}`
    case 'shorten-retention':
      return `shorten the retention from ${from} % to ${to} % of what topics ask for`
    case 'lengthen-retention':
      return `lengthen the retention from ${from} % to ${to} % of what topics ask for`
  }
}

const UNITS = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'] as const

export function inBytes(bytes: number): string {
  const power = bytes < 1024 ? 0 : Math.min(5, Math.floor(Math.log2(bytes) / 10))
  const amount = bytes / 1024 ** power
  return `${power === 0 ? amount : amount.toFixed(1)} ${UNITS[power]}`
}
