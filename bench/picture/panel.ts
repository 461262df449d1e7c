/** Some height of the picture, drawn from its own top. */
export interface Panel {
  readonly heightPx: number
  readonly elements: readonly string[]
}

export const WIDTH_PX = 880
export const MARGIN_PX = 30
export const RIGHT_PX: number = WIDTH_PX - MARGIN_PX
