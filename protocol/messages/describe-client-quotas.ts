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

export const DescribeClientQuotasRequest = request(
  48,
  'DescribeClientQuotas',
  versions('0-1', { flexible: '1+' }),
  {
    components: array({
      entityType: string(),
      matchType: int8(),
      match: string({ nullable: '0+' }),
    }),
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
