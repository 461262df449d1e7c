import type { TypeOf } from '../schema/index.ts'
import {
  array,
  bool,
  errorCode,
  offset,
  partitionIndex,
  request,
  response,
  sizeBytes,
  string,
  throttleTimeMs,
  topicName,
  versions,
} from '../schema/index.ts'

const DescribableLogDirTopic = {
  topic: topicName(),
  partitions: array(partitionIndex()),
}

export const DescribeLogDirsRequest = request(
  35,
  'DescribeLogDirs',
  versions('0-4', { flexible: '2+' }),
  {
    topics: array(DescribableLogDirTopic, { nullable: '0+' }),
  },
)
export interface DescribeLogDirsRequest extends TypeOf<typeof DescribeLogDirsRequest> {}

export const DescribeLogDirsResponse = response(
  35,
  'DescribeLogDirs',
  versions('0-4', { flexible: '2+' }),
  {
    throttleTimeMs: throttleTimeMs({ default: 0 }),
    errorCode: errorCode({ versions: '3+', ignorable: true }),
    results: array({
      errorCode: errorCode(),
      logDir: string(),
      topics: array({
        name: topicName(),
        partitions: array({
          partitionIndex: partitionIndex(),
          partitionSize: sizeBytes(),
          offsetLag: offset(),
          isFutureKey: bool(),
        }),
      }),
      totalBytes: sizeBytes({ versions: '4+', default: -1, ignorable: true }),
      usableBytes: sizeBytes({ versions: '4+', default: -1, ignorable: true }),
    }),
  },
)
export interface DescribeLogDirsResponse extends TypeOf<typeof DescribeLogDirsResponse> {}
