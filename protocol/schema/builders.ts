import { ZERO_UUID } from '../../kit/index.ts'
import type {
  EncodableStruct,
  Field,
  FieldOptions,
  FieldSpec,
  Fields,
  IsOptional,
  LeafField,
  LeafKind,
  NoOptions,
  OrNull,
  ReadOf,
  StructOf,
  Wire,
  WireValues,
  WriteOf,
} from './field.ts'
import { EVERY_VERSION, parseVersionRange } from './version-range.ts'

type LeafBuilder<Kind extends LeafKind> = <
  const O extends FieldOptions<WireValues[Kind]> = NoOptions,
>(
  options?: O,
) => LeafField<Kind, O>

/** Makes the builder of one leaf kind, for the primitives below and for the domain scalars. */
export function leaf<Kind extends LeafKind>(kind: Kind): LeafBuilder<Kind> {
  return (options) => ({ spec: specOf({ kind } as Wire, options ?? {}, ZERO_VALUES[kind]) })
}

/** Value of a field without a default of its own where a version lacks it, by leaf kind. */
const ZERO_VALUES: { readonly [Kind in LeafKind]: unknown } = {
  int8: 0,
  int16: 0,
  uint16: 0,
  int32: 0,
  int64: 0n,
  safeInt64: 0,
  clampedInt64: 0,
  float64: 0,
  bool: false,
  string: '',
  uuid: ZERO_UUID,
  bytes: Buffer.alloc(0),
  records: null,
}

/** Shared by all decoded messages, hence frozen. */
const NO_ELEMENTS: readonly never[] = Object.freeze([])

export const int8 = leaf('int8')
export const int16 = leaf('int16')
export const uint16 = leaf('uint16')
export const int32 = leaf('int32')
/** An int64 whose bits all count: a bigint. Offsets, times and sizes have number forms in domain.ts. */
export const int64 = leaf('int64')
export const float64 = leaf('float64')
export const bool = leaf('bool')
export const string = leaf('string')
export const uuid = leaf('uuid')
/** Opaque bytes: a view into the frame when decoded. */
export const bytes = leaf('bytes')
/** Record batches or message sets, never decoded here: a view into the frame, or pieces to be sent. */
export const records = leaf('records')

type ElementRead<E> = E extends Field ? ReadOf<E> : E extends Fields ? StructOf<E> : never
type ElementWrite<E> = E extends Field ? WriteOf<E> : E extends Fields ? EncodableStruct<E> : never

/** An array of scalars (`array(int32())`) or of structs (`array({ ... })`). */
export function array<
  const E extends Field | Fields,
  const O extends FieldOptions<readonly ElementWrite<E>[]> = NoOptions,
>(
  element: E,
  options?: O,
): Field<
  OrNull<readonly ElementRead<E>[], O>,
  OrNull<readonly ElementWrite<E>[], O>,
  IsOptional<O>
> {
  const wire: Wire = { kind: 'array', element: elementWire(element) }
  return { spec: specOf(wire, options ?? {}, NO_ELEMENTS) }
}

/** One struct inside another. Its default, unless null, has the default of every field. */
export function struct<const F extends Fields, const O extends FieldOptions<never> = NoOptions>(
  fields: F,
  options?: O,
): Field<OrNull<StructOf<F>, O>, OrNull<EncodableStruct<F>, O>, IsOptional<O>> {
  return { spec: specOf({ kind: 'struct', fields }, options ?? {}, defaultStruct(fields)) }
}

/** The value a struct takes where a version lacks it. */
export function defaultStruct(fields: Fields): Readonly<Record<string, unknown>> {
  const value: Record<string, unknown> = {}
  for (const [name, field] of Object.entries(fields)) value[name] = field.spec.defaultValue
  return Object.freeze(value)
}

function elementWire(element: Field | Fields): Wire {
  if (!isField(element)) return { kind: 'struct', fields: element }
  const { spec } = element
  if (spec.versions !== EVERY_VERSION || spec.nullable !== null || spec.optional) {
    throw new TypeError('options belong to the array, not to its element')
  }
  return spec.wire
}

function isField(element: Field | Fields): element is Field {
  const spec: unknown = (element as Field).spec
  return typeof spec === 'object' && spec !== null && 'wire' in spec
}

function specOf(wire: Wire, options: FieldOptions, zeroValue: unknown): FieldSpec {
  const hasDefault = options.default !== undefined
  return {
    wire,
    versions: options.versions === undefined ? EVERY_VERSION : parseVersionRange(options.versions),
    nullable: options.nullable === undefined ? null : parseVersionRange(options.nullable),
    defaultValue: hasDefault ? options.default : zeroValue,
    optional: hasDefault || options.versions !== undefined,
    tag: options.tag ?? null,
    ignorable: options.ignorable ?? false,
    sensitive: options.sensitive ?? false,
  }
}
