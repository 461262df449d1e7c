import type { Family, Sample } from '../family.ts'

const MOVED_BY = 'test/e2e/metrics.test.ts'

/** A family under kminion's prefix. */
export function kminionFamily(
  name: string,
  labels: readonly string[],
  help: string,
  samples: () => Iterable<Sample>,
): Family & { readonly type: 'gauge' | 'counter' | 'unknown' } {
  return {
    ...{ name: `kminion_kafka_${name}`, type: 'gauge', help, labels },
    ...{ movedBy: MOVED_BY, dialect: 'kminion', samples },
  }
}
