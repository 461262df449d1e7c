export const GLYPH_WIDTH = 5
export const GLYPH_HEIGHT = 7

/** Rows from top to bottom, each five pixels as a digit in base 32, the leftmost pixel first: `4` is the one in the middle. */
const ROWS: Readonly<Record<string, string>> = {
  '0': 'ehjlphe',
  '1': '4c4444e',
  '2': 'eh1248v',
  '3': 'v2421he',
  '4': '26aiv22',
  '5': 'vgu11he',
  '6': '68guhhe',
  '7': 'v124888',
  '8': 'ehhehhe',
  '9': 'ehhf12c',
  '.': '00000cc',
  ':': '0cc0cc0',
  '-': '000v000',
  '+': '044v440',
  '%': 'op248j3',
  k: 'ggikoki',
  M: 'hrllhhh',
  G: 'ehgnhhf',
  T: 'v444444',
  P: 'uhhuggg',
  E: 'vgguggv',
  m: '00qlllh',
  u: '00hhhjd',
  n: '00mphhh',
  e: '00ehvge',
}

/** Whether the glyph of a character has a pixel there; characters without a glyph are blank. */
export function hasPixel(character: string, x: number, y: number): boolean {
  const row = Number.parseInt(ROWS[character]?.[y] ?? '0', 32)
  return ((row >> (GLYPH_WIDTH - 1 - x)) & 1) === 1
}
