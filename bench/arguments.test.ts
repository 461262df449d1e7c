import { describe, expect, it } from 'vitest'
import { parseBenchArguments } from './arguments.ts'
import { loads } from './loads/index.ts'

describe('parseBenchArguments', () => {
  it('takes every load but the long ones when none is named', () => {
    const chosen = parseBenchArguments([]).loads
    expect(chosen).toEqual(loads.filter(({ isLong }) => !isLong))
    expect(chosen.map(({ name }) => name)).toContain('start')
  })

  it('takes a long load when it is named', () => {
    expect(parseBenchArguments(['--load', 'restart']).loads).toHaveLength(1)
  })

  it('leaves alone what a broker that others run cannot do', () => {
    const { loads } = parseBenchArguments(['--bootstrap', 'localhost:9092'])
    expect(loads.map(({ name }) => name)).not.toContain('start')
  })

  it('takes named loads in the order given', () => {
    const { loads } = parseBenchArguments(['--load', 'latency,requests', '--seconds', '2'])
    expect(loads.map(({ name }) => name)).toEqual(['latency', 'requests'])
  })

  it.each([
    [['--load', 'nonesuch'], 'no load "nonesuch"'],
    [['--seconds', '0'], '--seconds takes 1 to 600'],
    [['--seconds', 'many'], '--seconds takes 1 to 600'],
    [['--scale', '0'], '--scale takes 0.001 to 1'],
    [['--scale', ''], '--scale takes 0.001 to 1'],
    [['--bootstrap', 'localhost:9092', '--load', 'restart'], 'needs a broker of its own'],
    [['--bootstrap', 'localhost'], 'HOST:PORT'],
    [['--bootstrap', 'localhost:70000'], 'HOST:PORT'],
    [['--frobnicate'], "Unknown option '--frobnicate'"],
  ])('refuses %j', (args, message) => {
    expect(() => parseBenchArguments(args)).toThrow(message)
  })

  it('reads an address with brackets', () => {
    expect(parseBenchArguments(['--bootstrap', '[::1]:9092']).bootstrap).toEqual({
      host: '::1',
      port: 9092,
    })
  })
})
