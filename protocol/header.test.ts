import { describe, expect, it } from 'vitest'
import {
  ApiVersionsRequest,
  ApiVersionsResponse,
  MetadataRequest,
  MetadataResponse,
  OffsetDeleteRequest,
  ProtocolError,
  peekRequestKind,
  Reader,
  readRequestHeader,
  readResponseHeader,
  requestHeaderVersion,
  responseHeaderVersion,
  Writer,
  writeRequestHeader,
  writeResponseHeader,
} from './index.ts'

const readerOf = (hex: string): Reader => new Reader(Buffer.from(hex.replaceAll(' ', ''), 'hex'))

function written(write: (writer: Writer) => void): string {
  const writer = new Writer()
  write(writer)
  return Buffer.concat(writer.finish()).toString('hex')
}

describe('header versions', () => {
  it.each([
    ['Metadata', MetadataRequest, 8, 1],
    ['Metadata', MetadataRequest, 9, 2],
    ['ApiVersions', ApiVersionsRequest, 3, 2],
    ['OffsetDelete, never flexible', OffsetDeleteRequest, 0, 1],
    ['ControlledShutdown', { ...MetadataRequest, apiKey: 7 }, 0, 0],
  ] as const)('request %s: %#', (_name, message, apiVersion, headerVersion) => {
    expect(requestHeaderVersion(message, apiVersion)).toBe(headerVersion)
  })

  it('a response has tagged fields from its first flexible version on', () => {
    expect(responseHeaderVersion(MetadataResponse, 8)).toBe(0)
    expect(responseHeaderVersion(MetadataResponse, 9)).toBe(1)
  })

  it('but ApiVersions never, so that every client can read it', () => {
    expect(
      [0, 1, 2, 3, 4].map((version) => responseHeaderVersion(ApiVersionsResponse, version)),
    ).toEqual([0, 0, 0, 0, 0])
  })
})

describe('request header', () => {
  const header = { apiKey: 3, apiVersion: 12, correlationId: 7, clientId: 'me' }

  it.each([
    [0, '0003 000c 00000007', { ...header, clientId: null }],
    [1, '0003 000c 00000007 0002 6d65', header],
    [2, '0003 000c 00000007 0002 6d65 00', header],
  ] as const)('v%i, the client id never compact', (version, hex, value) => {
    expect(readRequestHeader(readerOf(hex), version)).toEqual(value)
    expect(written((writer) => writeRequestHeader(writer, version, value))).toBe(
      hex.replaceAll(' ', ''),
    )
  })

  it('may lack a client id', () => {
    expect(readRequestHeader(readerOf('0003 0001 00000007 ffff'), 1).clientId).toBeNull()
    const nobody = { ...header, clientId: null }
    expect(written((writer) => writeRequestHeader(writer, 1, nobody))).toMatch(/ffff$/)
  })

  it('skips tagged fields of the future', () => {
    const reader = readerOf('0003 000c 00000007 0000 01 05 02 aabb cc')
    expect(readRequestHeader(reader, 2).clientId).toBe('')
    expect(reader.remaining).toBe(1)
  })

  it('can be looked at before its version is known', () => {
    const reader = readerOf('0003 000c 00000007')
    expect(peekRequestKind(reader)).toEqual({ apiKey: 3, apiVersion: 12 })
    expect(reader.position).toBe(0)
    expect(() => peekRequestKind(readerOf('000300'))).toThrow(ProtocolError)
  })

  it.each([
    '',
    '0003',
    '0003 000c 00000007',
    '0003 000c 00000007 0005 61',
    '0003 000c 00000007 fffe',
  ])('cut short or broken: %j', (hex) => {
    expect(() => readRequestHeader(readerOf(hex), 2)).toThrow(ProtocolError)
  })

  it('refuses more tagged fields than anybody sends', () => {
    expect(() => readRequestHeader(readerOf('0003 000c 00000007 0000 8108'), 2)).toThrow(
      '1025 tagged fields',
    )
  })
})

describe('response header', () => {
  it.each([
    [0, '00000007'],
    [1, '0000000700'],
  ] as const)('v%i', (version, hex) => {
    expect(readResponseHeader(readerOf(hex), version)).toBe(7)
    expect(written((writer) => writeResponseHeader(writer, version, 7))).toBe(hex)
  })
})
