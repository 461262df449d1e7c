import { expect, it } from 'vitest'
import { terminalText } from './terminal-text.ts'

it.each([
  ['orders of Zürich – 注文', 'orders of Zürich – 注文'],
  ['\u001B[2Jgone', '\u{FFFD}[2Jgone'],
  ['two\nlines\r\u0007', 'two\u{FFFD}lines\u{FFFD}\u{FFFD}'],
  ['\u009B31mred', '\u{FFFD}31mred'],
  ['\u202Eesrever', '\u{FFFD}esrever'],
])('leaves of %j what can be shown', (text, shown) => {
  expect(terminalText(text)).toBe(shown)
})
