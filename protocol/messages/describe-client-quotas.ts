import type { TypeOf } from '../schema/index.ts'
import {
  array,
  bool,
  errorCode,
  float64,
  int8,
  request,
  response,
  string,
  throttleTimeMs,
  versions,
} from '../schema/index.ts'

const EntryData = {
  entity: array({
    entityType: string(),
    entityName: string({ nullable: '0+' }),
  }),
  values: array({
    key: string(),
    value: float64(),
  }),
}

/** Lists quotas by users, client ids and addresses (KIP-546). */
export const DescribeClientQuotasRequest = request(
  48,
  'DescribeClientQuotas',
  versions('0-1', { flexible: '1+' }),
  {
    components: array({
      /** "user", "client-id" or "ip". */
      entityType: string(),
      /** 0: this name, 1: the default, 2: any name. */
      matchType: int8(),
      match: string({ nullable: '0+' }),
    }),
    /** True leaves out entities that have more parts than asked for. */
    strict: bool(),
  },
)
export interface DescribeClientQuotasRequest extends TypeOf<typeof DescribeClientQuotasRequest> {}

export const DescribeClientQuotasResponse = response(
  48,
  'DescribeClientQuotas',
  versions('0-1', { flexible: '1+' }),
  {
    throttleTimeMs: throttleTimeMs({ default: 0 }),
    errorCode: errorCode(),
    errorMessage: string({ nullable: '0+' }),
    entries: array(EntryData, { nullable: '0+' }),
  },
)
export interface DescribeClientQuotasResponse extends TypeOf<typeof DescribeClientQuotasResponse> {}
