const DEGREES_PER_RADIAN = 180 / Math.PI
const DAY_MS = 86_400_000

/** Functions of one value, by name. */
export const VALUE_FUNCTIONS: Readonly<Record<string, (value: number) => number>> = {
  abs: Math.abs,
  acos: Math.acos,
  acosh: Math.acosh,
  asin: Math.asin,
  asinh: Math.asinh,
  atan: Math.atan,
  atanh: Math.atanh,
  ceil: Math.ceil,
  cos: Math.cos,
  cosh: Math.cosh,
  deg: (value) => value * DEGREES_PER_RADIAN,
  exp: Math.exp,
  floor: Math.floor,
  ln: Math.log,
  log10: Math.log10,
  log2: Math.log2,
  rad: (value) => value / DEGREES_PER_RADIAN,
  sgn: Math.sign,
  sin: Math.sin,
  sinh: Math.sinh,
  sqrt: Math.sqrt,
  tan: Math.tan,
  tanh: Math.tanh,
}

/** Parts of a date in UTC; the value is Unix time in seconds. NaN when it is out of any calendar. */
export const DATE_FUNCTIONS: Readonly<Record<string, (seconds: number) => number>> = {
  day_of_month: (seconds) => date(seconds).getUTCDate(),
  day_of_week: (seconds) => date(seconds).getUTCDay(),
  day_of_year: (seconds) => {
    const day = date(seconds)
    return Math.floor((day.getTime() - Date.UTC(day.getUTCFullYear(), 0, 1)) / DAY_MS) + 1
  },
  days_in_month: (seconds) => {
    const day = date(seconds)
    return new Date(Date.UTC(day.getUTCFullYear(), day.getUTCMonth() + 1, 0)).getUTCDate()
  },
  hour: (seconds) => date(seconds).getUTCHours(),
  minute: (seconds) => date(seconds).getUTCMinutes(),
  month: (seconds) => date(seconds).getUTCMonth() + 1,
  year: (seconds) => date(seconds).getUTCFullYear(),
}

function date(seconds: number): Date {
  return new Date(Math.trunc(seconds) * 1000)
}

/** To the nearest multiple; halves go up. The inverse loses less to rounding than a division. */
export function roundTo(value: number, nearest: number): number {
  const inverse = 1 / nearest
  return Math.floor(value * inverse + 0.5) / inverse
}
