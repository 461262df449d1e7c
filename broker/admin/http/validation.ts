import type { ErrorObject, ValidateFunction } from 'ajv'
import { Ajv } from 'ajv'
import addFormats from 'ajv-formats'
import type { FastifySchemaCompiler, FastifySchemaValidationError } from 'fastify'
import type { TSchema } from 'typebox'
import type { ProblemPart } from './problem.ts'

const COMMON = { strict: true, allowUnionTypes: true, removeAdditional: false } as const

/**
 * A body is what its sender wrote: nothing is converted, and what the schema does not know is
 * refused. It stops at the first fault, because a large body could have very many.
 */
const ofBodies = withFormats(new Ajv({ ...COMMON, useDefaults: true }))

/** All that comes in an address or a header is text and becomes what the schema asks for. */
const ofTexts = withFormats(
  new Ajv({ ...COMMON, useDefaults: true, coerceTypes: 'array', allErrors: true }),
)

function withFormats(ajv: Ajv): Ajv {
  // The package is CommonJS, whose types put the function under `default` once more.
  const add = addFormats as unknown as (ajv: Ajv) => Ajv
  add(ajv)
  const known = ajv.formats['date-time'] as { readonly validate: (text: string) => boolean }
  // The package takes offsets without minutes and leap seconds, of which Date makes no time at all.
  const validate = (text: string): boolean =>
    known.validate(text) && !Number.isNaN(Date.parse(text))
  return ajv.addFormat('date-time', { validate })
}

/** Compiles a schema when its first request comes: compiling all of them takes a tenth of a second. */
export const validatorCompiler: FastifySchemaCompiler<TSchema> = ({ schema, httpPart }) => {
  let compiled: ValidateFunction | undefined
  return (data: unknown) => {
    compiled ??= (httpPart === 'body' ? ofBodies : ofTexts).compile(schema)
    return compiled(data) || { error: compiled.errors ?? [] }
  }
}

/** Most faults that one answer names. */
const MAX_PARTS = 20

/** What a validator found, as parts of a problem document. */
export function partsOf(
  faults: readonly FastifySchemaValidationError[],
  context: string,
): readonly ProblemPart[] {
  return faults.slice(0, MAX_PARTS).map((fault) => partOf(fault as ErrorObject, context))
}

function partOf(
  { instancePath, keyword, params, message }: ErrorObject,
  context: string,
): ProblemPart {
  const named: unknown = params.additionalProperty ?? params.missingProperty
  const path = typeof named === 'string' ? `${instancePath}/${named}` : instancePath
  const where = context === 'body' ? `body${path}` : path.slice(1).replaceAll('/', '.') || context
  return { where, detail: detailOf(keyword, params, message) }
}

function detailOf(
  keyword: string,
  params: Record<string, unknown>,
  message: string | undefined,
): string {
  switch (keyword) {
    case 'additionalProperties':
      return 'is not known'
    case 'required':
      return 'is missing'
    case 'enum':
      return `must be one of ${[params.allowedValues].flat().join(', ')}`
    case 'const':
      return `must be ${params.allowedValue}`
    default:
      return message ?? 'is not valid'
  }
}
