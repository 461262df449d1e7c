import { describe, expect, it } from 'vitest'
import { parseBenchArguments } from './arguments.ts'
import { loads } from './loads/index.ts'

describe('parseBenchArguments', () => {
  it('takes every load when none is named', () => {
    expect(parseBenchArguments([]).loads).toEqual(loads)
  })

  it('takes named loads in the order given', () => {
    const { loads } = parseBenchArguments(['--load', 'latency,requests', '--seconds', '2'])
    expect(loads.map(({ name }) => name)).toEqual(['latency', 'requests'])
  })

  it.each([
    [['--load', 'nonesuch'], 'no load "nonesuch"'],
    [['--seconds', '0'], '--seconds takes 1 to 600'],
    [['--seconds', 'many'], '--seconds takes 1 to 600'],
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
