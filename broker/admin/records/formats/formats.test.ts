import fc from 'fast-check'
import protobuf from 'protobufjs'
import { describe, expect, it } from 'vitest'
import type { Json } from '../../../../audit/index.ts'
import { seededRandom } from '../../../../kit/index.ts'
import type { FormatChoice } from './codec-of.ts'
import { codecOf } from './codec-of.ts'
import { UnfitValue } from './value-codec.ts'

const ORDER = JSON.stringify({
  type: 'record',
  name: 'Order',
  fields: [
    { name: 'id', type: 'long' },
    { name: 'note', type: ['null', 'string'], default: null },
    { name: 'tags', type: { type: 'array', items: 'string' } },
    { name: 'raw', type: 'bytes' },
  ],
})
const PROTO = `syntax = "proto3";
package shop;
import "google/protobuf/timestamp.proto";
message Order {
  enum State { OPEN = 0; PAID = 1; }
  int64 id = 1;
  State state = 2;
  repeated Line lines = 3;
  google.protobuf.Timestamp at = 4;
}
message Line { string sku = 1; bytes raw = 2; }`

const avro: FormatChoice = { format: 'avro', schema: ORDER }
const proto: FormatChoice = { format: 'protobuf', schema: PROTO, message: 'shop.Order' }

describe('values that are sent are shown as they were', () => {
  const roundTrips: readonly (readonly [string, FormatChoice, Json])[] = [
    ['text', { format: 'text' }, 'grüße'],
    ['text of nothing', { format: 'text' }, ''],
    ['json', { format: 'json' }, { a: [1, 2.5, null, 'x'], b: { c: true } }],
    ['hex', { format: 'hex' }, '00ff10'],
    ['base64', { format: 'base64' }, 'AP8Q'],
    ['auto, an object', { format: 'auto' }, { a: 1 }],
    ['auto, a text', { format: 'auto' }, 'a line\nand a tab\t'],
    ['avro', avro, { id: 7, note: { string: 'x' }, tags: ['a', 'b'], raw: '\u0000\u00ff' }],
    [
      'avro, a long beyond 2^53',
      avro,
      { id: '9223372036854775807', note: null, tags: [], raw: '' },
    ],
    [
      'protobuf',
      proto,
      {
        id: '9223372036854775807',
        state: 'PAID',
        lines: [{ sku: 'x', raw: 'AP8=' }],
        at: { seconds: '5' },
      },
    ],
  ]
  it.each(roundTrips)('%s', (_name, choice, value) => {
    const codec = codecOf(choice)
    expect(codec.decode(codec.encode(value))).toMatchObject({ data: value })
    expect(codec.decode(codec.encode(value))).not.toHaveProperty('fault')
  })
})

describe('bytes are shown as what they are', () => {
  const shown: readonly (readonly [string, FormatChoice, Buffer, Json])[] = [
    ['auto: JSON', { format: 'auto' }, Buffer.from(' {"a":1}'), { format: 'json', data: { a: 1 } }],
    ['auto: nearly JSON', { format: 'auto' }, Buffer.from('{a}'), { format: 'text', data: '{a}' }],
    ['auto: not UTF-8', { format: 'auto' }, Buffer.from([0xff]), { format: 'hex', data: 'ff' }],
    [
      'auto: control characters',
      { format: 'auto' },
      Buffer.from([0]),
      { format: 'hex', data: '00' },
    ],
    [
      'integers beyond 2^53 keep their digits',
      { format: 'json' },
      Buffer.from('{"id":9007199254740993,"n":12,"x":1e300}'),
      { format: 'json', data: { id: '9007199254740993', n: 12, x: 1e300 } },
    ],
    [
      'avro behind the header of a registry',
      { format: 'avro', schema: '"int"', framing: 'schema-registry' },
      Buffer.from([0, 0, 0, 0, 9, 4]),
      { format: 'avro', data: 2 },
    ],
    [
      'protobuf behind the header of a registry, first message',
      { ...proto, framing: 'schema-registry' },
      Buffer.from([0, 0, 0, 0, 9, 0, 8, 5]),
      { format: 'protobuf', data: { id: '5' } },
    ],
    [
      'protobuf behind the header of a registry, with a path',
      { ...proto, framing: 'schema-registry' },
      Buffer.from([0, 0, 0, 0, 9, 4, 2, 0, 8, 5]),
      { format: 'protobuf', data: { id: '5' } },
    ],
  ]
  it.each(shown)('%s', (_name, choice, bytes, expected) => {
    expect(codecOf(choice).decode(bytes)).toEqual(expected)
  })

  const unfit: readonly (readonly [string, FormatChoice, Buffer])[] = [
    ['text', { format: 'text' }, Buffer.from([0xc3])],
    ['json', { format: 'json' }, Buffer.from('{')],
    ['avro, too short', avro, Buffer.from([2])],
    ['avro, bytes left over', { format: 'avro', schema: '"int"' }, Buffer.from([2, 2])],
    ['avro, no such branch', { format: 'avro', schema: '["null","int"]' }, Buffer.from([8])],
    ['protobuf', proto, Buffer.from([0x1a, 0x7f])],
    [
      'no header',
      { format: 'avro', schema: '"int"', framing: 'schema-registry' },
      Buffer.from([2]),
    ],
  ]
  it.each(unfit)('what is not %s is shown in hex, with the reason', (_name, choice, bytes) => {
    expect(codecOf(choice).decode(bytes)).toEqual({
      format: 'hex',
      data: bytes.toString('hex'),
      fault: expect.any(String),
    })
  })
})

describe('hostile bytes', () => {
  it('cannot make Avro believe a count: two billion items in six bytes', () => {
    const lists = codecOf({ format: 'avro', schema: '{"type":"array","items":"string"}' })
    expect(lists.decode(Buffer.from([0xfe, 0xff, 0xff, 0xff, 0x0f, 0]))).toHaveProperty('fault')
    const nulls = codecOf({ format: 'avro', schema: '{"type":"array","items":"null"}' })
    expect(nulls.decode(Buffer.from([0xfe, 0xff, 0xff, 0xff, 0x0f, 0]))).toHaveProperty('fault')
  })

  it('cannot nest without end', () => {
    const schema = '{"type":"record","name":"L","fields":[{"name":"next","type":["null","L"]}]}'
    const shown = codecOf({ format: 'avro', schema }).decode(Buffer.alloc(100_000, 2))
    expect(shown).toHaveProperty('fault')
  })

  it('never throw, whatever they are', () => {
    const codecs = [
      avro,
      proto,
      { ...proto, framing: 'schema-registry' } as const,
      { format: 'auto' } as const,
    ].map(codecOf)
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        for (const codec of codecs) expect(codec.decode(Buffer.from(bytes))).toHaveProperty('data')
      }),
      { numRuns: 500, seed: 1 },
    )
  })

  it('are walked to the same end that the library finds', () => {
    const random = seededRandom(7)
    const codec = codecOf(avro)
    for (let round = 0; round < 200; round++) {
      const value = {
        id: round - 100,
        note: round % 2 ? null : { string: 'n'.repeat(round) },
        tags: Array.from({ length: round % 5 }, () => random.bytes(3).toString('hex')),
        raw: 'x',
      }
      expect(codec.decode(codec.encode(value))).toEqual({ format: 'avro', data: value })
    }
  })
})

describe('a schema or a value that does not fit', () => {
  it.each<readonly [string, FormatChoice]>([
    ['avro without a schema', { format: 'avro' }],
    ['no JSON', { format: 'avro', schema: 'x' }],
    ['an unknown type', { format: 'avro', schema: '"x"' }],
    ['no proto', { format: 'protobuf', schema: 'x' }],
    ['an unknown message', { format: 'protobuf', schema: PROTO, message: 'shop.None' }],
    ['several messages and none named', { format: 'protobuf', schema: PROTO }],
    [
      'an import that is not given',
      { format: 'protobuf', schema: 'syntax = "proto3"; import "x.proto"; message M {}' },
    ],
    [
      'a type that is not there',
      { format: 'protobuf', schema: 'syntax = "proto3"; message M { X x = 1; }' },
    ],
  ])('%s', (_name, choice) => {
    expect(() => codecOf(choice)).toThrow(UnfitValue)
  })

  it.each<readonly [string, FormatChoice, Json]>([
    ['odd hex', { format: 'hex' }, 'abc'],
    ['hex that is none', { format: 'hex' }, 12],
    ['base64 that is none', { format: 'base64' }, '%%%%'],
    ['an avro record without a field', avro, { id: 1 }],
    ['an avro long that is none', avro, { id: 'x', note: null, tags: [], raw: '' }],
    ['a message that is a list', proto, []],
    ['a field that is misspelled', proto, { idd: '1' }],
    ['a field within that is misspelled', proto, { lines: [{ skuu: 'x' }] }],
  ])('%s', (_name, choice, value) => {
    expect(() => codecOf(choice).encode(value)).toThrow(UnfitValue)
  })

  it('takes the only message of a schema without being told', () => {
    const schema = 'syntax = "proto3"; message Only { string a = 1; }'
    const codec = codecOf({ format: 'protobuf', schema })
    const { root } = protobuf.parse(schema)
    const bytes = Buffer.from(root.lookupType('Only').encode({ a: 'x' }).finish())
    expect(codec.decode(bytes).data).toEqual({ a: 'x' })
  })
})

/** A record of two records of two records and so on: none of them has a byte. */
function doubled(depth: number): object {
  const inner = depth === 1 ? 'null' : doubled(depth - 1)
  const again = depth === 1 ? 'null' : `R${depth - 1}`
  const fields = [inner, again].map((type, index) => ({
    ...{ name: `f${index}`, type },
    default: depth === 1 ? null : {},
  }))
  return { type: 'record', name: `R${depth}`, fields }
}

describe('Avro schemas that stand for very many values', () => {
  it('fit when these are not too many', () => {
    const codec = codecOf({ format: 'avro', schema: JSON.stringify(doubled(2)) })
    const empty = { f0: null, f1: null }
    expect(codec.decode(Buffer.alloc(0)).data).toEqual({ f0: empty, f1: empty })
    expect(codec.encode({})).toHaveLength(0)
  })

  it('do not fit when they would fill the memory', () => {
    const codec = codecOf({ format: 'avro', schema: JSON.stringify(doubled(60)) })
    expect(codec.decode(Buffer.alloc(0)).fault).toMatch(/more values than the bytes can be/)
  })
})

describe('a schema that would hold everybody up', () => {
  const many = (count: number, text: (index: number) => string): string =>
    Array.from({ length: count }, (_, index) => text(index)).join('')
  const record = (name: string, fields: readonly object[]): object => ({
    ...{ type: 'record', name },
    fields,
  })
  const fields = (count: number, type: unknown = 'int'): readonly object[] =>
    Array.from({ length: count }, (_, index) => ({ name: `f${index}`, type }))
  const lists = (depth: number): object | string =>
    depth === 0 ? 'int' : { type: 'array', items: lists(depth - 1) }

  it.each<readonly [string, FormatChoice['format'], string]>([
    ['1000 fields', 'avro', JSON.stringify(record('R', fields(1001)))],
    [
      '500 types',
      'avro',
      JSON.stringify(Array.from({ length: 501 }, (_, index) => record(`R${index}`, []))),
    ],
    ['256 levels', 'avro', JSON.stringify(lists(300))],
    ['49152 characters', 'avro', `"int"${' '.repeat(49_152)}`],
    ['1000 fields', 'protobuf', `message M {${many(1001, (i) => `M f${i} = ${i + 1};`)}}`],
    ['1000 fields', 'protobuf', `message M { reserved ${many(1001, (i) => `${i + 9},`)}5; }`],
    ['500 types', 'protobuf', many(501, (i) => `message M${i} {}`)],
    ['256 levels', 'protobuf', `${'message M {'.repeat(257)}${'}'.repeat(257)}`],
    ['49152 characters', 'protobuf', `message M {}${' '.repeat(49_152)}`],
  ])('has more than %s of %s', (what, format, schema) => {
    expect(() => codecOf({ format, schema })).toThrow(`the schema has more than ${what}`)
  })

  it.each([
    ['doubles them at each level', doubled(12)],
    ['has itself', record('R', [{ name: 'r', type: 'R', default: {} }])],
    [
      'has very many in a list',
      record('R', [{ name: 'l', type: lists(1), default: Array(1001).fill(1) }]),
    ],
    [
      'has them in a branch of a union',
      record('R', [{ name: 'u', type: [doubled(12), 'null'], default: {} }]),
    ],
    [
      'has them in a map of a type that has another name',
      record('R', [
        { name: 'first', type: record('Q', [{ name: 'x', type: doubled(9), default: {} }]) },
        { name: 'm', type: { type: 'map', values: 'Q' }, default: { a: {}, b: {} } },
      ]),
    ],
  ])('is read but not written when its default %s', (_what, schema) => {
    const codec = codecOf({ format: 'avro', schema: JSON.stringify(schema) })
    expect(() => codec.encode({})).toThrow(/defaults of the schema stand for more than 1000 values/)
  })

  it('is written as long as what its defaults add is not too much', () => {
    const inner = record('Inner', [
      { name: 'l', type: lists(1), default: Array(200).fill(1) },
      { name: 'd', type: ['null', 'int'], default: null },
    ])
    const schema = JSON.stringify({ type: 'array', items: inner })
    const codec = codecOf({ format: 'avro', schema })
    expect(codec.decode(codec.encode([{}, { l: [] }])).data).toEqual([
      { l: Array(200).fill(1), d: null },
      { l: [], d: null },
    ])
    const large = Array.from({ length: 4000 }, () => ({}))
    const sizes: number[] = []
    expect(() => {
      for (let record = 0; record < 10; record++) sizes.push(codec.encode(large).length)
    }).toThrow('defaults of the schema could add more than 2000000 values')
    expect(sizes).toHaveLength(2)
  })
})
