export { CompressionError, compress, decompress } from './compression/index.ts'
export { type ErrorName, errorByCode, errors, type KafkaError } from './errors.ts'
export {
  peekRequestKind,
  type RequestHeader,
  type RequestKind,
  readRequestHeader,
  readResponseHeader,
  requestHeaderVersion,
  responseHeaderVersion,
  writeRequestHeader,
  writeResponseHeader,
} from './header.ts'
export * from './messages/index.ts'
export { ProtocolError } from './protocol-error.ts'
export { MAX_LONG, MAX_STRING_BYTES, Reader, type ReaderOptions } from './reader.ts'
export * from './records/index.ts'
export * from './schema/index.ts'
export { type ByteSource, REFERENCE_MIN_BYTES, Writer } from './writer.ts'
