/**
 * A preload (`node --import ./bench/telemetry/without-metrics.ts`) that takes out of the broker what
 * counts: latency of requests by stage, errors, clients, append times, samples of compression. Its own
 * code has no such switch.
 */

import { TopicTrafficTable } from '../../broker/handlers/index.ts'
import { AppendTimes } from '../../broker/log/index.ts'
import { ClientTable, LatencyHistogram, ResponseErrors } from '../../broker/network/index.ts'

const nothing = (): void => {}

LatencyHistogram.prototype.record = nothing
ResponseErrors.prototype.countData = nothing
ResponseErrors.prototype.countAny = nothing
AppendTimes.prototype.note = nothing

const { others } = new ClientTable({ now: () => 0, monotonicMs: () => 0 }, 0)
ClientTable.prototype.move = () => others
ClientTable.prototype.leave = nothing

const { compression } = new TopicTrafficTable()
Object.getPrototypeOf(compression).offer = nothing
