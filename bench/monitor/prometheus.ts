import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Writer } from 'protobufjs/minimal.js'
import { compress } from 'snappy'
import { systemClock } from '../../kit/index.ts'
import { freePorts } from '../target/free-ports.ts'
import type { Dataset } from './dataset.ts'

/** A Prometheus of its own, that takes samples by remote write. */
export interface PeerPrometheus {
  readonly url: string
  write(data: Dataset, fromMs: number, fromStep: number, toStep: number): Promise<void>
  memoryBytes(): number
  stop(): Promise<void>
}

const SERIES_PER_REQUEST = 2_000
const READY_TIMEOUT_MS = 30_000

export async function startPrometheus(directory: string): Promise<PeerPrometheus> {
  const config = join(directory, 'prometheus.yml')
  writeFileSync(config, 'scrape_configs: []\n')
  const [port = 0] = await freePorts(1)
  const child = spawn(
    'prometheus',
    [
      ...['--config.file', config, '--storage.tsdb.path', join(directory, 'prometheus')],
      ...['--web.listen-address', `127.0.0.1:${port}`, '--log.level', 'error'],
      '--web.enable-remote-write-receiver',
    ],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  )
  const ended = once(child, 'exit')
  const url = `http://127.0.0.1:${port}`
  await untilReady(url)
  return {
    url,
    write: (data, fromMs, fromStep, toStep) => writeSamples(url, data, fromMs, fromStep, toStep),
    memoryBytes: () => residentBytes(child.pid ?? 0),
    async stop() {
      child.kill('SIGTERM')
      await ended
    },
  }
}

/** What of a process is in memory (proc(5)). */
export function residentBytes(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? 0) * 1024
}

async function writeSamples(
  url: string,
  data: Dataset,
  fromMs: number,
  fromStep: number,
  toStep: number,
): Promise<void> {
  for (let first = 0; first < data.series.length; first += SERIES_PER_REQUEST) {
    const writer = Writer.create()
    const last = Math.min(first + SERIES_PER_REQUEST, data.series.length)
    for (let at = first; at < last; at++) writeSeries(writer, data, at, fromMs, fromStep, toStep)
    const body = await compress(Buffer.from(writer.finish()))
    const answer = await fetch(`${url}/api/v1/write`, {
      method: 'POST',
      body: new Uint8Array(body),
      headers: {
        'content-encoding': 'snappy',
        'content-type': 'application/x-protobuf',
        'x-prometheus-remote-write-version': '0.1.0',
      },
    })
    if (!answer.ok) throw new Error(`Prometheus: ${answer.status} ${await answer.text()}`)
  }
}

/** prometheus.TimeSeries of prompb/types.proto in its sources: labels = 1, samples = 2 {value = 1, timestamp = 2}. */
function writeSeries(
  writer: Writer,
  data: Dataset,
  at: number,
  fromMs: number,
  fromStep: number,
  toStep: number,
): void {
  writer.uint32(10).fork()
  for (const [name, value] of Object.entries(data.series[at] ?? {}))
    writer.uint32(10).fork().uint32(10).string(name).uint32(18).string(value).ldelim()
  for (let step = fromStep; step < toStep; step++) {
    writer.uint32(18).fork()
    writer.uint32(9).double(data.valueAt(at, step))
    writer.uint32(16).int64(fromMs + step * data.stepMs)
    writer.ldelim()
  }
  writer.ldelim()
}

async function untilReady(url: string): Promise<void> {
  const deadline = systemClock.monotonicMs() + READY_TIMEOUT_MS
  for (;;) {
    const answer = await fetch(`${url}/-/ready`).catch(() => null)
    if (answer?.ok === true) return
    if (systemClock.monotonicMs() > deadline) throw new Error('Prometheus was not ready in time')
    await once(spawn('sleep', ['0.1']), 'exit')
  }
}
