import { Labels, METRIC_NAME } from '../promql/index.ts'
import { SharedTexts } from './shared-texts.ts'

/** What is told of a metric beside its samples. */
export type MetadataKind = 'type' | 'help' | 'unit'

/**
 * Takes what a text of metrics says, in its order. Texts are parts of it: whoever keeps one copies it.
 * `line` counts from 1, for errors about what the reader takes apart itself.
 */
export interface ExpositionReader {
  /** `series` is the name with its labels as they stand there, by which a series is known again the next time. */
  sample(series: string, value: number, timestampMs: number | null, line: number): void
  exemplar(
    series: string,
    labels: string,
    value: number,
    timestampMs: number | null,
    line: number,
  ): void
  metadata(kind: MetadataKind, metric: string, text: string): void
}

/** What a target sent is no text of metrics. `line` counts from 1. */
export class ExpositionError extends Error {
  readonly line: number

  constructor(line: number, message: string) {
    super(`line ${line}: ${message}`)
    this.name = 'ExpositionError'
    this.line = line
  }
}

export type ExpositionFormat = 'prometheus' | 'openmetrics'

/** Which format a target says that it sends; anything unknown is read as Prometheus' own, as Prometheus 2 did. */
export function formatOf(contentType: string | null): ExpositionFormat {
  return contentType?.includes('application/openmetrics-text') === true
    ? 'openmetrics'
    : 'prometheus'
}

/** A target that never ends a line must not make us keep all of it. */
const MAX_LINE_LENGTH = 1024 * 1024

/**
 * Reads Prometheus' text format (0.0.4, and 1.0.0 with quoted names) or OpenMetrics 1.0, in pieces as they come, which
 * may end anywhere.
 */
export class ExpositionParser {
  readonly #format: ExpositionFormat
  readonly #reader: ExpositionReader
  #line = 0
  /** A line of which the end has not come yet. */
  #begun = ''
  #isEnded = false

  constructor(format: ExpositionFormat, reader: ExpositionReader) {
    this.#format = format
    this.#reader = reader
  }

  /** @throws ExpositionError at the first line that is of neither format */
  read(piece: string): void {
    this.#begun += piece
    // What was begun before has no end, and is not looked through again for each of many small pieces.
    if (piece.includes('\n')) this.#begun = this.#readLines(this.#begun)
    if (this.#begun.length > MAX_LINE_LENGTH)
      throw new ExpositionError(this.#line + 1, `longer than ${MAX_LINE_LENGTH} characters`)
  }

  /** Reads the last line, when nothing ended it. @throws ExpositionError when it is wrong, or there is no end where one has to be */
  end(): void {
    if (this.#begun !== '') this.#readLine(this.#begun, 0, this.#begun.length)
    this.#begun = ''
    if (this.#format === 'openmetrics' && !this.#isEnded)
      throw new ExpositionError(this.#line + 1, 'no # EOF at the end')
  }

  /** Answers what is left behind the last end of a line. */
  #readLines(text: string): string {
    let at = 0
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', at)) {
      this.#readLine(text, at, end)
      at = end + 1
    }
    return text.slice(at)
  }

  #readLine(text: string, at: number, end: number): void {
    this.#line++
    if (this.#isEnded) throw new ExpositionError(this.#line, 'something behind # EOF')
    if (text.charCodeAt(at) === HASH)
      this.#isEnded = readComment(text.slice(at, end), this.#format, this.#reader)
    else if (end > at) readSample(text, at, end, this.#line, this.#format, this.#reader)
  }
}

const HASH = 0x23
const SPACE = 0x20
const QUOTE = 0x22
const BACKSLASH = 0x5c
const OPEN = 0x7b
const CLOSE = 0x7d

/** Whether it is the end of the text. */
function readComment(line: string, format: ExpositionFormat, reader: ExpositionReader): boolean {
  if (format === 'openmetrics' && line.trimEnd() === '# EOF') return true
  const found = /^#\s+(HELP|TYPE|UNIT)\s+("(?:[^"\\]|\\.)*"|\S+)\s?(.*)$/.exec(line)
  if (found !== null) {
    const [, kind = '', metric = '', text = ''] = found
    const name = metric.startsWith('"') ? unquote(metric) : metric
    reader.metadata(
      kind.toLowerCase() as MetadataKind,
      name,
      kind === 'HELP' ? unescapeHelp(text) : text.trim(),
    )
  }
  return false
}

function readSample(
  text: string,
  from: number,
  end: number,
  line: number,
  format: ExpositionFormat,
  reader: ExpositionReader,
): void {
  const start = skipSpaces(text, from, end)
  if (start === end) return
  const seriesEnd = endOfSeries(text, start, end, line)
  const series = text.slice(start, seriesEnd)
  const whole = wholeNumber(text, seriesEnd, end)
  if (whole !== null) {
    reader.sample(series, whole, null, line)
    return
  }
  const sampleEnd = format === 'openmetrics' ? endOfSample(text, seriesEnd, end) : end
  const [value, timestampMs] = readValue(text.slice(seriesEnd, sampleEnd), format, line)
  reader.sample(series, value, timestampMs, line)
  if (sampleEnd < end) readExemplar(series, text.slice(sampleEnd + 3, end), line, reader)
}

const ZERO = 0x30
const NINE = 0x39
/** Of so many digits every number is exact. */
const MAX_DIGITS = 15

/** What most samples are, read without making texts of it: a space and digits up to the end of the line. Null for anything else. */
function wholeNumber(text: string, from: number, end: number): number | null {
  const digits = end - from - 1
  if (text.charCodeAt(from) !== SPACE || digits < 1 || digits > MAX_DIGITS) return null
  let value = 0
  for (let at = from + 1; at < end; at++) {
    const code = text.charCodeAt(at)
    if (code < ZERO || code > NINE) return null
    value = value * 10 + (code - ZERO)
  }
  return value
}

/** Where an exemplar begins, or the line ends. Never looks beyond the line: a text has very many of them. */
function endOfSample(text: string, from: number, end: number): number {
  for (let at = from; at + 2 < end; at++) {
    if (text.charCodeAt(at + 1) !== HASH) continue
    if (text.charCodeAt(at) === SPACE && text.charCodeAt(at + 2) === SPACE) return at
  }
  return end
}

/** Behind the closing brace, or where the name ends. */
function endOfSeries(text: string, start: number, end: number, line: number): number {
  let at = start
  while (at < end) {
    const code = text.charCodeAt(at)
    if (code === OPEN) return endOfLabels(text, at + 1, end, line)
    if (code === SPACE || code === 0x09) {
      const next = skipSpaces(text, at, end)
      return text.charCodeAt(next) === OPEN ? endOfLabels(text, next + 1, end, line) : at
    }
    at++
  }
  throw new ExpositionError(line, 'a series without a value')
}

function endOfLabels(text: string, from: number, end: number, line: number): number {
  let quoted = false
  for (let at = from; at < end; at++) {
    const code = text.charCodeAt(at)
    if (quoted && code === BACKSLASH) at++
    else if (code === QUOTE) quoted = !quoted
    else if (!quoted && code === CLOSE) return at + 1
  }
  throw new ExpositionError(line, 'labels without a closing brace')
}

function readValue(
  text: string,
  format: ExpositionFormat,
  line: number,
): [value: number, timestampMs: number | null] {
  const [valueText = '', timeText, ...more] = text.trim().split(/[ \t]+/)
  const value = parseValue(valueText)
  if (value === null || more.length > 0)
    throw new ExpositionError(line, `no value: ${abbreviated(text.trim())}`)
  if (timeText === undefined) return [value, null]
  const time = parseValue(timeText)
  if (time === null || !Number.isFinite(time))
    throw new ExpositionError(line, `no timestamp: ${abbreviated(timeText)}`)
  return [value, Math.round(format === 'openmetrics' ? time * 1000 : time)]
}

function readExemplar(series: string, text: string, line: number, reader: ExpositionReader): void {
  const end = text.startsWith('{') ? endOfLabels(text, 1, text.length, line) : 0
  if (end === 0) throw new ExpositionError(line, 'an exemplar without labels')
  const [value, timestampMs] = readValue(text.slice(end), 'openmetrics', line)
  reader.exemplar(series, text.slice(0, end), value, timestampMs, line)
}

function parseValue(text: string): number | null {
  if (/^[+-]?\d/.test(text) || /^[+-]?\.\d/.test(text)) {
    const value = Number(text)
    return Number.isNaN(value) ? null : value
  }
  switch (text.toLowerCase()) {
    case 'nan':
      return Number.NaN
    case '+inf':
    case 'inf':
      return Number.POSITIVE_INFINITY
    case '-inf':
      return Number.NEGATIVE_INFINITY
    default:
      return null
  }
}

const METRIC = /^[a-zA-Z_:][\w:]*$/
const LABEL = /\s*(?:([a-zA-Z_]\w*)|("(?:[^"\\]|\\.)*"))\s*(?:=\s*("(?:[^"\\]|\\.)*"))?\s*(,|$)/y

/**
 * The labels of a series as it stands in a text, with the metric's name among them.
 * @throws ExpositionError for a name that is none, or a label that is there twice
 */
export function parseSeries(series: string, line: number): Labels {
  const open = series.indexOf('{')
  const name = (open < 0 ? series : series.slice(0, open)).trim()
  const labels = new Map<string, string>()
  if (name !== '') {
    if (!METRIC.test(name))
      throw new ExpositionError(line, `no name of a metric: ${abbreviated(name)}`)
    labels.set(METRIC_NAME, copied(name))
  }
  if (open >= 0) parseLabelsInto(labels, series.slice(open + 1, -1), line)
  if (!labels.has(METRIC_NAME))
    throw new ExpositionError(line, `a series without a name: ${abbreviated(series)}`)
  return Labels.from(labels)
}

/** The labels of an exemplar: no name among them. */
export function parseExemplarLabels(text: string, line: number): Labels {
  const labels = new Map<string, string>()
  parseLabelsInto(labels, text.slice(1, -1), line)
  return Labels.from(labels)
}

function parseLabelsInto(labels: Map<string, string>, text: string, line: number): void {
  LABEL.lastIndex = 0
  while (LABEL.lastIndex < text.length && text.slice(LABEL.lastIndex).trim() !== '') {
    const at = LABEL.lastIndex
    const found = LABEL.exec(text)
    const [, plain, quoted, value] = found ?? []
    const name = plain ?? (quoted === undefined ? undefined : unquote(quoted))
    if (name === undefined)
      throw new ExpositionError(line, `no label: ${abbreviated(text.slice(at))}`)
    if (value === undefined) {
      // A quoted name alone is the metric's.
      if (quoted === undefined)
        throw new ExpositionError(line, `a label without a value: ${abbreviated(name)}`)
      setOnce(labels, METRIC_NAME, name, line)
    } else {
      setOnce(labels, name, unquote(value), line)
    }
  }
}

function setOnce(labels: Map<string, string>, name: string, value: string, line: number): void {
  if (labels.has(name))
    throw new ExpositionError(line, `the label ${abbreviated(name)} is there twice`)
  labels.set(copied(name), copied(value))
}

function unquote(text: string): string {
  return text
    .slice(1, -1)
    .replace(/\\(.)/gs, (_, escaped: string) => (escaped === 'n' ? '\n' : escaped))
}

function unescapeHelp(text: string): string {
  return text.replace(/\\([n\\])/g, (_, escaped: string) => (escaped === 'n' ? '\n' : '\\'))
}

/** A part of a string keeps all of it in memory: here, everything that a target sent. */
const texts = new SharedTexts()

function copied(text: string): string {
  return texts.of(text)
}

function skipSpaces(text: string, from: number, end: number): number {
  let at = from
  while (
    at < end &&
    (text.charCodeAt(at) === SPACE || text.charCodeAt(at) === 0x09 || text.charCodeAt(at) === 0x0d)
  )
    at++
  return at
}

function abbreviated(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}...` : text)
}
