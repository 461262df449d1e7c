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

/** How large the replicas in each log directory are (KIP-113). */
export const DescribeLogDirsRequest = request(
  35,
  'DescribeLogDirs',
  versions('0-4', { flexible: '2+' }),
  {
    /** Null for all. */
    topics: array(DescribableLogDirTopic, { nullable: '0+' }),
  },
)
export interface DescribeLogDirsRequest extends TypeOf<typeof DescribeLogDirsRequest> {}

/** From version 4 on with the size of the whole volume (KIP-827). */
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
          /** How far a replica that is being moved here is behind. */
          offsetLag: offset(),
          /** True for the copy that is being moved here. */
          isFutureKey: bool(),
        }),
      }),
      /** Of the volume; -1 for unknown. */
      totalBytes: sizeBytes({ versions: '4+', default: -1, ignorable: true }),
      usableBytes: sizeBytes({ versions: '4+', default: -1, ignorable: true }),
    }),
  },
)
export interface DescribeLogDirsResponse extends TypeOf<typeof DescribeLogDirsResponse> {}
