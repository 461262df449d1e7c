export {
  array,
  bool,
  bytes,
  float64,
  int8,
  int16,
  int32,
  int64,
  records,
  string,
  struct,
  uint16,
  uuid,
} from './builders.ts'
export { codec } from './codec.ts'
export * from './domain.ts'
export type { Field, FieldSpec, Fields, LeafKind, Wire } from './field.ts'
export {
  type Codec,
  data,
  type Encodable,
  isFlexible,
  type Message,
  type MessageKind,
  type MessageVersions,
  request,
  response,
  type TypeOf,
  versions,
} from './message.ts'
export { EVERY_VERSION, inRange, OPEN_END, type VersionRange } from './version-range.ts'
