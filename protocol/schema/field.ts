import type { Uuid } from '../../kit/index.ts'
import type { ByteSource } from '../writer.ts'
import type { VersionRange } from './version-range.ts'

/** How a value stands on the wire. Lengths are compact or not by message and version, never by field. */
export type Wire =
  | { readonly kind: Exclude<keyof WireValues, 'records' | 'bytes'> }
  | { readonly kind: 'bytes' | 'records' }
  | { readonly kind: 'array'; readonly element: Wire }
  | { readonly kind: 'struct'; readonly fields: Fields }

/** What each leaf is once it is decoded. `safeInt64` and `clampedInt64` are int64 read as numbers. */
export interface WireValues {
  int8: number
  int16: number
  uint16: number
  int32: number
  int64: bigint
  safeInt64: number
  clampedInt64: number
  float64: number
  bool: boolean
  string: string
  uuid: Uuid
  bytes: Buffer
  records: Buffer
}

export type LeafKind = keyof WireValues

export interface FieldOptions<Value = unknown> {
  /** Versions that have the field, in Kafka's notation; all of the message's when left out. */
  readonly versions?: string
  /** Versions in which the field may be null. */
  readonly nullable?: string
  /** Value of the field where a version lacks it and where a writer leaves it out. */
  readonly default?: Value | null
  /** Number of the tagged field (KIP-482). */
  readonly tag?: number
  /** True when a value may be dropped silently in a version that lacks the field. */
  readonly ignorable?: boolean
  /** True when the value is a secret: kept out of logs and of the history. */
  readonly sensitive?: boolean
}

/** What a field's codec is compiled from. */
export interface FieldSpec {
  readonly wire: Wire
  readonly versions: VersionRange
  readonly nullable: VersionRange | null
  readonly defaultValue: unknown
  /** True when a writer may leave the field out. */
  readonly optional: boolean
  readonly tag: number | null
  readonly ignorable: boolean
  readonly sensitive: boolean
}

/**
 * One field of a message. `Read` is its type once decoded, `Write` what may be given for encoding,
 * `Optional` whether it may be left out then; the three exist for the compiler only.
 */
export interface Field<Read = unknown, Write = unknown, Optional extends boolean = boolean> {
  readonly spec: FieldSpec
  readonly types?: { readonly read: Read; readonly write: Write; readonly optional: Optional }
}

/** A struct's fields in the order of the wire. Also what an array of structs is declared with. */
export interface Fields {
  readonly [name: string]: Field
}

export type NoOptions = Record<never, never>

export type ReadOf<F> = F extends Field<infer Read, infer _Write, infer _Optional> ? Read : never
export type WriteOf<F> = F extends Field<infer _Read, infer Write, infer _Optional> ? Write : never

type OptionalNames<F extends Fields> = {
  [Name in keyof F]: F[Name] extends Field<infer _Read, infer _Write, infer Optional>
    ? Optional extends true
      ? Name
      : never
    : never
}[keyof F]

/** Decoded shape of a struct: every field is there in every version. */
export type StructOf<F extends Fields> = { readonly [Name in keyof F]: ReadOf<F[Name]> }

/** What may be given for encoding a struct. */
export type EncodableStruct<F extends Fields> = {
  readonly [Name in Exclude<keyof F, OptionalNames<F>>]: WriteOf<F[Name]>
} & { readonly [Name in OptionalNames<F>]?: WriteOf<F[Name]> | undefined }

/** A field may be left out where it has a default, or a version lacks it. */
export type IsOptional<O> = O extends { default: unknown }
  ? true
  : O extends { versions: string }
    ? true
    : false

export type OrNull<Value, O> = O extends { nullable: string } ? Value | null : Value

export type LeafField<Kind extends LeafKind, O> = Field<
  OrNull<WireValues[Kind], O>,
  OrNull<Kind extends 'bytes' | 'records' ? ByteSource : WireValues[Kind], O>,
  IsOptional<O>
>
