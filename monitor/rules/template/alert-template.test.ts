import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Labels } from '../../promql/index.ts'
import { AlertTemplate } from './alert-template.ts'
import { TemplateError } from './lexer.ts'

function fill(text: string, value = 42): string {
  return new AlertTemplate(text).fill({
    labels: Labels.of({ __name__: 'up', instance: 'broker-1.example:9644', job: 'glasslog' }),
    value,
    externalLabels: { cluster: 'east' },
    externalUrl: 'http://monitor.example:8080/base',
    query: (expression) =>
      expression === 'empty'
        ? []
        : [
            { labels: Labels.of({ topic: 'b' }), value: 2 },
            { labels: Labels.of({ topic: 'a' }), value: 1 },
          ],
    nowMs: 0,
  })
}

describe('a template of an alert', () => {
  it.each([
    ['{{ $labels.job }} is at {{ $value }}', 'glasslog is at 42'],
    [
      '{{ .Labels.job }} {{ .Value }} {{ .ExternalLabels.cluster }} {{ $externalURL }}',
      'glasslog 42 east http://monitor.example:8080/base',
    ],
    ['no label: "{{ $labels.nothing }}"', 'no label: ""'],
    ['{{ $value | printf "%.1f%%" }}', '42.0%'],
    ['{{ printf "%5d|%-5s|%q|%05.1f" 7 "ab" "c" 3.14159 }}', '    7|ab   |"c"|003.1'],
    ['{{ if gt $value 40.0 }}high{{ else if gt $value 10.0 }}middle{{ else }}low{{ end }}', 'high'],
    ['{{ if and (gt $value 10.0) (lt $value 40.0) }}a{{ else }}b{{ end }}', 'b'],
    ['{{ range query "topics" }}{{ .Labels.topic }}={{ .Value }} {{ end }}', 'b=2 a=1 '],
    [
      '{{ range $i, $s := query "topics" | sortByLabel "topic" }}{{ $i }}:{{ $s | label "topic" }} {{ end }}',
      '0:a 1:b ',
    ],
    ['{{ range query "empty" }}x{{ else }}none{{ end }}', 'none'],
    ['{{ with query "topics" }}{{ . | first | value | humanize }}{{ end }}', '2'],
    ['{{ $x := 1 }}{{ if true }}{{ $x = 2 }}{{ end }}{{ $x }}', '2'],
    ['a {{- /* gone */ -}} b {{- " c" -}} d', 'ab cd'],
    [
      '{{ define "one" }}<{{ . }}>{{ end }}{{ template "one" $value }}{{ tmpl "one" "x" | toUpper }}',
      '<42><X>',
    ],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: Go's replacements look the same.
    ['{{ "a-b" | reReplaceAll "(.)-(.)" "$2-${1}" }} {{ match "^b" "abc" }}', 'b-a false'],
    [
      '{{ stripPort $labels.instance }} {{ stripDomain $labels.instance }} {{ title "lag high" }}',
      'broker-1.example broker-1:9644 Lag High',
    ],
    [
      '{{ externalURL }} {{ pathPrefix }} {{ graphLink "up == 0" }}',
      'http://monitor.example:8080/base /base http://monitor.example:8080/base/graph?g0.expr=up%20%3D%3D%200&g0.tab=0',
    ],
    [
      '{{ len "abc" }} {{ index $labels "job" }} {{ eq "a" "b" "a" }} {{ not true }}',
      '3 glasslog true false',
    ],
    ['{{ args 1 "x" | len }} {{ (index (query "topics") 1).Labels.topic }}', '2 a'],
  ])('%s', (text, filled) => {
    expect(fill(text)).toBe(filled)
  })

  it.each([
    ['humanize', 1_234_567, '1.235M'],
    ['humanize', 0.00123, '1.23m'],
    ['humanize', -999.95, '-1000'],
    ['humanize1024', 1_048_576, '1Mi'],
    ['humanizeDuration', 93_784, '1d 2h 3m 4s'],
    ['humanizeDuration', 65, '1m 5s'],
    ['humanizeDuration', 0.0125, '12.5ms'],
    ['humanizeDuration', -3.5, '-3.5s'],
    ['humanizePercentage', 0.1234567, '12.35%'],
    ['humanizeTimestamp', 1_435_065_584.128, '2015-06-23 13:19:44.128 +0000 UTC'],
    ['toDuration', 3_723.5, '1h2m3.5s'],
  ])('%s of %d', (name, value, text) => {
    expect(fill(`{{ ${name} $value }}`, value)).toBe(text)
    expect(fill(`{{ "${value}" | ${name} }}`)).toBe(text)
  })

  it.each([
    ['{{ $labels.job', /unexpected/],
    ['{{ nothing }}', /function "nothing" not defined/],
    ['{{ if true }}x', /\{\{if\}\} without \{\{end\}\}/],
    ['x{{ end }}', /unexpected \{\{end\}\}/],
    ['{{ }}', /missing value/],
    [`${'{{ if true }}'.repeat(150)}`, /nested deeper/],
  ])('%s cannot be read', (text, message) => {
    expect(() => new AlertTemplate(text)).toThrow(TemplateError)
    expect(() => new AlertTemplate(text)).toThrow(message)
  })

  it.each([
    ['{{ .Nothing }}', /can't evaluate field Nothing/],
    ['{{ query "empty" | first }}', /no elements/],
    ['{{ humanize "x" }}', /can't convert x to float/],
    ['{{ gt $value "x" }}', /incompatible types/],
    ['{{ template "nowhere" }}', /not defined/],
    ['{{ $nobody }}', /undefined variable/],
    [
      '{{ define "self" }}{{ template "self" }}{{ end }}{{ template "self" }}',
      /more than 100 deep/,
    ],
    ['{{ reReplaceAll "(" "" "x" }}', /missing closing/],
  ])('%s cannot be filled in', (text, message) => {
    expect(() => fill(text)).toThrow(TemplateError)
    expect(() => fill(text)).toThrow(message)
  })

  it('of any text gives text or a TemplateError', () => {
    const piece = fc.constantFrom(
      '{{',
      '}}',
      '{{-',
      '-}}',
      ' ',
      '$x',
      '.',
      '.A',
      '"a"',
      '1',
      'if',
      'end',
      'range',
      'else',
      '|',
      '(',
      ')',
      ':=',
      ',',
      'len',
      'text',
    )
    fc.assert(
      fc.property(
        fc.array(piece).map((all) => all.join('')),
        (text) => {
          try {
            fill(text)
          } catch (error) {
            expect(error).toBeInstanceOf(TemplateError)
          }
        },
      ),
      { seed: 3, numRuns: 5_000 },
    )
  })
})
