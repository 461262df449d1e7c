import avro from 'avsc'
import { UnfitValue } from './value-codec.ts'

/** Values within values, beyond which a schema that contains itself is not followed. */
const MAX_DEPTH = 256
/** Items without bytes of their own: a list of nulls can claim any number of them. */
const MAX_EMPTY_ITEMS = 10_000
/** Values of all kinds: records that have others twice, and these others twice, need no bytes either. */
const MAX_EMPTY_VALUES = 10_000
const MAX_VALUES_PER_BYTE = 16

const FIXED_SIZES: Readonly<Record<string, number>> = { null: 0, boolean: 1, float: 4, double: 8 }

/**
 * Walks a value without keeping it, and throws an UnfitValue unless it fills the bytes exactly. The
 * library that decodes believes the counts that it reads: five bytes could make it fill the memory.
 */
export function checkAvroBounds(type: avro.Type, bytes: Buffer): void {
  const walk = new Walk(bytes)
  walk.value(type, 0)
  if (walk.position !== bytes.length) throw new UnfitValue('bytes are left after the value')
}

class Walk {
  readonly #bytes: Buffer
  #emptyItems = 0
  #valuesLeft: number
  position = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
    this.#valuesLeft = MAX_EMPTY_VALUES + bytes.length * MAX_VALUES_PER_BYTE
  }

  value(type: avro.Type, depth: number): void {
    if (depth > MAX_DEPTH) throw new UnfitValue(`more than ${MAX_DEPTH} values within each other`)
    if (this.#valuesLeft-- === 0) throw new UnfitValue('more values than the bytes can be')
    const { types } = avro
    if (type instanceof types.LogicalType) {
      this.value(type.underlyingType, depth)
    } else if (type instanceof types.RecordType) {
      for (const field of type.fields) this.value(field.type, depth + 1)
    } else if (type instanceof types.ArrayType) {
      this.#blocks(type.itemsType, false, depth)
    } else if (type instanceof types.MapType) {
      this.#blocks(type.valuesType, true, depth)
    } else if (type instanceof types.FixedType) {
      this.#skip(type.size)
    } else if (type instanceof types.WrappedUnionType || type instanceof types.UnwrappedUnionType) {
      const branch = type.types[this.#number()]
      if (!branch) throw new UnfitValue('a union has no such branch')
      this.value(branch, depth + 1)
    } else {
      this.#primitive(type.typeName)
    }
  }

  #primitive(typeName: string): void {
    const sizeBytes = FIXED_SIZES[typeName]
    if (sizeBytes !== undefined) {
      this.#skip(sizeBytes)
      return
    }
    // An int, a long or an enum is a number alone.
    const number = this.#number()
    if (typeName === 'string' || typeName === 'bytes') this.#skip(number)
  }

  /** Blocks of items, each with a count; a negative one is followed by the size of the block. */
  #blocks(items: avro.Type, hasKeys: boolean, depth: number): void {
    for (let count = this.#number(); count !== 0; count = this.#number()) {
      if (count < 0) {
        count = -count
        this.#number()
      }
      for (; count > 0; count--) {
        const start = this.position
        if (hasKeys) this.#skip(this.#number())
        this.value(items, depth + 1)
        if (this.position === start && ++this.#emptyItems > MAX_EMPTY_ITEMS) {
          throw new UnfitValue(`more than ${MAX_EMPTY_ITEMS} items without bytes`)
        }
      }
    }
  }

  #skip(sizeBytes: number): void {
    if (sizeBytes < 0 || sizeBytes > this.#bytes.length - this.position) {
      throw new UnfitValue('the bytes end within a value')
    }
    this.position += sizeBytes
  }

  /** A zigzag varint of at most ten bytes. Beyond 2^53 it is not exact, which no length or count needs. */
  #number(): number {
    let magnitude = 0
    let scale = 1
    for (let index = 0; index < 10; index++) {
      const byte = this.#bytes[this.position++]
      if (byte === undefined) throw new UnfitValue('the bytes end within a number')
      magnitude += (byte & 0x7f) * scale
      scale *= 0x80
      if (byte < 0x80) return magnitude % 2 === 0 ? magnitude / 2 : -(magnitude + 1) / 2
    }
    throw new UnfitValue('a number has no end')
  }
}
