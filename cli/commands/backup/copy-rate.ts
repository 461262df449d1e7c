import { wrongUsage } from '../../arguments.ts'

const UNITS: Readonly<Record<string, number>> = { '': 1, K: 1024, M: 1024 ** 2, G: 1024 ** 3 }

/** Bytes a second that `--rate` asks for: a number with K, M or G behind it, or `max`. */
export function copyRate(command: string, text: string): number {
  if (text === 'max') return Infinity
  const [, digits = '', unit = ''] = /^(\d{1,9})([KMG]?)$/.exec(text) ?? []
  const bytesPerSecond = Number(digits) * (UNITS[unit] ?? 0)
  if (digits !== '' && bytesPerSecond > 0) return bytesPerSecond
  throw wrongUsage(command, `--rate needs bytes a second such as 64M, or max, not ${text}`)
}
