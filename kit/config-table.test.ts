import { describe, expect, it } from 'vitest'
import { ConfigError, defineConfigTable, formatConfigText } from './config-table.ts'

const active = { status: 'active', shownBy: 'kit/config-table.test.ts' } as const

const table = defineConfigTable({
  'feature.enable': { type: 'boolean', default: 'true', doc: 'On or off.', ...active },
  'log.retention.ms': { type: 'long', default: null, min: -1, doc: 'How long.', ...active },
  'max-connections': { type: 'int', default: '10', min: 1, max: 100, doc: 'How many.', ...active },
  ratio: { type: 'double', default: '0.5', min: 0, max: 1, doc: 'How much.', ...active },
  color: { type: 'string', default: 'red', oneOf: ['red', 'blue'], doc: 'Which.', ...active },
  even: {
    type: 'int',
    default: '2',
    check: (value) => (value % 2 === 0 ? null : 'it must be even'),
    doc: 'Even.',
    ...active,
  },
  name: {
    type: 'string',
    default: 'a',
    check: (text) => (text.length < 3 ? null : 'it is too long'),
    doc: 'Short.',
    ...active,
  },
  policy: { type: 'list', default: 'a', oneOf: ['a', 'b'], minItems: 1, doc: 'Some.', ...active },
  tags: { type: 'list', default: '', doc: 'Any.', ...active },
  size: { type: 'bytes', default: '1KiB', min: 1, doc: 'Bytes.', ...active },
  wait: { type: 'duration', default: '1s', doc: 'Time.', ...active },
  password: { type: 'string', default: null, oneOf: ['x'], secret: true, doc: 'No.', ...active },
  relic: { type: 'int', default: '7', doc: 'Was.', status: 'inert', because: 'it went away' },
})

describe('the values of a table', () => {
  it('are the defaults, by property name', () => {
    expect(table.parse({})).toEqual({
      featureEnable: true,
      logRetentionMs: null,
      maxConnections: 10,
      ratio: 0.5,
      color: 'red',
      even: 2,
      name: 'a',
      policy: ['a'],
      tags: [],
      size: 1024,
      wait: 1000,
      password: null,
      relic: 7,
    })
  })

  it.each([
    ['feature.enable', ' FALSE ', false, 'false'],
    ['log.retention.ms', '+5', 5, '5'],
    ['log.retention.ms', '9223372036854775807', Number.MAX_SAFE_INTEGER, '9223372036854775807'],
    ['max-connections', '100', 100, '100'],
    ['ratio', '1e-2', 0.01, '0.01'],
    ['color', 'blue ', 'blue', 'blue'],
    ['policy', 'a, b', ['a', 'b'], 'a,b'],
    ['tags', 'x', ['x'], 'x'],
    ['size', '3 MiB', 3 * 1024 * 1024, '3145728'],
    ['wait', '7d', 604_800_000, '604800000'],
    ['wait', '250', 250, '250'],
    ['relic', ' 7', 7, '7'],
  ] as const)('%s = %j is %j, shown as %j', (name, text, value, shown) => {
    const property = { 'feature.enable': 'featureEnable', 'log.retention.ms': 'logRetentionMs' }
    const values: Record<string, unknown> = table.parse({ [name]: text })
    expect(values[property[name as keyof typeof property] ?? camel(name)]).toEqual(value)
    expect(formatConfigText(table.rows[name], text)).toBe(shown)
  })
})

const camel = (name: string): string => (name === 'max-connections' ? 'maxConnections' : name)

describe('a fault', () => {
  it.each([
    ['feature.enable', 'yes', 'it must be true or false'],
    ['log.retention.ms', '-2', 'it must be at least -1'],
    ['log.retention.ms', '9223372036854775808', 'it must be a whole number of 64 bits'],
    ['log.retention.ms', '', 'it must be a whole number'],
    ['max-connections', '101', 'it must be at most 100'],
    ['max-connections', '2147483648', 'it must be a whole number of 32 bits'],
    ['max-connections', '1.5', 'it must be a whole number'],
    ['ratio', 'NaN', 'it must be a number'],
    ['ratio', '', 'it must be a number'],
    ['ratio', '1.01', 'it must be at most 1'],
    ['color', 'green', 'it must be one of red, blue'],
    ['even', '3', 'it must be even'],
    ['name', 'abc', 'it is too long'],
    ['policy', '', 'it needs at least 1 element'],
    ['policy', 'a,c', 'its elements must be among a, b'],
    ['tags', 'a,,b', 'an element is empty'],
    ['size', '0', 'it must be at least 1'],
    ['size', '5 parsecs', 'it must be a whole number with one of the units B, KiB, MiB, GiB, TiB'],
    ['wait', 'soon', 'it must be a whole number with one of the units ms, s, m, h, d'],
  ])('%s = %j: %s', (name, text, message) => {
    const expected = `Invalid value ${JSON.stringify(text)} for configuration ${name}: ${message}`
    expect(table.faults({ [name]: text })).toEqual([{ name, message: expected }])
  })

  it('of a key that nobody knows', () => {
    const message = 'colour is not a configuration that exists here'
    expect(table.faults({ colour: 'red' })).toEqual([{ name: 'colour', message }])
  })

  it('of an inert key says why it has no effect', () => {
    const message = 'relic has no effect here and can only be left at its default (7): it went away'
    expect(table.faults({ relic: '8' })).toEqual([{ name: 'relic', message }])
  })

  it('of a secret does not show it', () => {
    const [fault] = table.faults({ password: 'hunter2' })
    expect(fault?.message).toBe(
      'Invalid value its value for configuration password: it must be one of x',
    )
  })

  it('shows only the beginning of a long text', () => {
    const [fault] = table.faults({ color: 'g'.repeat(100_000) })
    expect(fault?.message.length).toBeLessThan(250)
  })

  it('comes with all others in one error', () => {
    const parse = (): unknown => table.parse({ color: 'green', ratio: '2', tags: 'fine' })
    expect(parse).toThrow(ConfigError)
    expect(parse).toThrow(
      'Invalid value "green" for configuration color: it must be one of red, blue; ' +
        'Invalid value "2" for configuration ratio: it must be at most 1',
    )
  })
})

describe('what is sound', () => {
  it('is kept, and the rest left out', () => {
    expect(table.sound({ color: 'green', ratio: '1', gone: 'x' })).toEqual({ ratio: '1' })
    const fine = { ratio: '1' }
    expect(table.sound(fine)).toBe(fine)
  })
})
