const FACTORS: Readonly<Record<string, number>> = {
  '': 1,
  ...{ m: 1e-3, k: 1e3, M: 1e6, G: 1e9, T: 1e12, P: 1e15, E: 1e18 },
  ...{ Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40, Pi: 2 ** 50, Ei: 2 ** 60 },
}

/** Bytes of a Kubernetes quantity such as `10Gi`, `1e9` or `1500M`, rounded up; null for a text that is none. */
export function quantityBytes(quantity: string): number | null {
  const [, digits, suffix = ''] =
    /^([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)([mkMGTPE]|[KMGTPE]i)?$/.exec(quantity) ?? []
  const factor = FACTORS[suffix]
  return digits === undefined || factor === undefined ? null : Math.ceil(Number(digits) * factor)
}
