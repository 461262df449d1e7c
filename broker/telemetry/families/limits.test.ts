import { describe, expect, it } from 'vitest'
import { limitFamilies } from './limits.ts'

function valuesOf(maxConnections: number, ends: readonly (readonly [string, number])[]): object {
  const families = limitFamilies({
    maxConnections: () => maxConnections,
    certificateEnds: () => new Map(ends),
  })
  return Object.fromEntries(families.map((family) => [family.name, [...family.samples()]]))
}

describe('limits', () => {
  it('are told where there are some', () => {
    expect(valuesOf(500, [['PUBLIC', 1_800_000_000_000]])).toEqual({
      glasslog_connections_limit: [{ labels: {}, value: 500 }],
      glasslog_tls_certificate_expiry_timestamp_seconds: [
        { labels: { listener: 'PUBLIC' }, value: 1_800_000_000 },
      ],
    })
  })

  it('are absent where there are none', () => {
    expect(valuesOf(2_147_483_647, [])).toEqual({
      glasslog_connections_limit: [],
      glasslog_tls_certificate_expiry_timestamp_seconds: [],
    })
  })
})
