import type { TypeOf } from '../schema/index.ts'
import {
  array,
  bool,
  errorCode,
  float64,
  request,
  response,
  string,
  throttleTimeMs,
  versions,
} from '../schema/index.ts'

/** Sets and removes quotas of users, client ids and addresses (KIP-546). */
export const AlterClientQuotasRequest = request(
  49,
  'AlterClientQuotas',
  versions('0-1', { flexible: '1+' }),
  {
    entries: array({
      entity: array({
        entityType: string(),
        /** Null for the default. */
        entityName: string({ nullable: '0+' }),
      }),
      ops: array({
        /** For example "producer_byte_rate". */
        key: string(),
        value: float64(),
        remove: bool(),
      }),
    }),
    validateOnly: bool(),
  },
)
export interface AlterClientQuotasRequest extends TypeOf<typeof AlterClientQuotasRequest> {}

export const AlterClientQuotasResponse = response(
  49,
  'AlterClientQuotas',
  versions('0-1', { flexible: '1+' }),
  {
    throttleTimeMs: throttleTimeMs({ default: 0 }),
    entries: array({
      errorCode: errorCode(),
      errorMessage: string({ nullable: '0+' }),
      entity: array({
        entityType: string(),
        entityName: string({ nullable: '0+' }),
      }),
    }),
  },
)
export interface AlterClientQuotasResponse extends TypeOf<typeof AlterClientQuotasResponse> {}
