import { describe, expect, it } from 'vitest'
import { readTraceContext } from './trace-context.ts'

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'
const SPAN = '00f067aa0ba902b7'

describe('traceparent', () => {
  it('says the trace, the span, and whether it is recorded', () => {
    expect(readTraceContext(`00-${TRACE}-${SPAN}-01`, 'vendor=value')).toEqual({
      ...{ traceId: TRACE, spanId: SPAN, isSampled: true, traceState: 'vendor=value' },
    })
    expect(readTraceContext(`00-${TRACE}-${SPAN}-00`, null)?.isSampled).toBe(false)
  })

  it('of a later version is read as far as it is known', () => {
    expect(readTraceContext(`42-${TRACE}-${SPAN}-03-more`, null)?.isSampled).toBe(true)
  })

  it.each([
    '',
    'nonsense',
    `00-${TRACE}-${SPAN}`,
    `00-${TRACE}-${SPAN}-01-more`,
    `ff-${TRACE}-${SPAN}-01`,
    `00-${TRACE.toUpperCase()}-${SPAN}-01`,
    `00-${'0'.repeat(32)}-${SPAN}-01`,
    `00-${TRACE}-${'0'.repeat(16)}-01`,
    ` 00-${TRACE}-${SPAN}-01`,
  ])('%j is none', (text) => {
    expect(readTraceContext(text, null)).toBeNull()
  })

  it('comes with a state that is passed on unless it is too long', () => {
    expect(readTraceContext(`00-${TRACE}-${SPAN}-01`, 'x'.repeat(513))?.traceState).toBeNull()
  })
})
