import { describe, expect, expectTypeOf, it } from 'vitest'
import type { Uuid } from '../../kit/index.ts'
import { ProtocolError } from '../protocol-error.ts'
import { MAX_LONG, Reader } from '../reader.ts'
import type { ByteSource } from '../writer.ts'
import { Writer } from '../writer.ts'
import type { Encodable, Field, Message, TypeOf } from './index.ts'
import {
  array,
  bool,
  bytes,
  codec,
  data,
  int8,
  int16,
  int32,
  int64,
  offset,
  records,
  request,
  string,
  struct,
  uuid,
  versions,
} from './index.ts'

function encode<M extends Message>(message: M, version: number, value: Encodable<M>): string {
  const writer = new Writer()
  codec(message, version).write(writer, value)
  return Buffer.concat(writer.finish()).toString('hex')
}

function decode<M extends Message>(message: M, version: number, hex: string): TypeOf<M> {
  return codec(message, version).read(new Reader(Buffer.from(hex, 'hex'))) as TypeOf<M>
}

/** The ProtocolError that an action throws. */
function errorOf(action: () => unknown): ProtocolError {
  try {
    action()
  } catch (error) {
    if (error instanceof ProtocolError) return error
    throw error
  }
  throw new Error('nothing was thrown')
}

describe('one shape for all versions', () => {
  const Person = data('Person', versions('0-2'), {
    name: string(),
    age: int16({ versions: '1+', default: -1 }),
    nick: string({ versions: '2+', nullable: '2+', default: null, ignorable: true }),
    children: array({ name: string() }, { versions: '2+' }),
  })

  it('gives what a version lacks its default', () => {
    expect(decode(Person, 0, '000161')).toEqual({ name: 'a', age: -1, nick: null, children: [] })
  })

  it('writes the default of what is left out', () => {
    expect(encode(Person, 2, { name: 'a' })).toBe('000161ffffffff00000000')
  })

  it('refuses to lose a value that the version cannot carry', () => {
    const error = errorOf(() => encode(Person, 0, { name: 'a', age: 3 }))
    expect(error.message).toBe(
      'Person v0 age: this version lacks the field, its value would be lost',
    )
    expect(errorOf(() => encode(Person, 1, { name: 'a', children: [{ name: 'b' }] })).path).toBe(
      'children',
    )
  })

  it('loses nothing when the value is the default, and ignorable values silently', () => {
    expect(encode(Person, 0, { name: 'a', age: -1, nick: 'b', children: [] })).toBe('000161')
  })

  it('demands fields that have no default', () => {
    const error = errorOf(() => encode(Person, 0, {} as Encodable<typeof Person>))
    expect(error.message).toBe('Person v0 name: no value given')
  })

  it('compiles a version once, and only versions that are declared', () => {
    expect(codec(Person, 1)).toBe(codec(Person, 1))
    expect(() => codec(Person, 3)).toThrow(new RangeError('Person has no version 3'))
  })
})

describe('null', () => {
  const Note = data('Note', versions('0-1', { flexible: '1+' }), {
    text: string({ nullable: '1+' }),
    lines: array(int8(), { nullable: '1+' }),
    body: bytes({ nullable: '1+' }),
  })

  it('is written and read where the version allows it', () => {
    expect(encode(Note, 1, { text: null, lines: null, body: null })).toBe('00000000')
    expect(decode(Note, 1, '00000000')).toEqual({ text: null, lines: null, body: null })
  })

  it.each([
    ['text', { text: null, lines: [], body: Buffer.alloc(0) }, 'ffff'],
    ['lines', { text: '', lines: null, body: Buffer.alloc(0) }, '0000ffffffff'],
    ['body', { text: '', lines: [], body: null }, '000000000000ffffffff'],
  ])('is refused elsewhere: %s', (path, value, hex) => {
    const reason = 'null where the version forbids it'
    expect(errorOf(() => encode(Note, 0, value))).toMatchObject({ path, reason })
    expect(errorOf(() => decode(Note, 0, hex))).toMatchObject({ path, reason })
  })
})

describe('tagged fields', () => {
  const Tagged = data('Tagged', versions('0', { flexible: '0+' }), {
    second: int8({ tag: 5, default: 0 }),
    first: string({ versions: '0+', tag: 2, nullable: '0+', default: null }),
    inner: struct(
      { a: int8({ default: 7 }), list: array(int8(), { default: [] }) },
      { tag: 9, versions: '0+' },
    ),
  })

  it('are written in ascending order, and not at all when they are the default', () => {
    expect(encode(Tagged, 0, { second: 1, first: 'x', inner: { a: 7 } })).toBe(
      '02020202780501' + '01',
    )
    expect(encode(Tagged, 0, { inner: { a: 8 } })).toBe('0109' + '03' + '080100')
  })

  it('are read in any order, unknown ones skipped by their length', () => {
    expect(decode(Tagged, 0, '03' + '050101' + '0703aabbcc' + '02020278')).toEqual({
      second: 1,
      first: 'x',
      inner: { a: 7, list: [] },
    })
  })

  it('must be as long as announced', () => {
    expect(errorOf(() => decode(Tagged, 0, '0105020100'))).toMatchObject({
      path: 'tags.second',
      reason: '1 bytes left over',
    })
    expect(errorOf(() => decode(Tagged, 0, '010201040102'))).toMatchObject({ path: 'tags.first' })
  })

  it('are bounded in number and in length', () => {
    expect(errorOf(() => decode(Tagged, 0, 'ffff03')).reason).toBe('65535 tagged fields')
    expect(errorOf(() => decode(Tagged, 0, '0107ffffffff0f')).reason).toMatch(
      /bytes expected, 0 left/,
    )
  })
})

describe('the path of an error', () => {
  const Deep = request(99, 'Deep', versions('0'), {
    topics: array({ partitions: array({ index: int32(), bits: array(int8()) }) }),
  })

  it('names the field that could not be read', () => {
    const error = errorOf(() =>
      decode(Deep, 0, '00000001' + '00000001' + '00000005' + '00000004' + '0000'),
    )
    expect(error.message).toBe(
      'DeepRequest v0 topics[0].partitions[0].bits: 4 elements announced, 2 bytes left',
    )
    expect(error).toMatchObject({ messageName: 'DeepRequest', version: 0 })
  })

  it('names the field that could not be written', () => {
    const value = { topics: [{ partitions: [{ index: 1, bits: [1, 200] }] }] }
    expect(errorOf(() => encode(Deep, 0, value)).path).toBe('topics[0].partitions[0].bits[1]')
  })
})

describe('a declaration that cannot be right fails when it is loaded', () => {
  const declare = (field: Field, flexible?: string): unknown =>
    data('Wrong', versions('1-3', flexible === undefined ? {} : { flexible }), { field })

  it.each([
    ['a range backwards', () => int8({ versions: '3-1' })],
    ['no range at all', () => int8({ versions: 'all' })],
    ['a field in no version', () => declare(int8({ versions: '4+' }))],
    ['a field that ended before', () => declare(int8({ versions: '0' }))],
    ['null outside of its versions', () => declare(string({ versions: '2+', nullable: '1+' }))],
    ['a tag without flexible versions', () => declare(int8({ tag: 0 }))],
    ['a tag before flexible versions', () => declare(int8({ tag: 0, versions: '1+' }), '2+')],
    ['null by default, never nullable', () => declare(string({ default: null }))],
    ['a default that does not fit', () => declare(int8({ default: 200 }))],
    ['a default that is no safe integer', () => declare(offset({ default: 2 ** 60 }))],
    ['options on the element', () => declare(array(int8({ versions: '2+' })))],
    ['versions without end', () => data('Wrong', versions('0+'), {})],
    ['no such stable version', () => data('Wrong', versions('0-1', { latestStable: 2 }), {})],
    [
      'a tag twice',
      () =>
        data('Wrong', versions('0', { flexible: '0+' }), {
          a: int8({ tag: 0 }),
          b: int8({ tag: 0 }),
        }),
    ],
    [
      'a struct of structs without end',
      () => {
        let field: Field = int8()
        for (let depth = 0; depth < 12; depth++) field = struct({ field })
        return declare(field)
      },
    ],
  ])('%s', (_title, declaration) => {
    expect(declaration).toThrow(TypeError)
  })
})

describe('types follow from the declaration', () => {
  const Typed = data('Typed', versions('0-1'), {
    plain: int32(),
    id: uuid(),
    big: int64(),
    maybe: string({ nullable: '0+' }),
    later: bool({ versions: '1+' }),
    usual: offset({ default: MAX_LONG }),
    batch: records({ nullable: '0+' }),
    list: array({ name: string() }, { nullable: '0+', default: null }),
  })
  type Read = TypeOf<typeof Typed>
  type Given = Encodable<typeof Typed>

  it('decoded: every field, null only where some version allows it', () => {
    expectTypeOf<Read['plain']>().toEqualTypeOf<number>()
    expectTypeOf<Read['id']>().toEqualTypeOf<Uuid>()
    expectTypeOf<Read['big']>().toEqualTypeOf<bigint>()
    expectTypeOf<Read['maybe']>().toEqualTypeOf<string | null>()
    expectTypeOf<Read['later']>().toEqualTypeOf<boolean>()
    expectTypeOf<Read['batch']>().toEqualTypeOf<Buffer | null>()
    expectTypeOf<Read['list']>().toEqualTypeOf<readonly { readonly name: string }[] | null>()
  })

  it('given: what has a default, or lacks a version, may be left out', () => {
    expectTypeOf<Given['batch']>().toEqualTypeOf<ByteSource | null>()
    expectTypeOf<{ plain: 1; id: ''; big: 0n; maybe: null; batch: null }>().toExtend<Given>()
    expectTypeOf<{ plain: 1; id: ''; big: 0n; batch: null }>().not.toExtend<Given>()
    expectTypeOf<{ plain: null; id: ''; big: 0n; maybe: null; batch: null }>().not.toExtend<Given>()
  })
})
