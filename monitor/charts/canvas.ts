import { GLYPH_HEIGHT, GLYPH_WIDTH, hasPixel } from './glyphs.ts'

/** Pixels of indexed colours. What lies outside is cut off. */
export class Canvas {
  readonly width: number
  readonly height: number
  readonly pixels: Uint8Array

  /** All of it in the colour 0. */
  constructor(width: number, height: number) {
    this.width = width
    this.height = height
    this.pixels = new Uint8Array(width * height)
  }

  fill(left: number, top: number, width: number, height: number, color: number): void {
    const [x0, x1] = [Math.max(0, left), Math.min(this.width, left + width)]
    const [y0, y1] = [Math.max(0, top), Math.min(this.height, top + height)]
    for (let y = y0; y < y1; y++)
      if (x1 > x0) this.pixels.fill(color, y * this.width + x0, y * this.width + x1)
  }

  /** A straight line of square dots, `thickness` pixels wide. */
  line(x0: number, y0: number, x1: number, y1: number, thickness: number, color: number): void {
    const steps = Math.max(1, Math.ceil(Math.max(Math.abs(x1 - x0), Math.abs(y1 - y0))))
    const half = Math.floor(thickness / 2)
    for (let step = 0; step <= steps; step++) {
      const x = Math.round(x0 + ((x1 - x0) * step) / steps)
      const y = Math.round(y0 + ((y1 - y0) * step) / steps)
      this.fill(x - half, y - half, thickness, thickness, color)
    }
  }

  /** From its left upper corner, each pixel of a glyph being a square of `scale`. */
  text(text: string, left: number, top: number, scale: number, color: number): void {
    for (const [at, character] of [...text].entries()) {
      const from = left + at * (GLYPH_WIDTH + 1) * scale
      for (let y = 0; y < GLYPH_HEIGHT; y++)
        for (let x = 0; x < GLYPH_WIDTH; x++)
          if (hasPixel(character, x, y))
            this.fill(from + x * scale, top + y * scale, scale, scale, color)
    }
  }

  static textWidth(text: string, scale: number): number {
    return Math.max(0, ([...text].length * (GLYPH_WIDTH + 1) - 1) * scale)
  }
}
